// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets: bytes computed elsewhere, checksums, what is filled in, and back to text. */
#include "test.h"

#include <errno.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/packet.h"

static const struct packet_field *field(enum packet_layer_id layer, const char *name)
{
	return packet_field_find(layer, name, strlen(name));
}

/* A part by its values: name, number or text, ended by a NULL name. */
struct given {
	const char *name;
	uint64_t num;
	const char *text;
};
#define PARTS_MAX 8
struct parts {
	struct packet_part v[PARTS_MAX];
	struct packet_value values[PARTS_MAX][8];
	size_t n;
};

static void add(struct parts *p, enum packet_layer_id layer, const struct given *given)
{
	size_t n = 0;

	for (; given && given[n].name; n++)
		p->values[p->n][n] = (struct packet_value){ field(layer, given[n].name),
							    given[n].num, given[n].text };
	p->v[p->n] =
		(struct packet_part){ .layer = layer, .values = p->values[p->n], .nr_values = n };
	p->n++;
}

static void add_bytes(struct parts *p, const char *text)
{
	p->v[p->n++] = (struct packet_part){ .bytes = text, .len = strlen(text) };
}

static void build(const struct parts *p, struct buf *to)
{
	struct err e = {};
	size_t bad;
	int value;

	CHECK_INT(packet_build(p->v, p->n, to, &bad, &value, &e), 0);
	err_clear(&e);
}

static void check_bytes(const struct buf *b, const char *hex)
{
	auto_buf struct buf got = {};

	for (size_t i = 0; i < b->len; i++)
		buf_add_hex(&got, (unsigned char)b->data[i], 2);
	CHECK_STR(buf_str(&got), hex);
}

static void check_text(const struct buf *b, const char *want)
{
	auto_buf struct buf text = {};

	packet_text(b->data, b->len, PACKET_eth, &text);
	CHECK_STR(buf_str(&text), want);
}

/* RFC 1071, section 3: 00 01 f2 03 f4 f5 f6 f7 sum to ddf2. */
static void the_sum_of_rfc_1071(void)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	CHECK_INT(packet_sum(0, data, sizeof(data)), 0xddf2);
	CHECK_INT(packet_fold(packet_sum(0, data, sizeof(data))), 0x220d);
}

/* The header whose checksum, b861, text books compute. */
static void an_ipv4_header(void)
{
	static const struct given ip[] = {
		{ "len", 0x73, NULL },	       { "df", 1, NULL },
		{ "proto", 17, NULL },	       { "src", 0, "192.168.0.1" },
		{ "dst", 0, "192.168.0.199" }, {},
	};
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_ip4, ip);
	build(&p, &b);
	check_bytes(&b, "45000073000040004011b861c0a80001c0a800c7");
}

/* RFC 768 over the pseudo header; computed apart from this code. */
static void a_udp_packet(void)
{
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_ip4, NULL);
	add(&p, PACKET_udp, NULL);
	add_bytes(&p, "abc");
	build(&p, &b);
	check_bytes(
		&b,
		"02000000000202000000000108004500001f00000000401166cc0a0000010a000002c0000035000b673d616263");
	check_text(&b, "eth / ip4 / udp / \"abc\"");
}

static void a_tcp_packet_over_vlan_and_ipv6(void)
{
	static const struct given tcp[] = { { "dport", 443, NULL }, { "flags", 0x12, NULL }, {} };
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_vlan, NULL);
	add(&p, PACKET_ip6, NULL);
	add(&p, PACKET_tcp, tcp);
	add_bytes(&p, "hello");
	build(&p, &b);
	check_bytes(
		&b,
		"0200000000020200000000018100000186dd600000000019064020010db800000000000000000000000120010db8000000000000000000000002c00001bb00000000000000005012ffff4ecb000068656c6c6f");
	check_text(&b, "eth / vlan / ip6 / tcp(dport=443, flags=18) / \"hello\"");
}

static void icmp_and_icmp6(void)
{
	auto_buf struct buf b = {}, b6 = {};
	struct parts p = {}, p6 = {};

	add(&p, PACKET_ip4, NULL);
	add(&p, PACKET_icmp, NULL);
	add_bytes(&p, "x");
	build(&p, &b);
	check_bytes(&b, "4500001d00000000400166de0a0000010a00000208007fff0000000078");
	add(&p6, PACKET_ip6, NULL);
	add(&p6, PACKET_icmp6, NULL);
	build(&p6, &b6);
	check_bytes(
		&b6,
		"6000000000083a4020010db800000000000000000000000120010db80000000000000000000000028000244800000000");
}

static void what_is_given_stays(void)
{
	static const struct given ip[] = { { "len", 7, NULL }, { "check", 0xbeef, NULL }, {} };
	static const struct given udp[] = { { "len", 9, NULL }, { "check", 1, NULL }, {} };
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_ip4, ip);
	add(&p, PACKET_udp, udp);
	build(&p, &b);
	check_text(&b, "eth / ip4(len=7, check=0xbeef) / udp(len=9, check=0x0001)");
}

static void options_make_headers_longer(void)
{
	static const struct given ip[] = { { "ihl", 6, NULL }, {} };
	static const struct given tcp[] = { { "doff", 8, NULL }, {} };
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_ip4, ip);
	add(&p, PACKET_tcp, tcp);
	build(&p, &b);
	CHECK_INT(b.len, 14 + 24 + 32);
	CHECK_INT((unsigned char)b.data[17], 24 + 32);
	check_text(&b, "eth / ip4(ihl=6) / tcp(doff=8)");
}

static void headers_in_headers(void)
{
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_ip4, NULL);
	add(&p, PACKET_gre, NULL);
	add(&p, PACKET_ip6, NULL);
	add(&p, PACKET_udp, NULL);
	build(&p, &b);
	check_text(&b, "eth / ip4 / gre / ip6 / udp");
}

static void wrong_values_are_told_with_their_place(void)
{
	static const struct {
		struct given given;
		const char *text;
	} cases[] = {
		{ { "ttl", 256, NULL }, "ip4.ttl must be between 0 and 255, not 256" },
		{ { "off", 8192, NULL }, "ip4.off must be between 0 and 8191, not 8192" },
		{ { "src", 0, "10.0.0" },
		  "ip4.src: '10.0.0' is not an IPv4 address such as 10.0.0.1" },
		{ { "ttl", 0, "10.0.0.1" }, "ip4.ttl: '10.0.0.1' is not a number" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		const struct given given[] = { { "id", 1, NULL }, cases[i].given, {} };
		auto_buf struct buf b = {};
		struct parts p = {};
		struct err e = {};
		size_t bad;
		int value;

		add(&p, PACKET_eth, NULL);
		add(&p, PACKET_ip4, given);
		CHECK_INT(packet_build(p.v, p.n, &b, &bad, &value, &e), -EINVAL);
		CHECK_STR(e.what, cases[i].text);
		CHECK_INT(bad, 1);
		CHECK_INT(value, 1);
		err_clear(&e);
	}
}

static void differences_name_the_field(void)
{
	static const struct given ttl[] = { { "ttl", 63, NULL }, {} };
	auto_buf struct buf a = {}, b = {}, text = {};
	struct parts p = {}, q = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_ip4, NULL);
	add_bytes(&p, "ab");
	build(&p, &a);
	add(&q, PACKET_eth, NULL);
	add(&q, PACKET_ip4, ttl);
	add_bytes(&q, "aX");
	build(&q, &b);
	CHECK_INT(packet_diff(a.data, a.len, b.data, b.len, PACKET_eth, &text), 3);
	CHECK_STR(buf_str(&text), "ip4.ttl: 63, not 64\nip4.check: 0x66e9, not 0x65e9\n"
				  "byte 35: 0x58, not 0x62\n");
	text.len = 0;
	CHECK_INT(packet_diff(a.data, a.len, a.data, a.len, PACKET_eth, &text), 0);
	CHECK_INT(packet_diff(a.data, a.len, a.data, a.len - 1, PACKET_eth, &text), 1);
	CHECK_STR(buf_str(&text), "length: 35 bytes, not 36\n");
}

/* Any bytes can be shown; nothing is read that is not there. */
static void every_beginning_of_a_packet_has_a_text(void)
{
	auto_buf struct buf b = {};
	struct parts p = {};

	add(&p, PACKET_eth, NULL);
	add(&p, PACKET_vlan, NULL);
	add(&p, PACKET_ip4, NULL);
	add(&p, PACKET_tcp, NULL);
	build(&p, &b);
	for (size_t len = 0; len <= b.len; len++) {
		auto_buf struct buf text = {};
		auto_free char *copy = xcalloc(1, len + 1);

		memcpy(copy, b.data, len);
		packet_text(copy, len, PACKET_eth, &text);
		CHECK(text.len > 0);
	}
}

static const struct test tests[] = {
	{ "the sum of RFC 1071", the_sum_of_rfc_1071 },
	{ "an IPv4 header with a checksum of text books", an_ipv4_header },
	{ "a UDP packet", a_udp_packet },
	{ "a TCP packet over VLAN and IPv6", a_tcp_packet_over_vlan_and_ipv6 },
	{ "ICMP and ICMPv6", icmp_and_icmp6 },
	{ "what is given stays", what_is_given_stays },
	{ "options make headers longer", options_make_headers_longer },
	{ "headers in headers", headers_in_headers },
	{ "wrong values are told with their place", wrong_values_are_told_with_their_place },
	{ "differences name the field", differences_name_the_field },
	{ "every beginning of a packet has a text", every_beginning_of_a_packet_has_a_text },
};

TEST_MAIN(tests)
