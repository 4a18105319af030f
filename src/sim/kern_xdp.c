// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Devices, and the XDP programs on them: which may be attached where others are. */
#include "sim/kern_xdp.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/kern_priv.h"
#include "uapi/names.h"

/* ---- devices ------------------------------------------------------------------------------- */

struct kern_dev *kern_dev(struct kern *k, uint32_t ifindex)
{
	for (size_t i = 0; i < k->net.nr_devs; i++)
		if (k->net.devs[i].ifindex == ifindex)
			return &k->net.devs[i];
	return NULL;
}

int kern_dev_add(struct kern *k, const struct kern_dev *d)
{
	for (size_t i = 0; i < k->net.nr_devs; i++) {
		const struct kern_dev *o = &k->net.devs[i];

		if (o->ifindex == d->ifindex ||
		    (strcmp(o->name, d->name) == 0 && strcmp(o->netns, d->netns) == 0))
			return -EEXIST;
	}
	if (array_grow(&k->net.devs, k->net.nr_devs, &k->net.cap_devs, sizeof(*d)))
		return -ENOMEM;
	k->net.devs[k->net.nr_devs++] = *d;
	return 0;
}

int kern_devs_default(struct kern *k)
{
	static const struct kern_dev devs[] = {
		{ .ifindex = 1, .mtu = 65536, .up = true, .name = "lo" },
		{ .ifindex = 2, .mtu = 1500, .up = true, .name = "eth0" },
	};
	int err = 0;

	for (size_t i = 0; i < countof(devs) && !err; i++)
		err = kern_dev_add(k, &devs[i]);
	return err;
}

void kern_devs_free(struct kern *k)
{
	for (size_t i = 0; i < k->net.nr_devs; i++)
		for (unsigned int mode = 0; mode < KERN_XDP_MODES; mode++)
			if (k->net.devs[i].xdp[mode])
				kobj_put(&k->net.devs[i].xdp[mode]->obj);
	free(k->net.devs);
	k->net.devs = NULL;
	k->net.nr_devs = k->net.cap_devs = 0;
}

/* ---- modes --------------------------------------------------------------------------------- */

/* The loopback device's driver has no XDP, the others' have; cards that run programs there are
 * none. */
static bool is_native(const struct kern_dev *d)
{
	return strcmp(d->name, "lo") != 0;
}

static unsigned int mode_of(const struct kern_dev *d, uint32_t flags)
{
	if (flags & (XDP_FLAGS_DRV_MODE | XDP_FLAGS_HW_MODE))
		return KERN_XDP_NATIVE;
	if (flags & XDP_FLAGS_SKB_MODE)
		return KERN_XDP_SKB;
	return is_native(d) ? KERN_XDP_NATIVE : KERN_XDP_SKB;
}

static const struct kern_link *link_on(const struct kern *k, const struct kern_dev *d,
				       unsigned int mode)
{
	const struct kern_ids *ids = &k->ids[KOBJ_LINK];

	for (size_t i = 0; i < ids->n; i++) {
		const struct kern_link *l = (const struct kern_link *)ids->v[i];

		if (l->type == UAPI_LINK_xdp && l->target == d->ifindex &&
		    mode_of(d, l->flags) == mode)
			return l;
	}
	return NULL;
}

const struct prog *kern_xdp_prog(const struct kern *k, const struct kern_dev *d, unsigned int mode)
{
	const struct kern_link *l = link_on(k, d, mode);

	return l ? l->prog : d->xdp[mode];
}

static bool runs_both(const struct kern *k, const struct kern_dev *d)
{
	return kern_xdp_prog(k, d, KERN_XDP_NATIVE) && kern_xdp_prog(k, d, KERN_XDP_SKB);
}

/* ---- rules --------------------------------------------------------------------------------- */

static int no(struct xdp_change *c, int err, const char *why)
{
	c->why = why;
	return err;
}

static int check_flags(const struct kern *k, struct xdp_change *c, bool link)
{
	uint32_t modes = c->flags & XDP_FLAGS_MODES;

	if (link && (c->flags & ~XDP_FLAGS_MODES))
		return no(c, -EINVAL, "Invalid XDP flags for BPF link attachment");
	if (modes & (modes - 1))
		return no(c, -EINVAL, "Only one XDP mode flag can be set");
	if (!modes && runs_both(k, c->dev))
		return no(c, -EINVAL, "More than one program loaded, unset mode is ambiguous");
	if (c->old && !(c->flags & XDP_FLAGS_REPLACE))
		return no(c, -EINVAL, "XDP_FLAGS_REPLACE is not specified");
	return 0;
}

/* A program, where there is none of the same mode that has to stay. */
static int check_new(const struct kern *k, struct xdp_change *c, const struct prog *new,
		     unsigned int mode)
{
	unsigned int other = mode == KERN_XDP_SKB ? KERN_XDP_NATIVE : KERN_XDP_SKB;

	if (new->type != UAPI_PROG_xdp)
		return -EINVAL;
	if ((c->flags & XDP_FLAGS_UPDATE_IF_NOEXIST) && kern_xdp_prog(k, c->dev, mode))
		return no(c, -EBUSY, "XDP program already attached");
	if (kern_xdp_prog(k, c->dev, other))
		return no(c, -EEXIST, "Native and generic XDP can't be active at the same time");
	if (new->attach_type == UAPI_ATTACH_xdp_devmap)
		return no(c, -EINVAL, "BPF_XDP_DEVMAP programs can not be attached to a device");
	if (new->attach_type == UAPI_ATTACH_xdp_cpumap)
		return no(c, -EINVAL, "BPF_XDP_CPUMAP programs can not be attached to a device");
	if (c->flags & XDP_FLAGS_HW_MODE)
		return -EINVAL; /* it was not loaded for the device */
	if (mode == KERN_XDP_NATIVE && !is_native(c->dev))
		return no(c, -EOPNOTSUPP, "Underlying driver does not support XDP in native mode");
	return 0;
}

static int check(const struct kern *k, struct xdp_change *c, const struct prog *new, bool link)
{
	unsigned int mode = mode_of(c->dev, c->flags);
	const struct prog *now = kern_xdp_prog(k, c->dev, mode);
	int err = check_flags(k, c, link);

	if (err)
		return err;
	if (link_on(k, c->dev, mode))
		return no(c, -EBUSY, "Can't replace active BPF XDP link");
	if (link && now)
		return no(c, -EBUSY, "Can't replace active XDP program with BPF link");
	if ((c->flags & XDP_FLAGS_REPLACE) && now != c->old)
		return no(c, -EEXIST, "Active program does not match expected");
	return new ? check_new(k, c, new, mode) : 0;
}

int kern_xdp_link(struct kern *k, uint32_t ifindex, const struct prog *p, uint32_t flags)
{
	struct xdp_change c = { .dev = kern_dev(k, ifindex), .flags = flags };

	return c.dev ? check(k, &c, p, true) : -EINVAL;
}

int kern_xdp_change(struct kern *k, struct xdp_change *c)
{
	struct prog **now = &c->dev->xdp[mode_of(c->dev, c->flags)], *before = *now;
	int err = check(k, c, c->new, false);

	if (err)
		return err;
	*now = c->new;
	if (c->new)
		kobj_get(&c->new->obj);
	if (before)
		kern_let_go(k, &before->obj);
	return 0;
}
