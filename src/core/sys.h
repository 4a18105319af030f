// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The one door: every system call that bpfctl or the libbpf inside it makes by number (bpf,
 * perf_event_open, pidfd_open and their like) comes to this file and goes to a backend.
 * The kernel stands at the bottom; a mock, a recorder or a fault injector is put in front of it.
 *
 * Linked with -Wl,--wrap=syscall.  With a shared libbpf only our own calls pass here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum sys_level { SYS_WARN, SYS_INFO, SYS_DEBUG };

/*
 * What reaches a command otherwise than by a call: a record in memory that is shared with the
 * kernel, a signal, the time.  Whoever takes such a thing keeps it with sys_came(), and asks for
 * it instead while sys_replays().
 */
#define SYS_COMING_NUMBERS 5
struct sys_coming {
	const char *name;
	const char *keys[SYS_COMING_NUMBERS]; /* of the numbers that follow; NULL: no more */
	uint64_t v[SYS_COMING_NUMBERS];
	const void *data; /* NULL: none; of what is replayed until the next call */
	size_t len;
};

struct sys_backend {
	/* The result, or -1 with errno set. */
	long (*call)(struct sys_backend *self, long nr, const unsigned long args[6]);
	/* What libbpf has to say, without the last newline; may be NULL. */
	void (*say)(struct sys_backend *self, enum sys_level level, const char *text);
	/* See sys_came(); may be NULL. */
	bool (*came)(struct sys_backend *self, struct sys_coming *c);
	unsigned int cpus; /* possible ones; 0: those of the next */
	bool apart;	   /* its objects are not the machine's: no process of that holds one */
	bool replays;	   /* of what a command did before; came() fills in what came then */
	bool taped; /* answers are kept, or come from what was kept: nothing may pass it by */
	struct sys_backend *next; /* set by sys_push(); NULL is the kernel */
};

/* Puts b (borrowed until sys_pop()) in front of what is there; they come off in reverse order. */
void sys_push(struct sys_backend *b);
void sys_pop(struct sys_backend *b);
/* Nothing stands in front of the kernel. */
bool sys_is_kernel(void);
/* For a backend that only watches or changes a call: goes on to the next one. */
long sys_next(struct sys_backend *self, long nr, const unsigned long args[6]);

/*
 * bpf(2) with one of the structs of uapi.h: the result, or a negative errno.  Where an old kernel
 * charges memory to RLIMIT_MEMLOCK (before 5.11), EPERM raises that limit and tries once more; so
 * do libbpf's own calls.
 */
int sys_bpf(int cmd, void *attr, size_t size);

/* These too return a negative errno. */
int sys_perf_event_open(void *attr, pid_t pid, int cpu, int group, unsigned long flags);
int sys_pidfd_open(pid_t pid);
int sys_pidfd_getfd(int pidfd, int fd);
struct pollfd;
int sys_poll(struct pollfd *fds, size_t n, int timeout_ms);

/* Another descriptor for the same file, closed on exec like all of ours; -1 with errno. */
int sys_dup(int fd);

/*
 * A netlink socket, its messages, and the namespace of this thread; also negative errnos.  What is
 * sent goes to the kernel.
 */
int sys_netlink(int protocol);
ssize_t sys_netlink_send(int fd, const void *message, size_t len);
ssize_t sys_netlink_receive(int fd, void *to, size_t size);
int sys_setns(int fd, int kind);

/* BPF_OBJ_GET_INFO_BY_FD; what the kernel does not know stays as it was. */
int sys_info(int fd, void *info, size_t len);
/* BPF_x_GET_NEXT_ID and BPF_x_GET_FD_BY_ID. */
int sys_next_id(int cmd, uint32_t id, uint32_t *next);
int sys_fd_by_id(int cmd, uint32_t id);
int sys_obj_get(const char *path, uint32_t flags);
int sys_obj_pin(int fd, const char *path);

/*
 * The file system as pins need it, by way of the door, since a backend may have a BPF file system
 * of its own.  0 or a negative errno.
 */
struct sys_stat {
	uint32_t mode; /* S_IFDIR and its like */
	uint64_t dev, ino;
};
int sys_stat(const char *path, struct sys_stat *st); /* of a symbolic link itself */
int sys_mkdir(const char *path, unsigned int mode);
int sys_unlink(const char *path);
int sys_rmdir(const char *path);
bool sys_is_bpffs(const char *path);
bool sys_is_fs(const char *path, unsigned long magic); /* of statfs(2) */
/* Calls fn for each name in a directory but . and .. until it returns other than 0; that. */
int sys_list(const char *dir, int (*fn)(void *arg, const char *name), void *arg);

/* Whether a backend says so of itself. */
bool sys_apart(void);
bool sys_taped(void);
bool sys_replays(void);
/*
 * Replaying: whether this came next, and then *c is what it was.  Recording: keeps it.  Without
 * either, nothing.
 */
bool sys_came(struct sys_coming *c);

/* clock_gettime(2); 0 or a negative errno. */
struct timespec;
int sys_clock(int clock, struct timespec *t);

/* Number of possible CPUs, which is how many values a per-CPU map has; at least 1. */
#define SYS_CPUS "/sys/devices/system/cpu/possible" /* where it stands */
unsigned int sys_possible_cpus(void);
/* Reads "0-3,8,10-11": one more than the highest number; 0 for a text that is no such list. */
unsigned int sys_parse_cpus(const char *text);

/* Opens a file or a folder to be read, by way of the door; a descriptor or a negative errno. */
int sys_open(const char *path);
int sys_open_dir(const char *path);
/*
 * Whole small file into buf, terminated; its length or a negative errno.  -EFBIG: it is longer,
 * and buf holds its beginning.
 */
ssize_t sys_read_file(const char *path, char *buf, size_t size);
