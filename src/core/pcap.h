// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Captures: one packet out of a pcap or pcapng file. */
#pragma once

#include <stdint.h>

struct buf;
struct err;

/*
 * Appends packet number n (from 0) of the capture.  Class absent: the file, or that packet of it;
 * input: it is no capture of Ethernet or raw IP packets.
 */
int pcap_packet(const char *path, uint32_t n, struct buf *to, struct err *e);
