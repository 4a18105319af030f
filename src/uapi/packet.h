// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Headers on the wire as tables, read off packet.def. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum packet_form { PACKET_NUM, PACKET_MAC, PACKET_IP4, PACKET_IP6 };
enum packet_fill {
	PACKET_NONE,
	PACKET_NEXT,
	PACKET_LENGTH,
	PACKET_INNER,
	PACKET_WORDS,
	PACKET_SUM,
};

struct packet_field {
	const char *name;
	uint16_t bit, bits; /* from the first bit of the header, most significant first */
	enum packet_form form;
	enum packet_fill fill;
	uint64_t init; /* of an IP6: what is added to 2001:db8:: */
};

#define LAYER(name, bytes) PACKET_##name,
#define FIELD(...)
#define NEXT(...)
#define END
enum packet_layer_id {
#include "uapi/packet.def"
	PACKET_LAYERS,
};
#undef LAYER
#undef FIELD
#undef NEXT
#undef END

struct packet_layer {
	const char *name;
	uint32_t bytes;
	struct packet_field fields[16]; /* ended by one without name */
};

struct packet_next {
	enum packet_layer_id of, layer;
	uint32_t value;
};

extern const struct packet_layer packet_layers[PACKET_LAYERS];
extern const struct packet_next packet_nexts[];
extern const size_t packet_nr_nexts;

/* -1: there is none of that name. */
int packet_layer_find(const char *name, size_t len);
/* Of a layer; NULL: it has none of that name. */
const struct packet_field *packet_field_find(unsigned int layer, const char *name, size_t len);
