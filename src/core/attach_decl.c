// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Declaration tags "attach:KEY=VALUE" of a program's function. */
#include "core/attach_decl.h"

#include <stdint.h>
#include <string.h>

#include "core/attach.h"
#include "core/object.h"
#include "core/opt.h"
#include "core/types.h"

#define PREFIX "attach:"

static const char *value_of(const char *tag, const char *key)
{
	size_t n = strlen(key);

	tag += strlen(PREFIX);
	return strncmp(tag, key, n) == 0 && tag[n] == '=' ? tag + n + 1 : NULL;
}

static enum xdp_mode mode_of(const char *word)
{
	static const struct {
		const char *word;
		enum xdp_mode mode;
	} modes[] = {
		{ "native", XDP_MODE_NATIVE }, { "driver", XDP_MODE_NATIVE },
		{ "generic", XDP_MODE_SKB },   { "skb", XDP_MODE_SKB },
		{ "offload", XDP_MODE_HW },    { "hw", XDP_MODE_HW },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(modes[i].word, word) == 0)
			return modes[i].mode;
	return XDP_MODE_AUTO;
}

static void take(const char *tag, struct attach_opts *opts)
{
	const char *dev = value_of(tag, "dev"), *mode = value_of(tag, "mode");
	const char *cgroup = value_of(tag, "cgroup"), *netns = value_of(tag, "netns");
	const char *pid = value_of(tag, "pid");
	uint64_t n;

	if (dev && !opts->dev)
		opts->dev = dev;
	if (mode && opts->mode == XDP_MODE_AUTO)
		opts->mode = mode_of(mode);
	if (cgroup && !opts->cgroup)
		opts->cgroup = cgroup;
	if (netns && !opts->netns)
		opts->netns = netns;
	if (pid && !opts->pid && !opt_number(pid, &n) && n <= UINT32_MAX)
		opts->pid = (uint32_t)n;
}

void attach_declared(const struct object *o, const char *prog, struct attach_opts *opts)
{
	const struct types *t = object_types(o);
	uint32_t func = t ? types_find_kind(t, prog, T_FUNC) : 0;
	struct type tag;

	for (uint32_t id = 1; func && id < types_count(t); id++)
		if (types_get(t, id, &tag) && tag.kind == T_DECL_TAG && tag.ref == func &&
		    strncmp(tag.name, PREFIX, strlen(PREFIX)) == 0)
			take(tag.name, opts);
}
