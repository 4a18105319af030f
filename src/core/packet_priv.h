// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What building and reading packets share. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/packet.h"

void packet_put_bits(uint8_t *header, unsigned int bit, unsigned int bits, uint64_t v);
uint64_t packet_get_bits(const uint8_t *header, unsigned int bit, unsigned int bits);
/* The field's default. */
void packet_put_init(const struct packet_field *f, uint8_t *header);

/*
 * The checksum of a header whose own field is 0: len bytes from the header on, the pseudo header
 * of the IP header in front of it (ip -1: there is none) included.
 */
uint16_t packet_checksum(enum packet_layer_id layer, const uint8_t *header, size_t header_len,
			 size_t len, int ip, const uint8_t *ip_header);
