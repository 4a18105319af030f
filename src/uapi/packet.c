// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of packet.def. */
#include "uapi/packet.h"

#include <string.h>

#define LAYER(name, bytes) [PACKET_##name] = { #name, bytes, {
#define FIELD(name, bit, bits, form, fill, init)                                                   \
	{ #name, bit, bits, PACKET_##form, PACKET_##fill, init },
#define NEXT(...)
#define END                                                                                        \
	}                                                                                          \
	}                                                                                          \
	,
const struct packet_layer packet_layers[PACKET_LAYERS] = {
#include "uapi/packet.def"
};
#undef LAYER
#undef FIELD
#undef NEXT
#undef END

#define LAYER(...)
#define FIELD(...)
#define NEXT(of, value, layer) { PACKET_##of, PACKET_##layer, value },
#define END
const struct packet_next packet_nexts[] = {
#include "uapi/packet.def"
};
#undef LAYER
#undef FIELD
#undef NEXT
#undef END

const size_t packet_nr_nexts = sizeof(packet_nexts) / sizeof(packet_nexts[0]);

static int is(const char *have, const char *name, size_t len)
{
	return strlen(have) == len && memcmp(have, name, len) == 0;
}

int packet_layer_find(const char *name, size_t len)
{
	for (int i = 0; i < PACKET_LAYERS; i++)
		if (is(packet_layers[i].name, name, len))
			return i;
	return -1;
}

const struct packet_field *packet_field_find(unsigned int layer, const char *name, size_t len)
{
	for (const struct packet_field *f = packet_layers[layer].fields; f->name; f++)
		if (is(f->name, name, len))
			return f;
	return NULL;
}
