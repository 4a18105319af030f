// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sections that an old libbpf does not know, and some that go wrong; loaded one at a time. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tcx/ingress")
int tcx(void *ctx)
{
	return -1;
}

SEC("netfilter")
int nf(void *ctx)
{
	return 1;
}

SEC("uprobe.multi//proc/self/exe:main")
int multi(void *ctx)
{
	return 0;
}

SEC("?fentry/do_unlinkat")
int entry(void *ctx)
{
	return 0;
}

SEC("?tp_btf/no_such_tracepoint")
int typed(void *ctx)
{
	return 0;
}

SEC("?kprobes/misspelled")
int misspelled(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
