// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An iterator, for comparing what tools say of its link. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("iter/task")
int an_iterator(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
