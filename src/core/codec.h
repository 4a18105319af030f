// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Bytes to values and text to bytes, by type.  A codec is compiled once, from BTF, from a spec
 * ("u32", "{ ip4 addr; be16 port }") or from a size; using it allocates nothing.
 *
 * What is printed in the typed style can be typed back and gives the same bytes.  Nothing is ever
 * truncated: what does not fit is an error that spells out the type.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct out;
struct types;
struct val;

struct codec;

/*
 * CODEC_TYPED: our own form.  Addresses by the name of their type (ip4 ip6 mac be16 be32 be64
 * cidr4 cidr6, __be16 ...), pointers and 128-bit integers as "0x..." strings, members of anonymous
 * structs beside the others, char arrays as strings.
 * CODEC_BPFTOOL: what bpftool prints under "formatted", as reference for parity.
 */
enum codec_style { CODEC_TYPED, CODEC_BPFTOOL };

/* t must outlive the codec.  NULL with *e: the type has no size, or is too large to be true. */
struct codec *codec_of_type(const struct types *t, uint32_t id, enum codec_style style,
			    struct err *e);
/*
 * u8 to u64, s8 to s64, u128, s128, C's integer types, bool, char, float, double, be16 ... be64,
 * le16 ... le64, ip4, ip6, mac, cidr4, cidr6, ptr, bytes[N], T[N], { T name; T name[N]; T name:3 },
 * union { ... }; with t also the types it has: `struct NAME`, `enum NAME`, a typedef.  Laid out by
 * the rules of C.
 */
struct codec *codec_of_spec(const char *spec, const struct types *t, struct err *e);
/* An unsigned integer for 1, 2, 4, 8; bytes for any other size. */
struct codec *codec_of_size(uint32_t size);
void codec_freep(struct codec **c);
#define auto_codec __attribute__((cleanup(codec_freep)))

uint32_t codec_size(const struct codec *c);
/* No more is known of the bytes than their number. */
bool codec_is_bytes(const struct codec *c);
/* One unsigned integer of 1, 2, 4 or 8 bytes in this machine's order. */
bool codec_is_uint(const struct codec *c);
/* The number that such a codec's bytes are; size is codec_size(). */
uint64_t codec_load_uint(const void *data, uint32_t size);
/* "u32", "struct flow": the type for messages. */
void codec_type_text(const struct codec *c, struct buf *to);

/*
 * A char array is shown up to its last byte that is not 0, so that it can be typed back.  Loose:
 * up to the first 0, for records whose ends hold what happened to be in memory.
 */
void codec_set_loose(struct codec *c);

/*
 * What one field is: "port", "flow.addr", "list[3]", through anonymous structs; its bytes start
 * *off into the whole.  NULL with *e (near names).  Shares names with c, which must outlive it.
 */
struct codec *codec_field(const struct codec *c, const char *path, uint32_t *off, struct err *e);

/* Name of member i of a struct, those of anonymous members among them; NULL: there are no more. */
const char *codec_field_name(const struct codec *c, size_t i);

/*
 * Bytes to output, under key.  Fields that lie beyond len are left out; an array without length
 * at the end takes what len leaves.
 */
void codec_out(const struct codec *c, const void *data, size_t len, struct out *o, const char *key);
/* Bytes to a value tree; 0 or -ENOMEM. */
int codec_val(const struct codec *c, const void *data, size_t len, struct val *v);

/*
 * Text to codec_size() bytes.  0 or -EINVAL (class input, the expected type spelled out); data is
 * then undefined.  Struct fields that are not given become 0; variables of a DATASEC stay.
 */
int codec_parse(const struct codec *c, const char *text, void *data, struct err *e);
/*
 * n words of a command line: one as above; `hex 0a 00 ..`, or one number per byte as bpftool has
 * it; words of a struct that the shell took apart.
 */
int codec_parse_words(const struct codec *c, char *const *words, size_t n, void *data,
		      struct err *e);
/* Adds a number to the one at data; class input if the type is no number, or the sum too large. */
int codec_increase(const struct codec *c, void *data, const char *by, struct err *e);
int codec_from_val(const struct codec *c, const struct val *v, void *data, struct err *e);
