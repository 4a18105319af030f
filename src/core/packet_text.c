// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets to text, and what tells two of them apart. */
#include <arpa/inet.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/packet_priv.h"

#define MAX_VALUES (PACKET_MAX_LAYERS * 16)
#define SHOWN_PAYLOAD 64 /* bytes of it in a text */

/* A header found in a packet. */
struct header {
	enum packet_layer_id layer;
	uint32_t at, bytes;
};

static uint32_t header_bytes(const struct packet_layer *layer, const uint8_t *header)
{
	uint32_t n;

	for (const struct packet_field *f = layer->fields; f->name; f++) {
		if (f->fill != PACKET_WORDS)
			continue;
		n = (uint32_t)packet_get_bits(header, f->bit, f->bits) * 4;
		return n > layer->bytes ? n : layer->bytes;
	}
	return layer->bytes;
}

/* The layer behind this one; -1: unknown, or fragments, whose rest is no header. */
static int next_layer(enum packet_layer_id id, const uint8_t *header)
{
	const struct packet_field *f = packet_layers[id].fields;
	uint64_t v;

	if (id == PACKET_ip4 && packet_get_bits(header, 51, 13))
		return -1;
	if (id == PACKET_vxlan)
		return PACKET_eth;
	while (f->name && f->fill != PACKET_NEXT)
		f++;
	if (!f->name)
		return -1;
	v = packet_get_bits(header, f->bit, f->bits);
	for (size_t i = 0; i < packet_nr_nexts; i++)
		if (packet_nexts[i].of == id && packet_nexts[i].value == v)
			return (int)packet_nexts[i].layer;
	return -1;
}

/* The headers that lie in the packet as a whole. */
static size_t find_headers(const uint8_t *data, size_t len, enum packet_layer_id first,
			   struct header h[PACKET_MAX_LAYERS])
{
	uint32_t at = 0;
	size_t n = 0;

	for (int id = (int)first; id >= 0 && n < PACKET_MAX_LAYERS - 1;) {
		const struct packet_layer *layer = &packet_layers[id];

		if (len - at < layer->bytes || len - at < header_bytes(layer, data + at))
			break;
		h[n++] = (struct header){ (enum packet_layer_id)id, at,
					  header_bytes(layer, data + at) };
		id = next_layer((enum packet_layer_id)id, data + at);
		at += h[n - 1].bytes;
	}
	return n;
}

static void add_value(struct buf *to, const struct packet_field *f, const uint8_t *header)
{
	const uint8_t *at = header + f->bit / 8;
	char text[INET6_ADDRSTRLEN];

	switch (f->form) {
	case PACKET_MAC:
		for (int i = 0; i < 6; i++)
			buf_addf(to, "%s%02x", i ? ":" : "", at[i]);
		break;
	case PACKET_IP4:
		buf_adds(to, inet_ntop(AF_INET, at, text, sizeof(text)));
		break;
	case PACKET_IP6:
		buf_adds(to, inet_ntop(AF_INET6, at, text, sizeof(text)));
		break;
	default:
		if (f->fill == PACKET_SUM || strcmp(f->name, "type") == 0)
			buf_addf(to, "0x%04x",
				 (unsigned int)packet_get_bits(header, f->bit, f->bits));
		else
			buf_add_u64(to, packet_get_bits(header, f->bit, f->bits));
	}
}

static bool same_field(const struct packet_field *f, const uint8_t *a, const uint8_t *b)
{
	for (unsigned int bit = f->bit; bit < f->bit + f->bits; bit++)
		if ((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

/* ---- text --------------------------------------------------------------------------------- */

/* The same packet with everything filled in that can be, to see what was given. */
static int rebuild(const uint8_t *data, size_t len, const struct header *h, size_t n,
		   struct buf *to)
{
	struct packet_part parts[PACKET_MAX_LAYERS] = {};
	struct packet_value values[PACKET_MAX_LAYERS] = {};
	uint32_t end = n ? h[n - 1].at + h[n - 1].bytes : 0;
	struct err ignored = {};
	size_t bad;
	int value, r;

	for (size_t i = 0; i < n; i++) {
		const struct packet_field *f = packet_layers[h[i].layer].fields;

		while (f->name && f->fill != PACKET_WORDS)
			f++;
		values[i] = (struct packet_value){ f, h[i].bytes / 4, NULL };
		parts[i] = (struct packet_part){ .layer = h[i].layer,
						 .values = &values[i],
						 .nr_values = f->name ? 1 : 0 };
	}
	parts[n].bytes = data + end;
	parts[n].len = len - end;
	r = packet_build(parts, n + (len > end), to, &bad, &value, &ignored);
	err_clear(&ignored);
	return r;
}

static void add_payload(struct buf *to, const uint8_t *data, size_t len)
{
	size_t shown = len > SHOWN_PAYLOAD ? SHOWN_PAYLOAD : len;
	bool text = true;

	for (size_t i = 0; i < shown; i++)
		text &= data[i] >= ' ' && data[i] < 0x7f && data[i] != '"' && data[i] != '\\';
	buf_adds(to, text ? "\"" : "hex \"");
	for (size_t i = 0; i < shown; i++)
		if (text)
			buf_addc(to, (char)data[i]);
		else
			buf_add_hex(to, data[i], 2);
	buf_addf(to, "\"%s", shown < len ? " ..." : "");
}

/*
 * What a checksum and the addresses it includes are is told by the packet itself: the fields
 * that differ from those of the rebuilt packet go in before checksums are looked at.
 */
static void add_header(struct buf *to, const struct header *h, const uint8_t *data,
		       const uint8_t *filled)
{
	const struct packet_layer *layer = &packet_layers[h->layer];
	bool any = false;

	buf_adds(to, layer->name);
	for (const struct packet_field *f = layer->fields; f->name; f++) {
		bool usual = f->fill == PACKET_WORDS && h->bytes == layer->bytes;

		if (usual ||
		    (f->fill != PACKET_WORDS && same_field(f, data + h->at, filled + h->at)))
			continue;
		buf_addf(to, "%s%s=", any ? ", " : "(", f->name);
		add_value(to, f, data + h->at);
		any = true;
	}
	buf_adds(to, any ? ")" : "");
}

/* The field of a header that holds a checksum; NULL: it has none. */
static const struct packet_field *sum_field(enum packet_layer_id layer)
{
	for (const struct packet_field *f = packet_layers[layer].fields; f->name; f++)
		if (f->fill == PACKET_SUM)
			return f;
	return NULL;
}

/* The checksums that fit the packet as it is, in place of those of a usual one. */
static void fit_sums(const uint8_t *data, size_t len, const struct header *h, size_t n,
		     uint8_t *filled)
{
	auto_free uint8_t *copy = xcalloc(1, len);
	const uint8_t *ip_header = NULL;
	int ip = -1;

	memcpy(copy, data, len);
	for (size_t i = 0; i < n; i++) {
		const struct packet_field *f = sum_field(h[i].layer);
		uint8_t *header = copy + h[i].at;

		if (h[i].layer == PACKET_ip4 || h[i].layer == PACKET_ip6) {
			ip = (int)h[i].layer;
			ip_header = data + h[i].at;
		}
		if (!f)
			continue;
		packet_put_bits(header, f->bit, f->bits, 0);
		packet_put_bits(filled + h[i].at, f->bit, f->bits,
				packet_checksum(h[i].layer, header, h[i].bytes, len - h[i].at, ip,
						ip_header));
		memcpy(header, data + h[i].at, h[i].bytes);
	}
}

void packet_text(const void *data, size_t len, enum packet_layer_id first, struct buf *to)
{
	auto_buf struct buf filled = {};
	struct header h[PACKET_MAX_LAYERS];
	size_t n = find_headers(data, len, first, h);
	uint32_t end = n ? h[n - 1].at + h[n - 1].bytes : 0;

	if (!len || rebuild(data, len, h, n, &filled) < 0) {
		buf_adds(to, len ? "?" : "nothing");
		return;
	}
	fit_sums(data, len, h, n, (uint8_t *)filled.data);
	for (size_t i = 0; i < n; i++) {
		buf_adds(to, i ? " / " : "");
		add_header(to, &h[i], data, (const uint8_t *)filled.data);
	}
	if (len == end)
		return;
	buf_adds(to, n ? " / " : "");
	add_payload(to, (const uint8_t *)data + end, len - end);
}

/* ---- differences -------------------------------------------------------------------------- */

static void add_diff(struct buf *to, size_t *n, const struct header *h,
		     const struct packet_field *f, const uint8_t *want, const uint8_t *got)
{
	if ((*n)++ >= PACKET_MAX_DIFFS)
		return;
	buf_addf(to, "%s.%s: ", packet_layers[h->layer].name, f->name);
	add_value(to, f, got + h->at);
	buf_adds(to, ", not ");
	add_value(to, f, want + h->at);
	buf_addc(to, '\n');
}

/* Bytes from `at` on that belong to no header both have. */
static void diff_bytes(struct buf *to, size_t *n, const uint8_t *want, const uint8_t *got,
		       size_t at, size_t end)
{
	for (; at < end; at++)
		if (want[at] != got[at] && (*n)++ < PACKET_MAX_DIFFS)
			buf_addf(to, "byte %zu: 0x%02x, not 0x%02x\n", at, got[at], want[at]);
}

size_t packet_diff(const void *want, size_t want_len, const void *got, size_t got_len,
		   enum packet_layer_id first, struct buf *to)
{
	struct header w[PACKET_MAX_LAYERS], g[PACKET_MAX_LAYERS];
	size_t nw = find_headers(want, want_len, first, w);
	size_t ng = find_headers(got, got_len, first, g);
	size_t n = 0, i = 0, at = 0;

	for (; i < nw && i < ng && w[i].layer == g[i].layer && w[i].bytes == g[i].bytes; i++) {
		const struct packet_layer *layer = &packet_layers[w[i].layer];

		for (const struct packet_field *f = layer->fields; f->name; f++)
			if (!same_field(f, (const uint8_t *)want + w[i].at,
					(const uint8_t *)got + w[i].at))
				add_diff(to, &n, &w[i], f, want, got);
		diff_bytes(to, &n, want, got, w[i].at + layer->bytes, w[i].at + w[i].bytes);
		at = w[i].at + w[i].bytes;
	}
	if (want_len != got_len && n++ < PACKET_MAX_DIFFS)
		buf_addf(to, "length: %zu bytes, not %zu\n", got_len, want_len);
	diff_bytes(to, &n, want, got, at, want_len < got_len ? want_len : got_len);
	return n;
}
