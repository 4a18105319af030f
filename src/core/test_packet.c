// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The packets of tests: what was read becomes bytes. */
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/packet.h"
#include "core/pcap.h"
#include "core/prog.h"
#include "core/test_priv.h"
#include "uapi/names.h"

#define SHORTEST 60 /* bytes of an Ethernet frame, without its check sum */

bool test_takes_packet(uint32_t type)
{
	return prog_run_takes_data(type) || type == UAPI_PROG_sk_skb ||
	       type == UAPI_PROG_sk_reuseport || type == UAPI_PROG_sk_msg;
}

/* Values of all layers lie in one array, which the parts point into. */
static void to_parts(const struct test_item *it, struct packet_part *parts,
		     struct packet_value *values)
{
	for (uint32_t i = 0; i < it->nr_layers; i++) {
		const struct test_layer *l = &it->layers[i];

		parts[i] = (struct packet_part){ .values = values };
		if (l->layer < 0) {
			parts[i].bytes = l->bytes;
			parts[i].len = l->nr_bytes;
			continue;
		}
		parts[i].layer = (enum packet_layer_id)l->layer;
		for (uint32_t k = 0; k < l->n; k++) {
			const struct test_field *f = &l->fields[k];

			*values++ = (struct packet_value){
				.field = packet_field_find((unsigned int)l->layer, f->name,
							   strlen(f->name)),
				.num = num_bits(f->value.num),
				.text = f->value.kind == TEST_NUM ? NULL : f->value.text,
			};
			parts[i].nr_values++;
		}
	}
}

static int build(const struct test_item *it, struct buf *to, struct err *e)
{
	auto_free struct packet_part *parts = xcalloc(it->nr_layers + 1, sizeof(*parts));
	auto_free struct packet_value *values = NULL;
	size_t n = 0, bad;
	int value;

	for (uint32_t i = 0; i < it->nr_layers; i++)
		n += it->layers[i].n;
	values = xcalloc(n + 1, sizeof(*values));
	to_parts(it, parts, values);
	return packet_build(parts, it->nr_layers, to, &bad, &value, e);
}

/* A capture stands beside the file of tests. */
static int from_capture(const struct test_job *j, const struct test_item *it, struct buf *to,
			struct err *e)
{
	const char *slash = strrchr(j->tests->path, '/');
	auto_free char *path = *it->name == '/' || !slash
				       ? xstrdup(it->name)
				       : xasprintf("%.*s%s", (int)(slash + 1 - j->tests->path),
						   j->tests->path, it->name);

	return pcap_packet(path, it->count, to, e);
}

int test_packet(const struct test_job *j, const struct test_item *it, struct buf *to, struct err *e)
{
	int r;

	if (!it) { /* a test that does not care gets the shortest frame there is */
		const struct test_layer layers[] = {
			{ .layer = PACKET_eth },
			{ .layer = -1,
			  .bytes = (const char[SHORTEST - 14]){},
			  .nr_bytes = SHORTEST - 14 },
		};
		const struct test_item usual = { .layers = (struct test_layer *)(uintptr_t)layers,
						 .nr_layers = 2 };

		return build(&usual, to, e);
	}
	if (it->unchanged) {
		buf_add(to, j->packet.data, j->packet.len);
		return 0;
	}
	if (it->name)
		return from_capture(j, it, to, e);
	r = build(it, to, e);
	if (r == 0 && it->is_first && it->count > to->len)
		return err_input(e, "the packet has %zu bytes, and no first %u", to->len,
				 it->count);
	if (r == 0 && it->is_first)
		to->len = it->count;
	return r;
}
