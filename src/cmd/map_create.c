// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map create. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmds.h"
#include "cmd/loading.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/map_make.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/netns.h"
#include "core/object.h"
#include "core/pin.h"
#include "core/sys.h"
#include "core/until.h"

struct create_args {
	const char *what;
	const char *from;
	const char *type, *name, *key, *value, *entries, *max, *flags, *device, *offload;
	uint64_t extra, hashes;
	const char *node;
	struct words inner;
	const char *inner_new, *pinned;
	struct words command;
};

/* What is made, and by what. */
struct creation {
	struct ctx *ctx;
	const struct create_args *a;
	struct map map;
	struct err *e;
};

/* A map of an object or source file, alone. */
static int from_file(struct creation *c)
{
	const struct loading_args load = { .file = c->a->from };
	auto_object struct object *o = loading_open(c->ctx, &load, NULL, c->e);
	struct object_map m;
	int i, r, fd;

	if (!o)
		return err_class(c->e, c->e->class);
	i = object_find_map(o, c->a->what, c->e);
	if (i < 0)
		return i;
	r = object_only_map(o, (size_t)i, c->e);
	if (!r)
		r = object_load(o, c->e);
	if (r)
		return r;
	object_map(o, (size_t)i, &m);
	fd = sys_dup(m.fd);
	return fd < 0 ? err_sys(c->e, "cannot keep the descriptor") : map_open(&c->map, fd, c->e);
}

/* The map whose shape those inside will have; closed when it has served. */
static int inner_of(const struct creation *c, struct map *inner)
{
	const struct create_args *a = c->a;
	int fd;

	if (a->inner_new)
		return map_make_short(inner, a->inner_new, c->e);
	if (!a->inner.n)
		return 0;
	fd = handle_open_words(a->inner.v, a->inner.n, OBJ_MAP, c->e);
	return fd < 0 ? fd : map_open(inner, fd, c->e);
}

static int device_of(const struct creation *c, uint32_t *ifindex)
{
	const char *name = c->a->device ?: c->a->offload;
	auto_net struct net *net = name ? net_open(NULL, c->e) : NULL;
	struct net_dev dev = {};
	int r;

	if (!name)
		return 0;
	r = net ? net_dev(net, name, &dev, c->e) : err_class(c->e, c->e->class);
	if (!r)
		*ifindex = dev.ifindex;
	return r;
}

static int from_words(struct creation *c)
{
	const struct create_args *a = c->a;
	auto_map struct map inner = MAP_INIT;
	uint64_t node = 0;
	struct map_wish w = {
		.type = a->type ?: a->what,
		.name = a->name,
		.key = a->key,
		.value = a->value,
		.entries = a->entries ?: a->max,
		.flags = a->flags,
		.extra = a->extra ?: a->hashes,
		.on_node = a->node != NULL,
	};
	int r = device_of(c, &w.ifindex);

	if (a->node && (opt_number(a->node, &node) || node > UINT32_MAX))
		return err_usage(c->e, "'%s' is no NUMA node", a->node);
	w.numa_node = (uint32_t)node;
	if (!r)
		r = inner_of(c, &inner);
	if (inner.fd >= 0)
		w.inner_fd = inner.fd;
	return r ? r : map_make(&c->map, &w, c->e);
}

/* In the namespace the command is for: tables of devices and sockets belong to one. */
static int make(void *arg)
{
	struct creation *c = arg;

	return c->a->from ? from_file(c) : from_words(c);
}

/* Runs the user's command, which finds the map's id in its environment. */
static int run_command(struct creation *c)
{
	auto_until struct until *until = until_new(c->e);
	char id[16];
	int r;

	if (!until)
		return err_class(c->e, c->e->class);
	snprintf(id, sizeof(id), "%u", c->map.info.id);
	setenv("BPFCTL_MAP", id, 1);
	r = until_run(until, c->a->command, c->e);
	if (r < 0)
		return r;
	until_wait(until, c->e);
	c->ctx->status = until_status(until);
	return 0;
}

static int check(const struct create_args *a, const char **pinned, struct err *e)
{
	*pinned = a->pinned;
	if (a->type && a->pinned)
		return err_usage(e, "with `type`, the first word is the pin: two pins were given");
	if (a->type && a->from)
		return err_usage(e, "`type` does not go with --from, which knows the type");
	if (a->type)
		*pinned = a->what;
	if (!*pinned && !a->command.n) {
		err_usage(e, "nothing would hold the map: it would be gone at once");
		return err_hint(e, "pin it (pinned PATH), or run a command with it (-- COMMAND)");
	}
	if (a->entries && a->max)
		return err_usage(e, "`entries` and `max` are the same: give one of them");
	if (a->extra && a->hashes)
		return err_usage(e, "`extra` and `hashes` are the same: give one of them");
	if (a->inner.n && a->inner_new)
		return err_usage(e, "`inner` and `inner_map` exclude each other");
	return 0;
}

static bool is_spec(const char *text)
{
	uint64_t n;

	return text && opt_number(text, &n);
}

static int create_run(struct ctx *ctx, const void *args, struct err *e)
{
	struct creation c = { .ctx = ctx, .a = args, .map = MAP_INIT, .e = e };
	const char *pinned;
	char label[64];
	int r = check(c.a, &pinned, e);

	if (!r)
		r = netns_call(ctx->netns, make, &c, e);
	if (!r && pinned)
		r = pin_object(c.map.fd, pinned, ctx->nomount, e);
	if (!r) {
		info(ctx, "created %s%s%s", map_label(&c.map.info, label),
		     pinned ? ", pinned " : "", pinned ?: "");
		if (!c.a->from && !c.map.info.btf_id && (is_spec(c.a->key) || is_spec(c.a->value)))
			info(ctx, "maps of this type keep no types: say --key-spec and "
				  "--value-spec when reading it");
		if (c.a->command.n)
			r = run_command(&c);
	}
	map_close(&c.map);
	return r;
}

static const struct opt create_opts[] = {
	OPERAND(struct create_args, what, OPT_MAP_TYPE, "TYPE|PATH",
		"the map's type; with `type`, the pin, as in bpftool; with --from, the map's name",
		.flags = OPT_REQUIRED),
	OPTION(struct create_args, from, OPT_FILE, "from", 0, "FILE",
	       "a map that this source or object file defines"),
	KEYWORD(struct create_args, type, OPT_MAP_TYPE, "type", "TYPE", "hash, array ..."),
	KEYWORD(struct create_args, key, OPT_STR, "key", "SIZE|SPEC",
		"bytes of a key, or its type as a spec, which becomes the map's BTF"),
	KEYWORD(struct create_args, value, OPT_STR, "value", "SIZE|SPEC", "the same of a value"),
	KEYWORD(struct create_args, entries, OPT_STR, "entries", "N",
		"most entries, or the size of a ring buffer; 256K, 4M"),
	KEYWORD(struct create_args, max, OPT_STR, "max", "N", "the same"),
	KEYWORD(struct create_args, name, OPT_STR, "name", "NAME", "at most 15 characters"),
	KEYWORD(struct create_args, flags, OPT_STR, "flags", "FLAGS",
		"names or a number: no_prealloc,mmapable"),
	KEYWORD(struct create_args, node, OPT_STR, "numa", "NODE", "the memory of this NUMA node"),
	KEYWORD(struct create_args, extra, OPT_U64, "extra", "N", "map_extra"),
	KEYWORD(struct create_args, hashes, OPT_U64, "hashes", "N",
		"hash functions of a bloom filter, 1 to 15"),
	KEYWORD(struct create_args, inner_new, OPT_STR, "inner", "TYPE:KEY:VALUE:ENTRIES",
		"what the maps inside are like"),
	KEYWORD(struct create_args, inner, OPT_MAP, "inner_map", "MAP", "the same: like this one"),
	KEYWORD(struct create_args, device, OPT_IFACE, "dev", "DEVICE", "offload to this device"),
	KEYWORD(struct create_args, offload, OPT_IFACE, "offload_dev", "DEVICE", "the same"),
	KEYWORD(struct create_args, pinned, OPT_PIN, "pinned", "PATH", "where to pin it"),
	COMMAND(struct create_args, command,
		"run this while the map is there; its id is in BPFCTL_MAP"),
	OPT_END,
};

const struct cmd cmd_map_create = {
	.name = "create",
	.brief = "make a map, for a pin or for a command",
	.doc = "Sizes that a type has anyway need not be said, nor flags that it must have. A spec "
	       "for key or value gives the map BTF, so that every tool knows its types.",
	.opts = create_opts,
	.args_size = sizeof(struct create_args),
	.run = create_run,
};
