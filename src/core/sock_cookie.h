// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets by the cookie that the kernel shows of them. */
#pragma once

#include <stdint.h>

struct err;

/* A descriptor of ours for a socket that some process has open, or absent. */
int sock_by_cookie(uint64_t cookie, struct err *e);
