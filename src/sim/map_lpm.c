// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lpm_trie: a binary trie whose paths are compressed.  Nodes without a value join two branches;
 * a node's prefix begins with its parent's, and the next bit says which child it is.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "sim/map_ops.h"

#define NODE_NONE UINT32_MAX
#define VALUE_NONE UINT32_MAX
#define LPM_NODE 24u /* sizeof(struct lpm_trie_node), the kernel's */
#define LPM_DATA_MAX 256u
#define LPM_DEPTH 2049 /* a node per bit, and the root's place */

struct lpm_node {
	uint32_t child[2]; /* NODE_NONE: none; child[0] links free nodes */
	uint32_t value;	   /* VALUE_NONE: it only joins */
	uint32_t len;	   /* bits */
	uint8_t data[];
};

struct lpm {
	struct map m;
	struct map_values v;
	struct map_mem nodes, free_values;
	uint32_t root, stride, bytes;
	uint32_t fresh_node, free_node; /* free_node: NODE_NONE, or the first */
	uint32_t fresh_value, nr_free;	/* free_values: a stack */
	uint32_t count, room;		/* room: values */
};

/* A key as user space and programs write it. */
struct lpm_key {
	uint32_t len;
	uint8_t data[];
} __attribute__((packed));

static struct lpm *lpm(struct map *m)
{
	return (struct lpm *)m;
}

static struct lpm_node *node(const struct lpm *t, uint32_t i)
{
	return (struct lpm_node *)(void *)(t->nodes.host + (size_t)i * t->stride);
}

static int lpm_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	if (!(s->flags & BPF_F_NO_PREALLOC) ||
	    s->value_size > MAP_KMALLOC_MAX - LPM_DATA_MAX - LPM_NODE)
		return -EINVAL;
	return 0;
}

static int lpm_init(struct map *m)
{
	struct lpm *t = lpm(m);
	uint64_t room;
	int r;

	t->root = t->free_node = NODE_NONE;
	t->bytes = m->spec.key_size - (uint32_t)offsetof(struct lpm_key, data);
	t->stride = round8((uint32_t)sizeof(struct lpm_node) + t->bytes);
	/* One is still looked at when another has taken its place. */
	room = map_room((uint64_t)m->spec.max_entries + 1, round8(m->spec.value_size));
	room = map_room(room, 2ul * t->stride);
	t->room = room < NODE_NONE / 2 ? (uint32_t)room : NODE_NONE / 2;
	r = map_mem_new(&t->nodes, 2 * (uint64_t)t->room, t->stride, false);
	if (!r)
		r = map_mem_new(&t->free_values, t->room, sizeof(uint32_t), false);
	return r ? r : map_values_new(m, &t->v, t->room, false);
}

static void lpm_release(struct map *m)
{
	map_mem_free(&lpm(m)->nodes);
	map_mem_free(&lpm(m)->free_values);
	map_values_free(&lpm(m)->v);
}

static void lpm_frozen(struct map *m)
{
	map_values_flags(m, &lpm(m)->v);
}

/* ---- bits --------------------------------------------------------------------------------- */

static unsigned int bit(const uint8_t *data, uint32_t i)
{
	return data[i / 8] >> (7 - i % 8) & 1;
}

/* How many of the first max bits agree; the first `same` are known to. */
static uint32_t common(const uint8_t *a, const uint8_t *b, uint32_t same, uint32_t max)
{
	uint32_t i = same & ~7u, n;

	while (i + 8 <= max && a[i / 8] == b[i / 8])
		i += 8;
	if (i >= max || a[i / 8] == b[i / 8])
		return max;
	n = i + (uint32_t)__builtin_clz((unsigned int)(a[i / 8] ^ b[i / 8])) - 24;
	return n < max ? n : max;
}

/* ---- looking up --------------------------------------------------------------------------- */

static uint32_t longest(const struct lpm *t, const struct lpm_key *key)
{
	uint32_t at = t->root, found = VALUE_NONE, max = t->bytes * 8, same = 0;

	if (key->len > max)
		return VALUE_NONE;
	while (at != NODE_NONE) {
		const struct lpm_node *n = node(t, at);

		if (n->len > key->len || common(n->data, key->data, same, n->len) < n->len)
			break;
		same = n->len;
		if (n->value != VALUE_NONE)
			found = n->value;
		if (n->len == max || n->len == key->len)
			break;
		at = n->child[bit(key->data, n->len)];
	}
	return found;
}

static int lpm_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint32_t i = longest(lpm(m), key);

	(void)flags;
	if (i == VALUE_NONE)
		return -ENOENT;
	map_copy_out(m, value, map_value_host(&lpm(m)->v, i));
	return 0;
}

static uint64_t lpm_elem(struct map *m, const void *key)
{
	uint32_t i = longest(lpm(m), key);

	return i == VALUE_NONE ? 0 : map_value_addr(m, &lpm(m)->v, i);
}

/*
 * Where a prefix is or belongs: the link to the first node that is not shorter and part of it.
 * *above is the node with that link, NODE_NONE at the root.  *match: bits that node has in common
 * with the key.
 */
static uint32_t *descend(struct lpm *t, const struct lpm_key *key, uint32_t *above, uint32_t *grand,
			 uint32_t *match)
{
	uint32_t *link = &t->root;

	*above = *grand = NODE_NONE;
	*match = 0;
	while (*link != NODE_NONE) {
		struct lpm_node *n = node(t, *link);
		uint32_t most = n->len < key->len ? n->len : key->len;

		*match = common(n->data, key->data, *match, most);
		if (*match != n->len || n->len == key->len)
			break;
		*grand = *above;
		*above = *link;
		link = &n->child[bit(key->data, n->len)];
	}
	return link;
}

/* ---- changes ------------------------------------------------------------------------------ */

static uint32_t new_node(struct lpm *t, const uint8_t *data, uint32_t len)
{
	uint32_t i = t->free_node;
	struct lpm_node *n;

	if (i != NODE_NONE)
		t->free_node = node(t, i)->child[0];
	else
		i = t->fresh_node++;
	n = node(t, i);
	n->child[0] = n->child[1] = NODE_NONE;
	n->value = VALUE_NONE;
	n->len = len;
	memcpy(n->data, data, t->bytes);
	return i;
}

static void free_node(struct lpm *t, uint32_t i)
{
	node(t, i)->child[0] = t->free_node;
	t->free_node = i;
}

static uint32_t *free_stack(struct lpm *t)
{
	return (uint32_t *)(void *)t->free_values.host;
}

static uint32_t new_value(struct lpm *t, const void *value)
{
	uint32_t i = t->nr_free ? free_stack(t)[--t->nr_free] : t->fresh_value++;

	map_copy_in(&t->m, map_value_host(&t->v, i), value);
	return i;
}

static void free_value(struct lpm *t, uint32_t i)
{
	free_stack(t)[t->nr_free++] = i;
}

/* Puts a node for key where link is; what is there now differs or is longer. */
static void put_node(struct lpm *t, uint32_t *link, const struct lpm_key *key, uint32_t match,
		     const void *value)
{
	uint32_t old = *link, at = new_node(t, key->data, key->len), join;

	node(t, at)->value = new_value(t, value);
	if (old != NODE_NONE && match == key->len) {
		node(t, at)->child[bit(node(t, old)->data, match)] = old;
	} else if (old != NODE_NONE) {
		join = new_node(t, key->data, match);
		node(t, join)->child[bit(key->data, match)] = at;
		node(t, join)->child[!bit(key->data, match)] = old;
		at = join;
	}
	*link = at;
}

static int lpm_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct lpm *t = lpm(m);
	const struct lpm_key *k = key;
	uint32_t above, grand, match, *link;
	bool there, full = t->count == m->spec.max_entries;
	struct lpm_node *n;
	int r;

	if (flags > BPF_EXIST || k->len > t->bytes * 8)
		return -EINVAL;
	link = descend(t, k, &above, &grand, &match);
	n = *link == NODE_NONE ? NULL : node(t, *link);
	there = n && n->len == k->len && match == k->len;
	r = map_exist_flags(there && n->value != VALUE_NONE, flags);
	if (r)
		return r;
	if (full && !(there && n->value != VALUE_NONE))
		return -ENOSPC;
	if (!t->nr_free && t->fresh_value == t->room)
		return -ENOMEM;
	if (there) {
		uint32_t old = n->value;

		/* With the bits behind the prefix as they are now. */
		memcpy(n->data, k->data, t->bytes);
		n->value = new_value(t, value);
		if (old != VALUE_NONE)
			free_value(t, old);
		else
			t->count++;
		return 0;
	}
	put_node(t, link, k, match, value);
	t->count++;
	return 0;
}

static int lpm_remove(struct map *m, const void *key)
{
	struct lpm *t = lpm(m);
	const struct lpm_key *k = key;
	uint32_t above, grand, match, *link, at;
	struct lpm_node *n, *p;

	if (k->len > t->bytes * 8)
		return -EINVAL;
	link = descend(t, k, &above, &grand, &match);
	at = *link;
	n = at == NODE_NONE ? NULL : node(t, at);
	if (!n || n->len != k->len || match != k->len || n->value == VALUE_NONE)
		return -ENOENT;
	free_value(t, n->value);
	n->value = VALUE_NONE;
	t->count--;
	/* It joins from now on; */
	if (n->child[0] != NODE_NONE && n->child[1] != NODE_NONE)
		return 0;
	/* or it is not needed, and then perhaps nor is what joined it to another. */
	*link = n->child[n->child[0] == NODE_NONE];
	free_node(t, at);
	if (*link != NODE_NONE || above == NODE_NONE || node(t, above)->value != VALUE_NONE)
		return 0;
	p = node(t, above);
	at = p->child[p->child[0] == NODE_NONE];
	if (grand == NODE_NONE)
		t->root = at;
	else
		node(t, grand)->child[node(t, grand)->child[1] == above] = at;
	free_node(t, above);
	return 0;
}

/* ---- in order: what is more specific comes first ------------------------------------------ */

/* The first in the order of a subtree. */
static uint32_t leftmost(const struct lpm *t, uint32_t at)
{
	while (node(t, at)->child[0] != NODE_NONE || node(t, at)->child[1] != NODE_NONE)
		at = node(t, at)->child[node(t, at)->child[0] == NODE_NONE];
	return at;
}

/* The nodes from the root to the one with that prefix; their number, 0: it is not there. */
static uint32_t path_to(const struct lpm *t, const struct lpm_key *key, uint32_t *path)
{
	uint32_t at = t->root, n = 0;

	while (at != NODE_NONE) {
		const struct lpm_node *x = node(t, at);

		if (x->len > key->len || common(x->data, key->data, 0, x->len) < x->len)
			return 0;
		path[n++] = at;
		if (x->len == key->len)
			return x->value == VALUE_NONE ? 0 : n;
		at = x->child[bit(key->data, x->len)];
	}
	return 0;
}

static uint32_t after_path(const struct lpm *t, const uint32_t *path, uint32_t n)
{
	while (n > 1) {
		const struct lpm_node *up = node(t, path[n - 2]);

		if (up->child[0] == path[n - 1] && up->child[1] != NODE_NONE)
			return leftmost(t, up->child[1]);
		n--;
		if (up->value != VALUE_NONE)
			return path[n - 1];
	}
	return NODE_NONE;
}

static int lpm_next(struct map *m, const void *key, void *next)
{
	struct lpm *t = lpm(m);
	const struct lpm_key *k = key;
	uint32_t path[LPM_DEPTH], n = 0, at;

	if (t->root == NODE_NONE)
		return -ENOENT;
	if (k && k->len <= t->bytes * 8)
		n = path_to(t, k, path);
	at = n ? after_path(t, path, n) : leftmost(t, t->root);
	if (at == NODE_NONE)
		return -ENOENT;
	memcpy(next, &node(t, at)->len, sizeof(uint32_t));
	memcpy((uint8_t *)next + sizeof(uint32_t), node(t, at)->data, t->bytes);
	return 0;
}

static uint64_t lpm_count(const struct map *m)
{
	return ((const struct lpm *)m)->count;
}

const struct map_ops map_lpm_trie_ops = {
	.size = sizeof(struct lpm),
	.check = lpm_check,
	.init = lpm_init,
	.release = lpm_release,
	.set_frozen = lpm_frozen,
	.inner = true,
	.lookup = lpm_lookup,
	.update = lpm_update,
	.remove = lpm_remove,
	.next = lpm_next,
	.batches = 1 << MAP_BATCH_LOOKUP | 1 << MAP_BATCH_UPDATE | 1 << MAP_BATCH_DELETE,
	.elem = lpm_elem,
	.prog_update = lpm_update,
	.count = lpm_count,
};
