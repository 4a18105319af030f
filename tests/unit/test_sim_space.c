// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The address space: what lies where, what an access may do, and how a miss is told. */
#include <errno.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/fault.h"
#include "sim/space.h"
#include "test.h"

#define RW (REGION_READ | REGION_WRITE)
#define PAGE 0x10000

static struct region *add(struct space *s, enum region_kind kind, unsigned int flags,
			  const char *label, void *host, uint64_t len)
{
	struct region_spec spec = {
		.kind = kind, .flags = flags, .label = label, .host = host, .len = len
	};

	return space_add(s, &spec);
}

/* What stands in the way, and in words. */
static const char *where(struct space *s, uint64_t addr, uint64_t size, unsigned int access)
{
	static char text[256];
	auto_buf struct buf b = {};
	enum miss miss;
	const uint8_t *p = space_host(s, addr, size, access, &miss);

	if (p)
		return "fine";
	space_where(s, addr, size, miss, &b);
	snprintf(text, sizeof(text), "%s: %s", miss_name(miss), buf_str(&b));
	return text;
}

static void guards(void)
{
	struct space *s = space_new();
	uint8_t a[64], b[16];
	struct region *ra = add(s, REGION_PACKET, RW, "packet", a, 64);
	struct region *rb = add(s, REGION_VALUE, REGION_READ, "value of map cfg", b, 16);

	CHECK_INT(ra->base, 2 * PAGE);
	CHECK_INT(rb->base, 4 * PAGE);
	CHECK_STR(where(s, ra->base, 64, RW), "fine");
	CHECK_STR(where(s, ra->base + 60, 4, REGION_READ), "fine");
	CHECK_STR(where(s, ra->base + 60, 8, REGION_READ),
		  "bounds: 4 bytes past the end of packet (64 bytes)");
	CHECK_STR(where(s, ra->base + 64, 1, REGION_READ),
		  "bounds: 1 byte past the end of packet (64 bytes)");
	CHECK_STR(where(s, ra->base - 1, 1, REGION_READ),
		  "wild: nothing is at 0x1ffff, 1 byte before the start of packet (64 bytes)");
	CHECK_STR(where(s, ra->base - 1, 2, REGION_READ),
		  "wild: nothing is at 0x1ffff, 1 byte before the start of packet (64 bytes)");
	CHECK_STR(where(s, ra->base + PAGE, 4, REGION_READ),
		  "wild: nothing is at 0x30000, 65476 bytes past the end of packet (64 bytes)");
	CHECK_STR(where(s, rb->base + 20, 4, REGION_READ),
		  "bounds: 8 bytes past the end of value of map cfg (16 bytes)");
	CHECK_STR(where(s, rb->base, 4, REGION_WRITE), "readonly: value of map cfg is read only");
	CHECK_STR(where(s, 0, 8, REGION_READ), "null: null pointer");
	CHECK_STR(where(s, 24, 8, REGION_READ), "null: null pointer + 24");
	CHECK_STR(where(s, 0xffff888012345678, 8, REGION_READ),
		  "wild: nothing is at 0xffff888012345678");
	CHECK_STR(where(s, UINT64_MAX, 8, REGION_READ), "wild: nothing is at 0xffffffffffffffff");
	CHECK(!strncmp(where(s, ra->base, UINT64_MAX, REGION_READ), "bounds: ", 8));
	CHECK(!strncmp(where(s, ra->base + 63, UINT64_MAX - 63, RW), "bounds: ", 8));
	CHECK(space_find(s, ra->base + 9) == ra);
	CHECK(!space_find(s, 3 * PAGE));
	space_free(s);
}

static void elements(void)
{
	struct space *s = space_new();
	uint8_t host[4 * 16] = { 0 };
	struct region_spec spec = { .kind = REGION_VALUE,
				    .flags = RW,
				    .label = "value of map drops",
				    .host = host,
				    .len = 12,
				    .count = 4,
				    .host_stride = 16 };
	struct region *rg = space_add(s, &spec);
	uint64_t third = region_elem(rg, 3);
	enum miss miss;

	CHECK_INT(third - rg->base, 3 * 64);
	CHECK_INT(region_index(rg, third + 5), 3);
	CHECK(space_host(s, third + 4, 8, RW, &miss) == host + 3 * 16 + 4);
	CHECK_STR(where(s, third + 8, 8, REGION_READ),
		  "bounds: 4 bytes past the end of value of map drops[3] (12 bytes)");
	CHECK_STR(where(s, rg->base + 13, 1, REGION_READ),
		  "bounds: 2 bytes past the end of value of map drops[0] (12 bytes)");
	CHECK_STR(where(s, third - 4, 4, REGION_READ),
		  "bounds: 4 bytes before the start of value of map drops[3] (12 bytes)");
	CHECK_STR(where(s, third + 64, 4, REGION_READ),
		  "bounds: 56 bytes past the end of value of map drops[3] (12 bytes)");
	/* Many elements stand closer together, and still none touches the next. */
	spec.count = 4000000;
	spec.len = 40;
	spec.host_stride = 40;
	spec.host = NULL;
	rg = space_add(s, &spec);
	CHECK_INT(region_elem(rg, 1) - rg->base, 64);
	spec.len = 64;
	rg = space_add(s, &spec);
	CHECK_INT(region_elem(rg, 1) - rg->base, 128);
	space_free(s);
}

static void high(void)
{
	struct space *s = space_new();
	struct region_spec spec = { .kind = REGION_VALUE,
				    .flags = RW,
				    .label = "value of map big",
				    .len = 256,
				    .count = 100000000 };
	struct region *rg = space_add(s, &spec), *next;
	static uint8_t host[8];
	enum miss miss;

	CHECK(rg->base > UINT32_MAX);
	rg->host = host;
	CHECK(space_host(s, rg->base, 8, RW, &miss) == host);
	CHECK(space_find(s, region_elem(rg, 99999999)) == rg);
	next = space_add(s, &spec);
	CHECK(next->base > region_elem(rg, 99999999) + 256);
	CHECK(!space_find(s, next->base - 1));
	CHECK_STR(where(s, next->base - 1, 1, REGION_READ),
		  "wild: nothing is at 0xcebc3ffff, 65792 bytes past the end of value of map "
		  "big[99999999] (256 bytes)");
	CHECK(!space_find(s, 0x100000000));
	CHECK_STR(where(s, 0xffff888012345678, 8, REGION_READ),
		  "wild: nothing is at 0xffff888012345678");
	spec.count = UINT64_C(1) << 33;
	CHECK(!space_add(s, &spec));
	space_free(s);
}

static void generations(void)
{
	struct space *s = space_new();
	uint8_t host[256];
	struct region_spec spec = { .kind = REGION_PACKET,
				    .flags = RW,
				    .label = "packet",
				    .host = host + 64,
				    .len = 64,
				    .max = 128,
				    .generations = 3 };
	struct region *packet = space_add(s, &spec), *meta;
	struct region_spec below = { .kind = REGION_META,
				     .flags = RW,
				     .label = "packet meta",
				     .host = host + 56,
				     .len = 8,
				     .max = 64,
				     .above = packet };
	uint64_t first = packet->base;

	meta = space_add(s, &below);
	CHECK_INT(meta->base, first - 8);
	CHECK_STR(where(s, first - 8, 8, RW), "fine");
	CHECK_STR(where(s, first - 4, 8, REGION_READ),
		  "bounds: 4 bytes past the end of packet meta (8 bytes)");
	CHECK_STR(where(s, first - 12, 4, REGION_READ),
		  "bounds: 4 bytes before the start of packet meta (8 bytes)");
	region_renew(packet, "bpf_xdp_adjust_head");
	CHECK(packet->base != first);
	CHECK_INT(meta->base, packet->base - 8);
	CHECK_STR(where(s, packet->base, 64, RW), "fine");
	CHECK_STR(where(s, meta->base, 8, RW), "fine");
	CHECK_STR(where(s, first, 4, REGION_READ),
		  "stale: stale pointer into packet, from before bpf_xdp_adjust_head");
	CHECK_STR(where(s, first - 8, 4, REGION_READ),
		  "stale: stale pointer into packet meta, from before bpf_xdp_adjust_head");
	region_resize(packet, host + 32, 100);
	CHECK_STR(where(s, packet->base + 96, 4, RW), "fine");
	region_resize(packet, host + 32, 1000);
	CHECK_INT(packet->len, 128);
	region_resize(meta, host + 60, 4);
	CHECK_INT(meta->base, packet->base - 4);
	region_rewind(packet);
	CHECK_INT(packet->base, first);
	CHECK_STR(where(s, first, 4, REGION_READ), "fine");
	for (int i = 0; i < 7; i++)
		region_renew(packet, "test");
	CHECK_STR(where(s, packet->base, 4, REGION_READ), "fine");
	space_free(s);
}

static void dropped(void)
{
	struct space *s = space_new();
	uint8_t host[32];
	struct region *rg =
		add(s, REGION_RECORD, RW | REGION_INIT, "record of map events", host, 24);
	uint64_t base = rg->base, last = 0;

	CHECK_STR(where(s, base, 8, RW), "fine");
	region_drop(rg, "submitted");
	CHECK_STR(where(s, base + 16, 8, REGION_WRITE),
		  "dropped: record of map events is gone (submitted)");
	region_drop(rg, "twice");
	/* Its address rests for long, and then is used again: memory is bounded. */
	for (int i = 0; i < 100000; i++) {
		rg = add(s, REGION_RECORD, RW | REGION_INIT, "record of map events", host, 24);
		if (rg->base > last)
			last = rg->base;
		if (i < 200 && rg->base == base)
			FAIL("used again after %d", i);
		region_drop(rg, "submitted");
	}
	CHECK(last < 600 * PAGE);
	space_free(s);
}

static void opaque(void)
{
	struct space *s = space_new();
	int object;
	struct region_spec spec = {
		.kind = REGION_MAP, .label = "map drops", .len = 1, .object = &object
	};
	struct region *rg = space_add(s, &spec);

	CHECK(space_object(s, rg->base, REGION_MAP) == &object);
	CHECK(!space_object(s, rg->base + 1, REGION_MAP));
	CHECK(!space_object(s, rg->base, REGION_VALUE));
	CHECK(!space_object(s, 0, REGION_MAP));
	CHECK_STR(where(s, rg->base, 8, REGION_READ),
		  "opaque: map drops cannot be accessed directly");
	region_drop(rg, "closed");
	CHECK(!space_object(s, rg->base, REGION_MAP));
	space_free(s);
}

static void peek(void)
{
	struct space *s = space_new();
	uint8_t host[16] = "0123456789abcde", to[16] = { 0 };
	struct region *rg = add(s, REGION_USER, RW, "user memory", host, 16);

	CHECK(space_peek(s, rg->base + 4, to, 4) && !memcmp(to, "4567", 4));
	CHECK(!space_peek(s, rg->base + 10, to, 8));
	CHECK(!memcmp(to, "4567", 5));
	CHECK(space_poke(s, rg->base, "xyz", 3) && host[2] == 'z');
	CHECK(!space_poke(s, 0, "xyz", 3));
	CHECK(space_peek(s, 0, to, 0));
	region_set_flags(rg, REGION_READ);
	CHECK(!space_poke(s, rg->base, "xyz", 3));
	space_free(s);
}

/* Pages run out, not addresses: small regions to the limit, then an answer, no crash. */
static void exhausted(void)
{
	struct space *s = space_new();
	struct region *rg = NULL, *last = NULL;
	size_t n = 0;

	while ((rg = add(s, REGION_OBJECT, RW, "object", NULL, 8)) && rg->base < UINT32_MAX) {
		last = rg;
		n++;
	}
	CHECK_INT(n, 32767);
	CHECK(rg && rg->base > UINT32_MAX); /* kernel objects are known by 64 bits */
	/* A packet is known by 32, and takes the place of something dropped or none. */
	CHECK(!add(s, REGION_PACKET, RW, "packet", NULL, 64));
	if (last)
		region_drop(last, "gone");
	CHECK(add(s, REGION_PACKET, RW, "packet", NULL, 64) == last);
	space_free(s);
}

static const struct test tests[] = {
	{ "around a region is nothing, and a miss says by how much", guards },
	{ "an access stays in its element", elements },
	{ "large regions lie above 4 GiB", high },
	{ "pointers from before a change are stale", generations },
	{ "a dropped region says why, and its address rests", dropped },
	{ "a map is an address without memory", opaque },
	{ "probing memory never faults", peek },
	{ "when low pages run out, higher ones are used", exhausted },
};
TEST_MAIN(tests)
