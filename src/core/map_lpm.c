// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which prefix matches: the kernel says its value, not its key. */
#include "core/map_lpm.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "uapi/names.h"

/* Keeps the first n bits of the address behind the length. */
static void set_prefix(uint8_t *key, size_t size, uint32_t n)
{
	uint8_t *addr = key + sizeof(n);

	memcpy(key, &n, sizeof(n));
	size -= sizeof(n);
	for (size_t i = n / 8; i < size; i++)
		addr[i] = i == n / 8 && n % 8 ? (uint8_t)(addr[i] & (0xff00 >> n % 8)) : 0;
}

/*
 * Whether this very key is there, found without changing anything.  The key after one that is
 * there is never the first; that of one that is not there always is.
 */
static int has_key(const struct map *m, const void *key, const void *first, void *next,
		   struct err *e)
{
	int r = map_next_key(m, key, next, e);

	if (r <= 0)
		return r < 0 ? r : 1;
	return memcmp(first, next, m->info.key_size) != 0;
}

static int find_prefix(const struct map *m, uint8_t *key, uint32_t most, struct err *e)
{
	size_t size = m->info.key_size;
	auto_free uint8_t *first = xcalloc(2, size);
	int r = map_next_key(m, NULL, first, e);

	for (uint32_t n = most + 1; r > 0 && n-- > 0;) {
		int has;

		set_prefix(key, size, n);
		has = has_key(m, key, first, first + size, e);
		if (has)
			return has;
	}
	return r;
}

int map_match(const struct map *m, void *key, void *value, struct err *e)
{
	uint32_t most;
	char label[64];
	int r;

	if (m->info.type != UAPI_MAP_lpm_trie)
		return err_input(e, "%s is no lpm_trie: only those match by prefix",
				 map_label(&m->info, label));
	r = map_lookup(m, key, value, 0, e);
	if (r == -ENOENT)
		return err_absent(e, "no prefix in %s matches", map_label(&m->info, label));
	if (r < 0)
		return r;
	memcpy(&most, key, sizeof(most));
	r = find_prefix(m, key, most, e);
	if (r == 0) /* gone meanwhile */
		return err_absent(e, "no prefix in %s matches", map_label(&m->info, label));
	return r < 0 ? r : 0;
}
