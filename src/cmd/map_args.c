// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words for a map, a key and a value. */
#include "cmd/map_args.h"

#include "core/err.h"
#include "core/mem.h"

int entry_open(struct entry *n, const struct entry_args *a, struct err *e)
{
	int r = entries_open(&n->x, a->map, &a->spec, e);

	if (r < 0)
		return r;
	if (n->x.map.info.key_size)
		n->key = xcalloc(1, n->x.map.info.key_size);
	n->value = xcalloc(1, n->x.map.value_len ?: 1);
	return 0;
}

void entry_close(struct entry *n)
{
	freep(&n->key);
	freep(&n->value);
	map_fds_close(&n->fds);
	entries_close(&n->x);
}

static struct words given(const char *const *plain, const struct words *named)
{
	if (named->n || !*plain)
		return *named;
	return (struct words){ .v = (char **)(uintptr_t)plain, .n = 1 };
}

bool entry_has_key(const struct entry_args *a)
{
	return a->plain_key || a->key.n;
}

int entry_key(struct entry *n, const struct entry_args *a, struct err *e)
{
	struct words words = given(&a->plain_key, &a->key);

	if (n->key && !words.n)
		return err_usage(e, "KEY is missing");
	if (words.n == 1 && map_codec_key_is_handle(&n->x.typed))
		n->x.key_text = words.v[0];
	return map_codec_key(&n->x.typed, words.v, words.n, n->key, &n->fds, e);
}

int entry_value(struct entry *n, const struct entry_args *a, struct err *e)
{
	struct words words = given(&a->plain_value, &a->value);

	if (!words.n)
		return err_usage(e, "VALUE is missing");
	return map_codec_value(&n->x.typed, words.v, words.n, n->key, n->value, &n->fds, e);
}

int entry_no_number(const struct entry *n, struct err *e)
{
	char label[64];

	return err_input(e,
			 "%s holds programs, maps, sockets or their like: they cannot be compared "
			 "or counted with",
			 map_label(&n->x.map.info, label));
}

int entry_word(struct entry *n, const char *word, void *at, struct err *e)
{
	char *words[] = { (char *)(uintptr_t)word };

	if (map_codec_value_is_handle(&n->x.typed))
		return entry_no_number(n, e);
	return map_codec_value(&n->x.typed, words, 1, n->key, at, &n->fds, e);
}

void entry_begin(const struct entry *n, struct out *out, enum out_shape shape)
{
	/* The first column is the key: in text there is none where the map has none. */
	out_begin(out, entry_cols + (!n->key && out_is_text(out)), shape);
}

void entry_show(const struct entry *n, struct out *out)
{
	entry_begin(n, out, OUT_ONE);
	entry_put(&n->x, out, n->key, n->value, 0);
}
