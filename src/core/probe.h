// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What this process may do and why not: facts for hints, each one looked up, none guessed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* Capabilities an operation can need, as a set. */
enum {
	NEED_BPF = 1,
	NEED_PERFMON = 2,
	NEED_NET_ADMIN = 4,
	NEED_SYS_ADMIN = 8,
};

/* The effective set as in /proc/self/status; 0 if that cannot be read. */
uint64_t probe_caps(void);
/* The members of need that the process lacks; CAP_SYS_ADMIN stands for the first two. */
unsigned int probe_missing(unsigned int need);

/* "none", "integrity", "confidentiality"; "" where the kernel has no lockdown. */
void probe_lockdown(char *buf, size_t size);
/* "kernel/unprivileged_bpf_disabled"; -1: there is none. */
long probe_sysctl(const char *name);
bool probe_is_bpffs(const char *path);
/* "6.18.44" */
void probe_release(char *buf, size_t size);
/* Whether the kernel behind the door is older than version, "6.6"; a mock never is. */
bool probe_before(const char *version);

/*
 * Whether this kernel knows a program type (with this expected attach type), by loading the
 * smallest program: 1, 0, or -1 where that cannot tell (denied, or the type needs a target).
 */
int probe_prog_type(uint32_t type, uint32_t attach_type);

/* Whether this kernel lets programs of a type call a helper: the same answers. */
int probe_helper(uint32_t type, uint32_t helper);

/*
 * Adds the hint to an error of EPERM or EACCES: the capability that is missing, or the sysctl, or
 * lockdown, or that it must be a policy because all that can be looked up allows it.  Other errors
 * are left alone.  Returns the error's negative code.
 */
int probe_denied(struct err *e, unsigned int need);
