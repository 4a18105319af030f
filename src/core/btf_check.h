// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF that comes from a file, looked at before libbpf is, which takes ids in it as they are. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * 0 if sections lie in the data, every type is whole, and every name and type that one refers to
 * is there; class input otherwise.  `name` is the file.  Data in the other byte order passes: it
 * is refused later.
 */
int btf_check(const char *name, const uint8_t *data, size_t len, struct err *e);
