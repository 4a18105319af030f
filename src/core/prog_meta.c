// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a program says of itself: its variables named bpf_metadata_x. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec.h"
#include "core/err.h"
#include "core/map.h"
#include "core/map_codec.h"
#include "core/mem.h"
#include "core/prog.h"
#include "core/val.h"
#include "uapi/names.h"

#define PREFIX "bpf_metadata_"

static int take_metadata(struct val *globals, struct val *meta)
{
	for (size_t i = 0; globals->kind == V_MAP && i < globals->seq.n; i++) {
		const char *name = globals->seq.keys[i];

		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		meta->kind = V_MAP;
		if (val_put(meta, name + strlen(PREFIX), &globals->seq.v[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Globals that cannot change are an array of one element, with BTF. */
static int read_map(uint32_t id, struct val *meta, struct err *e)
{
	auto_val struct val globals = { .kind = V_NULL };
	auto_map_codec struct map_codec codec = {};
	auto_map struct map m = MAP_INIT;
	auto_free void *value = NULL;
	uint32_t key = 0;
	int r = map_open_id(&m, id, e);

	if (r < 0 || m.info.type != UAPI_MAP_array || !m.info.btf_id || m.info.max_entries != 1 ||
	    !strstr(m.info.name, ".rodata"))
		return r;
	r = map_codec_open(&codec, &m, NULL, NULL, CODEC_TYPED, e);
	value = malloc(m.value_len);
	if (r == 0 && !value)
		r = err_code(e, ENOMEM, "cannot read map %u", id);
	if (r == 0)
		r = map_lookup(&m, &key, value, 0, e);
	if (r == 0 && codec_val(codec.value, value, m.info.value_size, &globals) < 0)
		r = err_code(e, ENOMEM, "cannot read map %u", id);
	if (r == 0 && take_metadata(&globals, meta) < 0)
		r = err_code(e, ENOMEM, "cannot read map %u", id);
	return r;
}

void prog_metadata(const struct prog_info *i, struct val *meta)
{
	struct err ignored = {};

	*meta = (struct val){ .kind = V_NULL };
	for (uint32_t k = 0; k < i->nr_map_ids; k++)
		read_map(i->map_ids[k], meta, &ignored);
	err_clear(&ignored);
}
