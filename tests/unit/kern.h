// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ground for tests that need a kernel: a private BPF file system, network namespaces and cgroups
 * of their own, small programs and maps.  Everything goes away when the test program ends.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "test.h"

static inline long refuse_call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	(void)self, (void)nr, (void)args;
	errno = EXDEV;
	return -1;
}

/* False with a shared libbpf, whose calls do not come through our door. */
static inline bool libbpf_is_ours(void)
{
	struct sys_backend refuse = { .call = refuse_call };
	int fd;

	sys_push(&refuse);
	fd = bpf_map_get_fd_by_id(1);
	sys_pop(&refuse);
	if (fd >= 0)
		close(fd);
	return fd == -EXDEV;
}

/* A name of our own for objects, so that tests find only theirs. */
static inline const char *own_name(const char *suffix)
{
	static char name[16];

	snprintf(name, sizeof(name), "t%d%s", getpid() % 1000000, suffix);
	return name;
}

#define NEED_KERNEL()                                                                              \
	do {                                                                                       \
		if (probe_missing(NEED_SYS_ADMIN | NEED_NET_ADMIN))                                \
			SKIP("needs root");                                                        \
	} while (0)

static inline int make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries,
			   uint32_t flags, const char *name)
{
	struct attr_map_create a = {
		.map_type = type,
		.key_size = key,
		.value_size = value,
		.max_entries = entries,
		.map_flags = flags,
	};

	if (name)
		snprintf(a.map_name, sizeof(a.map_name), "%.15s", name);
	return sys_bpf(BPF_MAP_CREATE, &a, sizeof(a));
}

/* "r0 = ret; exit" of any type. */
static inline int make_prog(uint32_t type, uint32_t attach_type, int32_t ret, const char *name)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = ret },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = {
		.prog_type = type,
		.insn_cnt = 2,
		.insns = attr_ptr(insns),
		.license = attr_ptr("GPL"),
		.expected_attach_type = attach_type,
	};

	if (name)
		snprintf(a.prog_name, sizeof(a.prog_name), "%.15s", name);
	return sys_bpf(BPF_PROG_LOAD, &a, sizeof(a));
}

/* Path of an object that clang made of tests/bpf/NAME.bpf.c; NULL: there was no clang. */
static inline const char *bpf_object_path(const char *name)
{
	static char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *end;

	if (n < 0)
		return NULL;
	path[n] = '\0';
	/* build/unit/test_x -> build/bpf/x.o */
	for (int up = 0; up < 2; up++) {
		end = strrchr(path, '/');
		if (!end)
			return NULL;
		*end = '\0';
	}
	snprintf(end, sizeof(path) - (size_t)(end - path), "/bpf/%s.o", name);
	return access(path, R_OK) ? NULL : path;
}

/* A directory, and a BPF file system in it; call make_bpffs_away() when done. */
static inline const char *make_bpffs(void)
{
	static char dir[64];

	strcpy(dir, "/tmp/bpfctl-test-XXXXXX");
	if (!mkdtemp(dir))
		return NULL;
	if (mount("bpf", dir, "bpf", 0, "mode=0700")) {
		rmdir(dir);
		return NULL;
	}
	return dir;
}

static inline void make_bpffs_away(const char *dir)
{
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

/*
 * Puts this process into a network namespace of its own, with devices veth0 and veth1, up.  For
 * good: call it in a child, or where no other test minds.
 */
static inline bool enter_netns(void)
{
	return unshare(CLONE_NEWNET) == 0 &&
	       system("ip link add veth0 type veth peer name veth1 && ip link set veth0 up && "
		      "ip link set veth1 up && ip link set lo up") == 0;
}

/* Makes a cgroup below the cgroup2 mount, wherever that is; NULL: there is none. */
static inline const char *make_cgroup(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	static char path[256];
	char line[4096], point[128];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %*s %127s", point) == 1;
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "%s/bpfctl-test-%d", point, getpid());
	return found && mkdir(path, 0755) == 0 ? path : NULL;
}
