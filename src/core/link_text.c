// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Links in words. */
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/perf_event.h>

#include "core/buf.h"
#include "core/ksyms.h"
#include "core/link.h"
#include "core/mem.h"
#include "uapi/names.h"

static const char *const orders[] = {
	"order_unspec", "self_only", "descendants_pre", "descendants_post", "ancestors_up",
};

static const char *const perf_types[] = {
	[PERF_TYPE_HARDWARE] = "hardware",
	[PERF_TYPE_SOFTWARE] = "software",
	[PERF_TYPE_TRACEPOINT] = "tracepoint",
	[PERF_TYPE_HW_CACHE] = "hw-cache",
	[PERF_TYPE_RAW] = "raw",
	[PERF_TYPE_BREAKPOINT] = "breakpoint",
};

static const char *const hardware[] = {
	"cpu-cycles",
	"instructions",
	"cache-references",
	"cache-misses",
	"branch-instructions",
	"branch-misses",
	"bus-cycles",
	"stalled-cycles-frontend",
	"stalled-cycles-backend",
	"ref-cycles",
};

static const char *const software[] = {
	"cpu-clock",	    "task-clock",   "page-faults",  "context-switches",
	"cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
	"emulation-faults", "dummy",	    "bpf-output",   "cgroup-switches",
};

static const char *const caches[] = { "L1-dcache", "L1-icache", "LLC", "dTLB",
				      "iTLB",	   "branch",	"node" };
static const char *const cache_ops[] = { "load", "store", "prefetch" };
static const char *const cache_results[] = { "refs", "misses" };

static const char *const nf_families[] = {
	[NFPROTO_IPV4] = "ipv4",     [NFPROTO_ARP] = "arp",   [NFPROTO_NETDEV] = "netdev",
	[NFPROTO_BRIDGE] = "bridge", [NFPROTO_IPV6] = "ipv6",
};

static const char *const inet_hooks[] = { "prerouting", "input", "forward", "output",
					  "postrouting" };
static const char *const arp_hooks[] = { "input", "output", "forward" };

#define PICK(table, i) ((i) < countof(table) ? (table)[i] : NULL)

const char *link_iter_order(uint32_t order)
{
	return PICK(orders, order);
}

const char *link_perf_type(uint32_t type)
{
	return PICK(perf_types, type);
}

static void part(char *buf, size_t size, const char *name, uint64_t number, const char *end)
{
	size_t n = strlen(buf);

	if (name)
		snprintf(buf + n, size - n, "%s%s", name, end);
	else
		snprintf(buf + n, size - n, "%llu%s", (unsigned long long)number, end);
}

const char *link_perf_config(uint32_t type, uint64_t config, char buf[64])
{
	uint64_t cache = config & 0xff, op = config >> 8 & 0xff, result = config >> 16;

	switch (type) {
	case PERF_TYPE_HARDWARE:
		return PICK(hardware, config);
	case PERF_TYPE_SOFTWARE:
		return PICK(software, config);
	case PERF_TYPE_HW_CACHE:
		buf[0] = '\0';
		part(buf, 64, PICK(caches, cache), cache, "-");
		part(buf, 64, PICK(cache_ops, op), op, "-");
		part(buf, 64, PICK(cache_results, result), result, "");
		return buf;
	default:
		return NULL;
	}
}

const char *link_nf_family(uint32_t pf)
{
	return PICK(nf_families, pf);
}

const char *link_nf_hook(uint32_t pf, uint32_t hook)
{
	switch (pf) {
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
	case NFPROTO_BRIDGE:
		return PICK(inet_hooks, hook);
	case NFPROTO_ARP:
		return PICK(arp_hooks, hook);
	default:
		return NULL;
	}
}

void link_resolve(struct link_info *i, const struct ksyms *k)
{
	if (i->type != UAPI_LINK_kprobe_multi)
		return;
	for (uint32_t f = 0; f < i->nr_funcs; f++) {
		const struct ksym *s = i->funcs[f].addr ? ksyms_at(k, i->funcs[f].addr) : NULL;

		if (!s)
			continue;
		i->funcs[f].name = s->name;
		i->funcs[f].module = s->module;
	}
}

static void device(const struct link_info *i, struct buf *to)
{
	if (!i->ifindex)
		buf_adds(to, "a device that is gone");
	else if (i->devname[0])
		buf_addf(to, "device %s", i->devname);
	else
		buf_addf(to, "device %u of another namespace", i->ifindex);
}

static void perf(const struct link_info *i, struct buf *to)
{
	const char *name = i->name ? i->name : "?", *ret = i->retprobe ? " (return)" : "";
	char text[64];

	switch (i->perf) {
	case LINK_PERF_UPROBE:
	case LINK_PERF_URETPROBE:
		buf_addf(to, "%s+0x%llx%s", name, (unsigned long long)i->offset, ret);
		break;
	case LINK_PERF_KPROBE:
	case LINK_PERF_KRETPROBE:
		buf_addf(to, "function %s", name);
		if (i->offset)
			buf_addf(to, "+0x%llx", (unsigned long long)i->offset);
		buf_adds(to, ret);
		break;
	case LINK_PERF_TRACEPOINT:
		buf_addf(to, "tracepoint %s", name);
		break;
	case LINK_PERF_EVENT:
		buf_addf(to, "%s event ", link_perf_type(i->event_type) ?: "perf");
		if (link_perf_config(i->event_type, i->event_config, text))
			buf_adds(to, link_perf_config(i->event_type, i->event_config, text));
		else
			buf_addf(to, "0x%llx", (unsigned long long)i->event_config);
		break;
	case LINK_PERF_UNKNOWN:
		buf_adds(to, "a perf event");
		break;
	}
}

static void netfilter(const struct link_info *i, struct buf *to)
{
	const char *pf = link_nf_family(i->pf), *hook = link_nf_hook(i->pf, i->hook);

	if (pf && hook)
		buf_addf(to, "netfilter %s %s", pf, hook);
	else
		buf_addf(to, "netfilter family %u hook %u", i->pf, i->hook);
	buf_addf(to, " priority %d", i->priority);
}

void link_target(const struct link_info *i, struct buf *to)
{
	const char *name = i->name ? i->name : "?";

	switch (i->type) {
	case UAPI_LINK_raw_tracepoint:
		buf_addf(to, "tracepoint %s", name);
		break;
	case UAPI_LINK_tracing:
		buf_addf(to, "type %u of BTF object %u", i->target_btf_id, i->target_obj_id);
		break;
	case UAPI_LINK_cgroup:
		buf_addf(to, "cgroup id %llu", (unsigned long long)i->cgroup_id);
		break;
	case UAPI_LINK_iter:
		buf_addf(to, "iterator %s", name);
		break;
	case UAPI_LINK_netns:
		buf_addf(to, "network namespace %u", i->netns_ino);
		break;
	case UAPI_LINK_xdp:
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
		device(i, to);
		break;
	case UAPI_LINK_perf_event:
		perf(i, to);
		break;
	case UAPI_LINK_kprobe_multi:
		buf_addf(to, "%u functions", i->nr_funcs);
		break;
	case UAPI_LINK_uprobe_multi:
		buf_addf(to, "%s, %u places", name, i->nr_funcs);
		break;
	case UAPI_LINK_struct_ops:
	case UAPI_LINK_sockmap:
		buf_addf(to, "map %u", i->map_id);
		break;
	case UAPI_LINK_netfilter:
		netfilter(i, to);
		break;
	}
}
