// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fields to packets: layout, then what is filled in, from the inside out. */
#include "core/packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/packet_priv.h"

/* ---- bits --------------------------------------------------------------------------------- */

/* Up to 64 bits, most significant first, anywhere. */
void packet_put_bits(uint8_t *header, unsigned int bit, unsigned int bits, uint64_t v)
{
	for (unsigned int i = 0; i < bits; i++) {
		unsigned int at = bit + i;
		uint8_t mask = (uint8_t)(0x80u >> at % 8);

		if (v >> (bits - 1 - i) & 1)
			header[at / 8] |= mask;
		else
			header[at / 8] &= (uint8_t)~mask;
	}
}

uint64_t packet_get_bits(const uint8_t *header, unsigned int bit, unsigned int bits)
{
	uint64_t v = 0;

	for (unsigned int i = bit; i < bit + bits; i++)
		v = v << 1 | (header[i / 8] >> (7 - i % 8) & 1);
	return v;
}

uint32_t packet_sum(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < len; i += 2) {
		sum += (uint32_t)p[i] << 8 | p[i + 1];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return len % 2 ? sum + ((uint32_t)p[len - 1] << 8) : sum;
}

uint16_t packet_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* ---- values ------------------------------------------------------------------------------- */

static const char *form_text(enum packet_form form)
{
	static const char *const texts[] = {
		[PACKET_NUM] = "a number",
		[PACKET_MAC] = "a MAC address such as 02:00:00:00:00:01",
		[PACKET_IP4] = "an IPv4 address such as 10.0.0.1",
		[PACKET_IP6] = "an IPv6 address such as 2001:db8::1",
	};

	return texts[form];
}

/* Six numbers of one or two hex digits. */
static bool read_mac(const char *s, uint8_t mac[6])
{
	for (int i = 0; i < 6; i++) {
		size_t len = strspn(s, "0123456789abcdefABCDEF");

		if (len < 1 || len > 2 || s[len] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)strtoul(s, NULL, 16);
		s += len + 1;
	}
	return true;
}

/* Addresses lie on bytes; numbers may be written into their fields as well. */
static int put_address(const struct packet_value *v, const char *layer, uint8_t *header,
		       struct err *e)
{
	const struct packet_field *f = v->field;
	uint8_t *at = header + f->bit / 8;
	bool ok = false;

	if (f->form == PACKET_MAC)
		ok = read_mac(v->text, at);
	else if (f->form == PACKET_IP4)
		ok = inet_pton(AF_INET, v->text, at) == 1;
	else if (f->form == PACKET_IP6)
		ok = inet_pton(AF_INET6, v->text, at) == 1;
	if (ok)
		return 0;
	return err_input(e, "%s.%s: '%s' is not %s", layer, f->name, v->text, form_text(f->form));
}

static int put_value(const struct packet_value *v, const char *layer, uint8_t *header,
		     struct err *e)
{
	const struct packet_field *f = v->field;

	if (v->text)
		return put_address(v, layer, header, e);
	if (f->form == PACKET_IP6)
		return err_input(e, "%s.%s: expected %s", layer, f->name, form_text(f->form));
	if (f->bits < 64 && v->num >> f->bits)
		return err_input(e, "%s.%s must be between 0 and %llu, not %llu", layer, f->name,
				 (1ull << f->bits) - 1, (unsigned long long)v->num);
	packet_put_bits(header, f->bit, f->bits, v->num);
	return 0;
}

void packet_put_init(const struct packet_field *f, uint8_t *header)
{
	static const uint8_t documentation[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (f->form != PACKET_IP6) {
		packet_put_bits(header, f->bit, f->bits, f->init);
		return;
	}
	memcpy(header + f->bit / 8, documentation, sizeof(documentation));
	header[f->bit / 8 + 15] = (uint8_t)f->init;
}

/* ---- layout ------------------------------------------------------------------------------- */

/* A part, and where it lies. */
struct placed {
	const struct packet_part *part;
	uint32_t at, bytes;
};

static const struct packet_value *given(const struct packet_part *part,
					const struct packet_field *f)
{
	for (size_t i = part->nr_values; i-- > 0;)
		if (part->values[i].field == f)
			return &part->values[i];
	return NULL;
}

/* A header is longer than usual when its length in words says so. */
static uint32_t bytes_of(const struct packet_part *part)
{
	uint32_t usual = packet_layers[part->layer].bytes;

	for (size_t i = 0; i < part->nr_values; i++)
		if (part->values[i].field->fill == PACKET_WORDS && !part->values[i].text &&
		    part->values[i].num <= 15 && part->values[i].num * 4 > usual)
			return (uint32_t)part->values[i].num * 4;
	return usual;
}

static int put_header(const struct placed *p, uint8_t *header, int *value, struct err *e)
{
	const struct packet_layer *layer = &packet_layers[p->part->layer];

	for (const struct packet_field *f = layer->fields; f->name; f++)
		packet_put_init(f, header);
	for (size_t i = 0; i < p->part->nr_values; i++) {
		*value = (int)i;
		if (put_value(&p->part->values[i], layer->name, header, e) < 0)
			return -EINVAL;
	}
	*value = -1;
	return 0;
}

/* ---- what is filled in -------------------------------------------------------------------- */

/* The number for the next layer in the field of this one; the default where there is none. */
static uint64_t next_number(const struct packet_field *f, enum packet_layer_id of,
			    const struct packet_part *next)
{
	for (size_t i = 0; next && !next->bytes && i < packet_nr_nexts; i++)
		if (packet_nexts[i].of == of && packet_nexts[i].layer == next->layer)
			return packet_nexts[i].value;
	return f->init;
}

/* The addresses that the checksums of tcp, udp and icmp6 include. */
static uint32_t pseudo_sum(enum packet_layer_id ip, const uint8_t *header, unsigned int proto,
			   size_t len)
{
	uint32_t sum = proto + (uint32_t)(len >> 16) + (uint32_t)(len & 0xffff);

	if (ip == PACKET_ip4)
		return packet_sum(sum, header + 12, 8);
	return packet_sum(sum, header + 8, 32);
}

uint16_t packet_checksum(enum packet_layer_id layer, const uint8_t *header, size_t header_len,
			 size_t len, int ip, const uint8_t *ip_header)
{
	static const uint8_t protos[PACKET_LAYERS] = {
		[PACKET_tcp] = 6,
		[PACKET_udp] = 17,
		[PACKET_icmp6] = 58,
	};
	uint16_t sum;

	if (layer == PACKET_ip4)
		return packet_fold(packet_sum(0, header, header_len));
	if (!protos[layer] || ip < 0)
		return packet_fold(packet_sum(0, header, len));
	sum = packet_fold(packet_sum(
		pseudo_sum((enum packet_layer_id)ip, ip_header, protos[layer], len), header, len));
	return layer == PACKET_udp && sum == 0 ? 0xffff : sum;
}

/* The IP header in front of part i; -1: there is none. */
static long ip_before(const struct placed *p, size_t i)
{
	while (i-- > 0)
		if (!p[i].part->bytes &&
		    (p[i].part->layer == PACKET_ip4 || p[i].part->layer == PACKET_ip6))
			return (long)i;
	return -1;
}

/* One field of part i; everything behind its header is complete. */
static void fill(const struct placed *p, size_t n, size_t i, const struct packet_field *f,
		 uint8_t *data, size_t end)
{
	enum packet_layer_id id = p[i].part->layer;
	uint8_t *header = data + p[i].at;
	long ip = ip_before(p, i);
	uint64_t v;

	switch (f->fill) {
	case PACKET_NEXT:
		v = next_number(f, id, i + 1 < n ? p[i + 1].part : NULL);
		break;
	case PACKET_LENGTH:
		v = end - p[i].at;
		break;
	case PACKET_INNER:
		v = end - p[i].at - p[i].bytes;
		break;
	case PACKET_WORDS:
		v = p[i].bytes / 4;
		break;
	case PACKET_SUM:
		v = packet_checksum(id, header, p[i].bytes, end - p[i].at,
				    ip < 0 ? -1 : (int)p[ip].part->layer,
				    ip < 0 ? NULL : data + p[ip].at);
		break;
	default:
		return;
	}
	packet_put_bits(header, f->bit, f->bits,
			v & (f->bits < 64 ? (1ull << f->bits) - 1 : ~0ull));
}

/* Checksums come last in their header and after those inside: they include the rest. */
static void fill_all(const struct placed *p, size_t n, uint8_t *data, size_t end)
{
	for (int sums = 0; sums < 2; sums++) {
		for (size_t i = n; i-- > 0;) {
			const struct packet_field *f = packet_layers[p[i].part->layer].fields;

			for (; !p[i].part->bytes && f->name; f++)
				if ((f->fill == PACKET_SUM) == sums && !given(p[i].part, f))
					fill(p, n, i, f, data, end);
		}
	}
}

int packet_build(const struct packet_part *parts, size_t n, struct buf *to, size_t *bad, int *value,
		 struct err *e)
{
	struct placed placed[PACKET_MAX_LAYERS];
	size_t len = 0;
	uint8_t *data;

	*value = -1;
	for (*bad = 0; *bad < n; ++*bad) {
		const struct packet_part *p = &parts[*bad];

		if (*bad == PACKET_MAX_LAYERS)
			return err_input(e, "more than %d layers", PACKET_MAX_LAYERS);
		placed[*bad] = (struct placed){ p, (uint32_t)len,
						p->bytes ? (uint32_t)p->len : bytes_of(p) };
		len += p->bytes ? p->len : bytes_of(p);
		if (len > PACKET_MAX)
			return err_input(e, "a packet has at most %u bytes", PACKET_MAX);
	}
	data = (uint8_t *)buf_reserve(to, len ? len : 1);
	if (!data)
		return err_code(e, ENOMEM, "no memory for the packet");
	memset(data, 0, len);
	for (*bad = 0; *bad < n; ++*bad) {
		if (parts[*bad].bytes)
			memcpy(data + placed[*bad].at, parts[*bad].bytes, parts[*bad].len);
		else if (put_header(&placed[*bad], data + placed[*bad].at, value, e) < 0)
			return -EINVAL;
	}
	fill_all(placed, n, data, len);
	to->len += len;
	return 0;
}
