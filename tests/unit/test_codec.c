// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The codec by spec: text to bytes, bytes to text, and what is refused. */
#include "core/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/out.h"
#include "core/val.h"
#include "test.h"

static const struct out_col cols[] = { { "v", "V", K_ANY, "a value", 0 }, OUT_END };

/* The JSON of a value. */
static const char *json(const struct codec *c, const void *data, size_t len)
{
	static char text[65536];
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, OUT_JSONL, false);
	struct err e = {};
	ssize_t n;

	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	codec_out(c, data, len, o, "v");
	out_end(o, &e);
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	/* {"v":...}\n */
	n = (ssize_t)strlen(text);
	if (n < 8)
		return "";
	text[n - 2] = '\0';
	return text + 5;
}

static void show_hex(const uint8_t *p, size_t n, char *to)
{
	for (size_t i = 0; i < n; i++)
		sprintf(to + 2 * i, "%02x", p[i]);
	to[2 * n] = '\0';
}

/* spec and text give these bytes, and the bytes give this JSON. */
static const struct {
	const char *spec, *text, *bytes, *json;
} good[] = {
	{ "u8", "255", "ff", "255" },
	{ "u8", "0xfe", "fe", "254" },
	{ "u8", "0b101", "05", "5" },
	{ "u8", "0o17", "0f", "15" },
	{ "u8", "'A'", "41", "65" },
	{ "u8", "'\\n'", "0a", "10" },
	{ "u8", "'\\x7f'", "7f", "127" },
	{ "u8", "','", "2c", "44" },
	{ "s8", "-128", "80", "-128" },
	{ "u16", "258", "0201", "258" },
	{ "u32", " 7 ", "07000000", "7" },
	{ "u64", "18446744073709551615", "ffffffffffffffff", "18446744073709551615" },
	{ "s64", "-9223372036854775808", "0000000000000080", "-9223372036854775808" },
	{ "u128", "0x100000000000000000000000000000ff", "ff000000000000000000000000000010",
	  "\"0x100000000000000000000000000000ff\"" },
	{ "u128", "7", "07000000000000000000000000000000", "7" },
	{ "s128", "-1", "ffffffffffffffffffffffffffffffff", "-1" },
	{ "bool", "true", "01", "true" },
	{ "bool", "0", "00", "false" },
	{ "bool", "7", "07", "7" },
	{ "be16", "80", "0050", "80" },
	{ "be32", "10.0.0.1", "0a000001", "167772161" },
	{ "be32", "1", "00000001", "1" },
	{ "be64", "1", "0000000000000001", "1" },
	{ "le16", "80", "5000", "80" },
	{ "ip4", "10.0.0.1", "0a000001", "\"10.0.0.1\"" },
	{ "ip6", "fe80::1", "fe800000000000000000000000000001", "\"fe80::1\"" },
	{ "ip6", "be16::1", "be160000000000000000000000000001", "\"be16::1\"" },
	{ "mac", "02:00:00:aB:00:01", "020000ab0001", "\"02:00:00:ab:00:01\"" },
	{ "mac", "02-00-00-ab-00-01", "020000ab0001", "\"02:00:00:ab:00:01\"" },
	{ "cidr4", "10.0.0.0/8", "080000000a000000", "\"10.0.0.0/8\"" },
	{ "cidr4", "10.0.0.1", "200000000a000001", "\"10.0.0.1/32\"" },
	{ "cidr6", "fe80::/10", "0a000000fe800000000000000000000000000000", "\"fe80::/10\"" },
	{ "cidr4", "hex:ff0000000a000000", "ff0000000a000000", "\"hex:ff0000000a000000\"" },
	{ "char[8]", "sshd", "7373686400000000", "\"sshd\"" },
	{ "char[4]", "sshd", "73736864", "\"sshd\"" },
	{ "char[4]", "\"a\\nb\"", "610a6200", "\"a\\nb\"" },
	{ "char[4]", "a,b", "612c6200", "\"a,b\"" },
	{ "char[4]", "str:@x", "40780000", "\"@x\"" },
	{ "char[4]", "hex:61000062", "61000062", "\"a\\u0000\\u0000b\"" },
	{ "char[4]", "\"\\u00e9\"", "c3a90000", "\"\xc3\xa9\"" },
	{ "char[4]", "[97,-1,0,0]", "61ff0000", "[97,-1,0,0]" },
	{ "char[4]", "", "00000000", "\"\"" },
	{ "char[5]", "\"\\ud83d\\ude00\"", "f09f988000", "\"\xf0\x9f\x98\x80\"" },
	{ "bytes[3]", "hex:0a0b0c", "0a0b0c", "\"hex:0a0b0c\"" },
	{ "bytes[3]", "0a0b0c", "0a0b0c", "\"hex:0a0b0c\"" },
	{ "bytes[3]", "hex:0a 0b 0c", "0a0b0c", "\"hex:0a0b0c\"" },
	{ "bytes[3]", "str:ab", "616200", "\"hex:616200\"" },
	{ "bytes[3]", "[\"0x0a\",\"0x0b\",12]", "0a0b0c", "\"hex:0a0b0c\"" },
	{ "u32", "[\"0x0a\",\"0x00\",\"0x00\",\"0x00\"]", "0a000000", "10" },
	{ "f32", "0.1", "cdcccc3d", "0.1" },
	{ "f64", "-2.5e3", "000000000088a3c0", "-2500" },
	{ "f64", "-0.0", "0000000000000080", "\"-0.0\"" },
	{ "f32", "inf", "0000807f", "\"inf\"" },
	{ "f64", "nan", "000000000000f87f", "\"nan\"" },
	{ "f32", "nan:0x7fc00001", "0100c07f", "\"nan:0x7fc00001\"" },
	{ "ptr", "0xffff888000000000", "000000008088ffff", "\"0xffff888000000000\"" },
	{ "void *", "0", "0000000000000000", "\"0x0\"" },
	{ "ip6[1]", "be16::1", "be160000000000000000000000000001", "[\"be16::1\"]" },
	{ "cidr4[2]", "hex:ff0000000a000000,10.0.0.0/8", "ff0000000a000000080000000a000000",
	  "[\"hex:ff0000000a000000\",\"10.0.0.0/8\"]" },
	{ "u16[3]", "[1,2,3]", "010002000300", "[1,2,3]" },
	{ "u16[3]", "1,2,3", "010002000300", "[1,2,3]" },
	{ "u16[3]", "[1]", "010000000000", "[1,0,0]" },
	{ "u16[3]", "[]", "000000000000", "[0,0,0]" },
	{ "u8[2][3]", "[[1,2,3],[4,5,6]]", "010203040506", "[[1,2,3],[4,5,6]]" },
	{ "unsigned int", "1", "01000000", "1" },
	{ "unsigned", "1", "01000000", "1" },
	{ "long long int", "-1", "ffffffffffffffff", "-1" },
	{ "unsigned char", "200", "c8", "200" },
	{ "short", "-2", "feff", "-2" },
	{ "const u8", "1", "01", "1" },
	{ "{ ip4 ip; be16 port }", "{ip=10.0.0.1,port=80}", "0a00000100500000",
	  "{\"ip\":\"10.0.0.1\",\"port\":80}" },
	{ "{ ip4 ip; be16 port }", "{ \"ip\": \"10.0.0.1\", \"port\": 80 }", "0a00000100500000",
	  "{\"ip\":\"10.0.0.1\",\"port\":80}" },
	{ "{ ip4 ip; be16 port }", "{port=0x50;}", "0000000000500000",
	  "{\"ip\":\"0.0.0.0\",\"port\":80}" },
	{ "{ u32 pid; u64 ts }", "{ts=1}", "00000000000000000100000000000000",
	  "{\"pid\":0,\"ts\":1}" },
	{ "struct { u8 a; struct { u16 x; u16 y } in; }", "{a=1,in={x=2,y=3}}", "010002000300",
	  "{\"a\":1,\"in\":{\"x\":2,\"y\":3}}" },
	{ "union { u32 n; u8 b[4] }", "{n=1}", "01000000", "{\"n\":1,\"b\":[1,0,0,0]}" },
	{ "union { u32 n; u8 b[4] }", "{b=[1,2]}", "01020000", "{\"n\":513,\"b\":[1,2,0,0]}" },
	{ "{ u32 a:3; u32 b:5; s32 c:4 }", "{a=7,b=1,c=-8}", "0f080000",
	  "{\"a\":7,\"b\":1,\"c\":-8}" },
	{ "{ u8 a:4; u8 b:6 }", "{a=15,b=63}", "0f3f", "{\"a\":15,\"b\":63}" },
	{ "{ char comm[4]; u8 x }", "{comm=a-b,x=1}", "612d620001", "{\"comm\":\"a-b\",\"x\":1}" },
	{ "{ char s[8] }", "{s=hex:00}", "6865783a30300000", "{\"s\":\"hex:00\"}" },
	{ "{ bytes[2] s }", "{s=hex:0001}", "0001", "{\"s\":\"hex:0001\"}" },
	{ "u32", "u32:7", "07000000", "7" },
	{ "u16", "be16:80", "0050", "20480" },
	{ "u32", "ip4:10.0.0.1", "0a000001", "16777226" },
	{ "u32", "hex:01020304", "01020304", "67305985" },
	{ "{ u8 a[2]; u8 b }", "{\"a\":[1,2],\"b\":3}", "010203", "{\"a\":[1,2],\"b\":3}" },
};

static void text_and_bytes(void)
{
	for (size_t i = 0; i < countof(good); i++) {
		struct err e = {};
		auto_codec struct codec *c = NULL;
		uint8_t data[64];
		char got[129];

		c = codec_of_spec(good[i].spec, NULL, &e);
		memset(data, 0xaa, sizeof(data));
		if (!c || codec_parse(c, good[i].text, data, &e)) {
			FAIL("%s <- %s: %s", good[i].spec, good[i].text, e.what);
			continue;
		}
		CHECK_INT(codec_size(c), strlen(good[i].bytes) / 2);
		show_hex(data, codec_size(c), got);
		if (strcmp(got, good[i].bytes) != 0)
			FAIL("%s <- %s gives %s, not %s", good[i].spec, good[i].text, got,
			     good[i].bytes);
		CHECK_STR(json(c, data, codec_size(c)), good[i].json);
		/* What lies behind stays untouched. */
		CHECK_INT(data[codec_size(c)], 0xaa);
	}
}

static const struct {
	const char *spec, *text, *what;
} bad[] = {
	{ "u8", "256", "256 does not fit; expected u8, 0 to 255" },
	{ "u8", "-1", "-1 does not fit; expected u8, 0 to 255" },
	{ "s8", "128", "128 does not fit; expected s8, -128 to 127" },
	{ "u16", "0x10000", "65536 does not fit; expected u16, 0 to 65535" },
	{ "u64", "18446744073709551616",
	  "the number does not fit; expected u64, 0 to "
	  "18446744073709551615" },
	{ "u128", "0x1ffffffffffffffffffffffffffffffff", "'0x1fffff" },
	{ "u32", "12x", "'12x' is no number; expected u32, 0 to 4294967295" },
	{ "u32", "", "a value is missing" },
	{ "u32", "1 2", "'2' is too much; expected u32" },
	{ "u32", "010", "'010' is no number" },
	{ "u32", "1.5", "'1.5' is no number" },
	{ "u32", "{a=1}", "'{' begins a struct" },
	{ "u32", "''", "'''' is no number" },
	{ "u32", "'ab'", "''ab'' is no number" },
	{ "u32", "u16:7", "u16 has 2 bytes, 4 are needed" },
	{ "u32", "hex:0102", "2 bytes were given, 4 are needed" },
	{ "u32", "hex:010203040", "are no hex digits" },
	{ "u32", "[\"0x0a\"]", "it is no list of 4 bytes" },
	{ "bool", "yes", "'yes' is no number; expected bool: true or false" },
	{ "ip4", "10.0.0", "'10.0.0' is no such address; expected ip4, such as 10.0.0.1" },
	{ "ip4", "10.0.0.256", "is no such address" },
	{ "ip4", "1", "is no such address" },
	{ "mac", "02:00:00:00:00", "is no such address" },
	{ "cidr4", "10.0.0.0/33", "is no such address" },
	{ "char[4]", "hello",
	  "the text is 5 bytes long; expected char[4], text of at most 4 bytes" },
	{ "char[4]", "\"ab", "the closing quote is missing" },
	{ "char[4]", "\"\\q\"", "'\\q' is no escape" },
	{ "char[4]", "\"\\ud800\"", "is no escape" },
	{ "bytes[2]", "zz", "are no hex digits" },
	{ "bytes[2]", "str:abc", "the text is 3 bytes long" },
	{ "f32", "1e39", "does not fit" },
	{ "f64", "1e999", "does not fit" },
	{ "f64", "x", "'x' is no number" },
	{ "f64", "nan:0", "'nan:0' is no number" },
	{ "u16[2]", "[1,2,3]", "there are more values; expected u16[2], at most 2 values" },
	{ "u16[2]", "[1,2", "the list does not end" },
	{ "u16[2]", "[1,70000]", "[1]: 70000 does not fit" },
	{ "u16[2]", "1,2,3", "there are more values" },
	{ "{ u8 a; u8 b }", "{a=1,c=2}", "there is no field 'c'; expected { u8 a; u8 b }" },
	{ "{ u8 a; u8 b }", "{a=1,a=2}", "the field 'a' is given twice" },
	{ "{ u8 a; u8 b }", "{a=1", "'}' is missing" },
	{ "{ u8 a; u8 b }", "{a 1}", "'=' is missing" },
	{ "{ u8 a; u8 b }", "{a=300}", "a: 300 does not fit; expected u8, 0 to 255" },
	{ "{ u8 a; u8 b }", "5", "'5' is a single word; expected { u8 a; u8 b }" },
	{ "{ u8 a; u8 b }", "{=1}", "a field name is missing" },
	{ "{ struct { u16 port } to; }", "{to={port=70000}}", "to.port: 70000 does not fit" },
	{ "{ u8 a:3 }", "{a=8}", "a: 8 does not fit; expected u8:3, 0 to 7" },
	{ "u32", "@/nonexistent/file", "/nonexistent/file" },
};

static void what_does_not_fit_is_refused(void)
{
	for (size_t i = 0; i < countof(bad); i++) {
		struct err e = {};
		auto_codec struct codec *c = codec_of_spec(bad[i].spec, NULL, &e);
		uint8_t data[64];

		if (!c) {
			FAIL("%s: %s", bad[i].spec, e.what);
			continue;
		}
		if (codec_parse(c, bad[i].text, data, &e) >= 0)
			FAIL("%s takes %s", bad[i].spec, bad[i].text);
		else if (!strstr(e.what, bad[i].what))
			FAIL("%s <- %s says\n#   %s\n# not\n#   %s", bad[i].spec, bad[i].text,
			     e.what, bad[i].what);
		CHECK(e.class == ERR_INPUT || e.class == ERR_ABSENT);
	}
}

static const struct {
	const char *spec, *what, *hint;
} bad_specs[] = {
	{ "", "a type is missing", "" },
	{ "u31", "unknown type", "did you mean" },
	{ "foo", "unknown type at 'foo'", "types are u8" },
	{ "u8 x", "there is too much at 'x'", "" },
	{ "{", "'}' is missing", "" },
	{ "{}", "a struct needs a field", "" },
	{ "{ u8 }", "a field name is missing", "" },
	{ "{ u8 a u8 b }", "';' or '}' is missing", "" },
	{ "u8[", "a number of elements", "" },
	{ "u8[0]", "a number of elements", "" },
	{ "u8[99999999999]", "a number of elements", "" },
	{ "u64[1000000000]", "larger than", "" },
	{ "u8[2][2][2][2][2][2][2][2][2]", "too many dimensions", "" },
	{ "{ u8 a:9 }", "a bitfield needs", "" },
	{ "{ u8 a:0 }", "a bitfield needs", "" },
	{ "{ ip4 a:3 }", "a bitfield needs", "" },
	{ "bytes", "bytes need a number", "" },
	{ "struct foo", "there is no type 'struct foo'", "" },
	{ "void", "unknown type", "" },
};

static void bad_types_are_refused(void)
{
	struct err e = {};
	char deep[512];

	for (size_t i = 0; i < countof(bad_specs); i++) {
		auto_codec struct codec *c = codec_of_spec(bad_specs[i].spec, NULL, &e);

		if (c)
			FAIL("%s is taken", bad_specs[i].spec);
		else if (!strstr(e.what, bad_specs[i].what) || !strstr(e.hint, bad_specs[i].hint))
			FAIL("%s says %s (%s)", bad_specs[i].spec, e.what, e.hint);
	}
	for (size_t i = 0; i < 100; i++)
		memcpy(deep + 2 * i, "{ ", 3);
	CHECK(!codec_of_spec(deep, NULL, &e));
	CHECK(strstr(e.what, "nested too deep"));
}

static int words(const char *spec, uint8_t *data, struct err *e, char *const *list)
{
	auto_codec struct codec *c = codec_of_spec(spec, NULL, e);
	size_t n = 0;

	while (list[n])
		n++;
	return c ? codec_parse_words(c, list, n, data, e) : -1;
}

#define WORDS(...)                                                                                 \
	(char *[])                                                                                 \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static void words_of_a_command_line(void)
{
	struct err e = {};
	uint8_t d[16] = {};

	CHECK_INT(words("u32", d, &e, WORDS("5")), 0);
	CHECK_INT(d[0], 5);
	CHECK_INT(words("u32", d, &e, WORDS("hex", "0a", "00", "0", "0xff")), 0);
	CHECK(d[0] == 10 && d[3] == 255);
	CHECK_INT(words("u32", d, &e, WORDS("1", "0x10", "0", "255")), 0);
	CHECK(d[0] == 1 && d[1] == 16 && d[3] == 255);
	CHECK_INT(words("{ u8 a; u8 b }", d, &e, WORDS("{a=1,", "b=2}")), 0);
	CHECK(d[0] == 1 && d[1] == 2);
	CHECK(words("u32", d, &e, WORDS("1", "0", "0")) < 0);
	CHECK(strstr(e.what, "3 bytes were given, 4 are needed"));
	CHECK(words("u32", d, &e, WORDS("0x0a000001", "0", "0", "0")) < 0);
	CHECK(strstr(e.what, "'0x0a000001' does not fit a byte, 0 to 255"));
	CHECK(words("u32", d, &e, WORDS("hex", "100", "0", "0", "0")) < 0);
	CHECK(words("u32", d, &e, WORDS("hex", "g", "0", "0", "0")) < 0);
	CHECK(words("u32", d, &e, WORDS("-1", "0", "0", "0")) < 0);
	CHECK_INT(words("u8", d, &e, WORDS("hex", "7")), 0);
	CHECK_INT(d[0], 7);
	CHECK_INT(words("char[8]", d, &e, WORDS("hex")), 0); /* a word like another */
	CHECK_INT(d[0], 'h');
}

static void files_give_bytes(void)
{
	char path[] = "/tmp/bpfctl-test-XXXXXX", at[64];
	auto_fd int fd = mkstemp(path);
	struct err e = {};
	uint8_t d[16] = {};

	CHECK_INT(write(fd, "\1\2\3\4", 4), 4);
	snprintf(at, sizeof(at), "@%s", path);
	CHECK_INT(words("u32", d, &e, WORDS(at)), 0);
	CHECK(d[0] == 1 && d[3] == 4);
	CHECK(words("u64", d, &e, WORDS(at)) < 0);
	CHECK(strstr(e.what, "has not 8 bytes"));
	CHECK(words("u16", d, &e, WORDS(at)) < 0);
	unlink(path);
}

static void by_size(void)
{
	auto_codec struct codec *four = codec_of_size(4), *three = codec_of_size(3);
	auto_buf struct buf text = {};
	struct err e = {};
	uint8_t d[4];

	CHECK(!codec_is_bytes(four) && codec_is_bytes(three));
	CHECK_INT(codec_parse(four, "0xffffffff", d, &e), 0);
	CHECK_STR(json(four, d, 4), "4294967295");
	CHECK_STR(json(three, "\1\2\3", 3), "\"hex:010203\"");
	codec_type_text(four, &text);
	CHECK_STR(buf_str(&text), "u32");
}

static void strings_of_records(void)
{
	struct err e = {};
	auto_codec struct codec *c = codec_of_spec("{ char comm[8]; u32 pid }", NULL, &e);

	CHECK_STR(json(c, "sh\0dirt\0\7\0\0\0", 12), "{\"comm\":\"sh\\u0000dirt\",\"pid\":7}");
	codec_set_loose(c);
	CHECK_STR(json(c, "sh\0dirt\0\7\0\0\0", 12), "{\"comm\":\"sh\",\"pid\":7}");
	/* A record that ends early has no more fields. */
	CHECK_STR(json(c, "sh\0dirt\0\7\0\0\0", 11), "{\"comm\":\"sh\"}");
	CHECK_STR(json(c, "sh", 2), "{\"comm\":\"sh\"}");
	CHECK_STR(json(c, "", 0), "{\"comm\":\"\"}");
}

static void fields_by_path(void)
{
	struct err e = {};
	auto_codec struct codec *c =
		codec_of_spec("{ u32 a; { ip4 addr; be16 port[3] } to[2]; u8 f:3 }", NULL, &e);
	auto_codec struct codec *port = NULL, *to = NULL, *f = NULL, *none = NULL;
	uint8_t data[64] = {};
	uint32_t off;

	port = codec_field(c, "to[1].port[2]", &off, &e);
	CHECK(port);
	CHECK_INT(off, 4 + 12 + 4 + 4);
	CHECK_INT(codec_parse(port, "80", data + off, &e), 0);
	to = codec_field(c, "to", &off, &e);
	CHECK_INT(off, 4);
	CHECK_STR(json(to, data + off, codec_size(to)),
		  "[{\"addr\":\"0.0.0.0\",\"port\":[0,0,0]},"
		  "{\"addr\":\"0.0.0.0\",\"port\":[0,0,80]}]");
	f = codec_field(c, "f", &off, &e);
	CHECK_INT(off, 28);
	data[28] = 0xf8;
	CHECK_INT(codec_parse(f, "5", data + off, &e), 0);
	CHECK_INT(data[28], 0xfd);
	none = codec_field(c, "to[2]", &off, &e);
	CHECK(!none && strstr(e.what, "has no such element"));
	none = codec_field(c, "to[0].prt", &off, &e);
	CHECK(!none);
	CHECK_STR(e.hint, "did you mean 'port'?");
	none = codec_field(c, "a.b", &off, &e);
	CHECK(!none && e.class == ERR_INPUT);
	none = codec_field(c, "", &off, &e);
	CHECK(none && codec_size(none) == codec_size(c));
}

static void values_of_json(void)
{
	struct err e = {};
	auto_codec struct codec *c = codec_of_spec(
		"{ u32 n; char s[4]; bool b; f64 d; u8 l[2]; ptr p; ip4 ip; s8 i }", NULL, &e);
	auto_val struct val v = {}, again = {}, wrong = {};
	const char *text = "{\"n\":7,\"s\":\"ab\",\"b\":true,\"d\":0.5,\"l\":[1,\"0x02\"],"
			   "\"p\":null,\"ip\":\"10.0.0.1\",\"i\":-3}";
	uint8_t data[64];

	CHECK_INT(json_parse(text, strlen(text), "test", &v, &e), 0);
	if (codec_from_val(c, &v, data, &e))
		FAIL("%s", e.what);
	CHECK_STR(json(c, data, codec_size(c)),
		  "{\"n\":7,\"s\":\"ab\",\"b\":true,\"d\":0.5,\"l\":[1,2],\"p\":\"0x0\","
		  "\"ip\":\"10.0.0.1\",\"i\":-3}");
	CHECK_INT(codec_val(c, data, codec_size(c), &again), 0);
	CHECK(val_get(&again, "i") && val_get(&again, "i")->i == -3);
	CHECK(val_get(&again, "l") && val_get(&again, "l")->seq.n == 2);
	for (const char *const *t =
		     (const char *const[]){ "{\"n\":-1}", "{\"n\":1.5}", "{\"b\":2.5}",
					    "{\"s\":\"abcde\"}", "{\"l\":[1,2,3]}", "{\"x\":1}",
					    "{\"n\":true}", "{\"ip\":5}", "[]", "7", "{\"n\":null}",
					    "{\"n\":{}}", "{\"l\":[\"x\",1]}", NULL };
	     *t; t++) {
		val_drop(&wrong);
		CHECK_INT(json_parse(*t, strlen(*t), "test", &wrong, &e), 0);
		if (codec_from_val(c, &wrong, data, &e) >= 0)
			FAIL("%s is taken", *t);
		CHECK_INT(e.class, ERR_INPUT);
	}
}

static const struct test tests[] = {
	{ "text to bytes and back", text_and_bytes },
	{ "what does not fit is refused in words", what_does_not_fit_is_refused },
	{ "types that are none are refused", bad_types_are_refused },
	{ "words of a command line", words_of_a_command_line },
	{ "files give bytes", files_give_bytes },
	{ "by size alone", by_size },
	{ "strings of records end at the first NUL", strings_of_records },
	{ "fields by path", fields_by_path },
	{ "values of JSON", values_of_json },
};
TEST_MAIN(tests)
