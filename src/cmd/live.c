// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pins and holders of live objects, as columns. */
#include "cmd/live.h"

#include "core/buf.h"
#include "core/net.h"

int live_read(struct live *l, const struct ctx *ctx, struct err *e)
{
	int r = 0;

	l->show_pins = ctx->bpffs;
	if (l->show_pins)
		r = pins_read(&l->pins, NULL, e);
	return r < 0 ? r : holders_read(&l->holders, e);
}

void live_free(struct live *l)
{
	pins_free(&l->pins);
	holders_free(&l->holders);
}

static void put_holders(struct out *out, const struct holder *h, size_t n)
{
	out_list(out, "pids");
	for (size_t i = 0; i < n; i++) {
		out_map(out, NULL);
		out_int(out, "pid", h[i].pid);
		out_str(out, "comm", h[i].comm);
		out_close(out);
	}
	out_close(out);
}

/* "bpfctl(712),systemd(1)" */
static void put_holders_text(struct out *out, const struct holder *h, size_t n)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s%s(%d)", i ? "," : "", h[i].comm, h[i].pid);
	out_strn(out, "pids", text.data, text.len);
}

void live_put(const struct live *l, struct out *out, enum obj_kind kind, uint32_t id)
{
	size_t nr_pins = 0, nr_holders;
	const struct pin *pins = pins_find(&l->pins, kind, id, &nr_pins);
	const struct holder *holders = holders_find(&l->holders, kind, id, &nr_holders);

	if (l->show_pins && (nr_pins || !out_is_text(out))) {
		out_list(out, "pinned");
		for (size_t i = 0; i < nr_pins; i++)
			out_str(out, NULL, pins[i].path);
		out_close(out);
	}
	if (!nr_holders)
		return;
	if (out_is_text(out))
		put_holders_text(out, holders, nr_holders);
	else
		put_holders(out, holders, nr_holders);
}

void live_put_dev(struct out *out, uint32_t ifindex, uint64_t ns_dev, uint64_t ns_inode)
{
	char name[16];

	if (!ifindex)
		return;
	out_map(out, "dev");
	out_uint(out, "ifindex", ifindex);
	out_uint(out, "ns_dev", ns_dev);
	out_uint(out, "ns_inode", ns_inode);
	if (net_name(ifindex, name))
		out_str(out, "ifname", name);
	out_close(out);
}

void live_put_type(struct out *out, const char *key, const char *name, uint32_t number)
{
	if (name)
		out_str(out, key, name);
	else
		out_uint(out, key, number);
}
