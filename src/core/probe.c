// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Capabilities, sysctls, lockdown: why something was denied. */
#include "core/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

static const struct {
	unsigned int need;
	unsigned int bit;
	const char *name;
} caps[] = {
	{ NEED_BPF, CAP_BPF, "CAP_BPF" },
	{ NEED_PERFMON, CAP_PERFMON, "CAP_PERFMON" },
	{ NEED_NET_ADMIN, CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ NEED_SYS_ADMIN, CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
};

uint64_t probe_caps(void)
{
	char status[8192], *line;

	if (sys_read_file("/proc/self/status", status, sizeof(status)) < 0)
		return 0;
	line = strstr(status, "\nCapEff:");
	return line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

unsigned int probe_missing(unsigned int need)
{
	uint64_t have = probe_caps();
	unsigned int missing = 0;

	for (size_t i = 0; i < countof(caps); i++)
		if ((need & caps[i].need) && !(have >> caps[i].bit & 1))
			missing |= caps[i].need;
	if (have >> CAP_SYS_ADMIN & 1)
		missing &= ~(unsigned int)(NEED_BPF | NEED_PERFMON);
	return missing;
}

void probe_lockdown(char *buf, size_t size)
{
	char text[128], *open, *close;

	buf[0] = '\0';
	/* none [integrity] confidentiality */
	if (sys_read_file("/sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return;
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		snprintf(buf, size, "%.*s", (int)(close - open - 1), open + 1);
}

long probe_sysctl(const char *name)
{
	char path[256], text[64], *end;
	long v;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if (sys_read_file(path, text, sizeof(text)) < 0)
		return -1;
	v = strtol(text, &end, 10);
	return end == text ? -1 : v;
}

bool probe_is_bpffs(const char *path)
{
	return sys_is_bpffs(path);
}

void probe_release(char *buf, size_t size)
{
	struct utsname u;

	/* A record has it as the kernel's own file, so that it comes again elsewhere. */
	if (sys_taped() && sys_read_file("/proc/sys/kernel/osrelease", buf, size) >= 0)
		buf[strcspn(buf, "\n")] = '\0';
	else
		snprintf(buf, size, "%s", uname(&u) ? "" : u.release);
}

/* "6.18.44" is 6018; 0: no version. */
static unsigned long version_of(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10);

	return *end == '.' ? major * 1000 + strtoul(end + 1, NULL, 10) : 0;
}

bool probe_before(const char *version)
{
	char release[65];
	unsigned long here;

	if (sys_apart() && !sys_taped())
		return false;
	probe_release(release, sizeof(release));
	here = version_of(release);
	return here && here < version_of(version);
}

int probe_prog_type(uint32_t type, uint32_t attach_type)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = {
		.prog_type = type,
		.insn_cnt = countof(insns),
		.insns = attr_ptr(insns),
		.license = attr_ptr("GPL"),
		.expected_attach_type = attach_type,
	};
	auto_fd int fd = -1;

	if (type == UAPI_PROG_tracing || type == UAPI_PROG_lsm || type == UAPI_PROG_ext ||
	    type == UAPI_PROG_struct_ops)
		return -1;
	fd = sys_bpf(BPF_PROG_LOAD, &a, sizeof(a));
	if (fd >= 0)
		return 1;
	return fd == -EINVAL || fd == -E2BIG ? 0 : -1;
}

/* The words in which kernels refuse a helper; with any other complaint it was let through. */
static bool is_refused(const char *log)
{
	static const char *const words[] = { "unknown func", "invalid func",
					     "program of this type cannot use helper",
					     "cannot be called from" };

	for (size_t i = 0; i < countof(words); i++)
		if (strstr(log, words[i]))
			return true;
	return false;
}

int probe_helper(uint32_t type, uint32_t helper)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = (int32_t)helper },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[4096] = "";
	union bpf_attr a = {
		.prog_type = type,
		.insn_cnt = countof(insns),
		.insns = attr_ptr(insns),
		.license = attr_ptr("GPL"),
		.log_buf = attr_ptr(log),
		.log_size = sizeof(log),
		.log_level = 1,
	};
	auto_fd int fd = -1;

	for (size_t i = 0; i < uapi_nr_sections; i++)
		if (uapi_sections[i].prog_type == type && !a.expected_attach_type)
			a.expected_attach_type =
				(uint32_t)(uapi_attach_type(uapi_sections[i].attach_type) > 0
						   ? uapi_attach_type(uapi_sections[i].attach_type)
						   : 0);
	if (probe_prog_type(type, a.expected_attach_type) != 1)
		return -1;
	fd = sys_bpf(BPF_PROG_LOAD, &a, sizeof(a));
	if (fd >= 0)
		return 1;
	if (fd == -EPERM || !*log)
		return -1;
	return is_refused(log) ? 0 : 1;
}

static void names_of(unsigned int need, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < countof(caps); i++) {
		size_t n = strlen(buf);

		if (need & caps[i].need)
			snprintf(buf + n, size - n, "%s%s", n ? " and " : "", caps[i].name);
	}
}

static int lacking(struct err *e, unsigned int need, unsigned int missing)
{
	long unprivileged = probe_sysctl("kernel/unprivileged_bpf_disabled");
	char names[128];

	names_of(missing, names, sizeof(names));
	if (!(need & NEED_SYS_ADMIN) && unprivileged > 0)
		return err_hint(e,
				"this process lacks %s, and kernel.unprivileged_bpf_disabled is "
				"%ld; run it as root or give it that capability",
				names, unprivileged);
	return err_hint(e, "this process lacks %s; run it as root or give it that capability",
			names);
}

/* In KiB, where the kernel charges maps and programs to it and it is small; 0: that is not why. */
static unsigned long locked_memory(void)
{
	struct rlimit r;

	if (!probe_before("5.11") || getrlimit(RLIMIT_MEMLOCK, &r) || r.rlim_cur == RLIM_INFINITY)
		return 0;
	return (unsigned long)(r.rlim_cur >> 10) + 1;
}

int probe_denied(struct err *e, unsigned int need)
{
	unsigned long locked = e->code == EPERM ? locked_memory() : 0;
	unsigned int missing;
	char lockdown[32];

	if (e->code != EPERM && e->code != EACCES)
		return err_class(e, e->class);
	missing = probe_missing(need);
	if (missing)
		return lacking(e, need, missing);
	if (locked)
		return err_hint(
			e,
			"before Linux 5.11 maps and programs are charged to RLIMIT_MEMLOCK, "
			"which is %lu KiB here: raise it (ulimit -l unlimited)",
			locked - 1);
	probe_lockdown(lockdown, sizeof(lockdown));
	if (lockdown[0] && strcmp(lockdown, "none") != 0)
		return err_hint(e,
				"the capabilities are there; kernel lockdown is \"%s\", or another "
				"policy of this kernel forbids it",
				lockdown);
	return err_hint(e, "the capabilities are there: a policy of this kernel (a security "
			   "module, a container's filter) forbids it");
}
