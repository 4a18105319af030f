// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets from the fields of their layers, and back.  Which layers and fields there are is told
 * by uapi/packet.def; lengths, protocols and checksums are filled in unless they are given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/packet.h"

struct buf;
struct err;

#define PACKET_MAX_LAYERS 16
#define PACKET_MAX (256u << 10) /* bytes of a packet */

/* A field that is given: a number, or the text of an address (then text is not NULL). */
struct packet_value {
	const struct packet_field *field;
	uint64_t num;
	const char *text; /* "10.0.0.1", "fe80::1", "02:00:00:00:00:01" */
};

/* A header, or (bytes not NULL) what stands at the end of a packet or between headers. */
struct packet_part {
	enum packet_layer_id layer;
	const struct packet_value *values;
	size_t nr_values;
	const void *bytes;
	size_t len;
};

/*
 * Appends the packet.  0; or class input with *bad, the index of the part, and *value, that of
 * the value in it (-1: none), which are wrong.
 */
int packet_build(const struct packet_part *parts, size_t n, struct buf *to, size_t *bad, int *value,
		 struct err *e);

/*
 * What a packet is, as text that builds it again: "eth / ip4(ttl=63) / tcp(dport=443)".  The
 * fields that are not what they would be filled in with are named; `first` is the layer it
 * begins with.
 */
void packet_text(const void *data, size_t len, enum packet_layer_id first, struct buf *to);

/*
 * Where two packets differ: a line for each field ("ip4.ttl: 63, not 64" with b's value first),
 * or byte.  Returns how many differences there are; lines of the first PACKET_MAX_DIFFS.
 */
#define PACKET_MAX_DIFFS 16
size_t packet_diff(const void *want, size_t want_len, const void *got, size_t got_len,
		   enum packet_layer_id first, struct buf *to);

/* The Internet checksum (RFC 1071) of data, begun with sum; host order, not inverted. */
uint32_t packet_sum(uint32_t sum, const void *data, size_t len);
uint16_t packet_fold(uint32_t sum); /* folded and inverted */
