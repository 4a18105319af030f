// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Network devices of the mock kernel, and what rtnetlink says and takes about them.  No packet ever
 * goes by one; programs are attached, told, replaced and detached as the kernel does it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kern;
struct prog;

/* XDP's modes, by the numbers of IFLA_XDP_ATTACHED. */
enum { KERN_XDP_NATIVE = 1, KERN_XDP_SKB = 2, KERN_XDP_MODES = 3 };

struct kern_dev {
	uint32_t ifindex; /* of one device only, whatever its namespace */
	uint32_t mtu;
	bool up;
	char name[16], kind[16]; /* kind: "veth"; "" for hardware */
	char netns[64];		 /* a name below /run/netns, or "" for the one of the caller */
	struct prog *xdp[KERN_XDP_MODES]; /* attached without a link; references */
};

struct kern_net {
	struct kern_dev *devs;
	size_t nr_devs, cap_devs;
	int tid;	/* of a thread that has entered another namespace */
	char netns[64]; /* that one */
};

/* A kernel that nobody has told of devices has these: lo and eth0. */
int kern_devs_default(struct kern *k);
/* Takes the references in d on success: 0, -ENOMEM, -EEXIST (index, or name in the namespace). */
int kern_dev_add(struct kern *k, const struct kern_dev *d);
void kern_devs_free(struct kern *k);
struct kern_dev *kern_dev(struct kern *k, uint32_t ifindex); /* NULL: none */

/* Whether a link may attach the program there: 0 or a negative errno. */
int kern_xdp_link(struct kern *k, uint32_t ifindex, const struct prog *p, uint32_t flags);

/* Sockets of netlink, and namespaces; false: not the mock's. */
bool kern_net_call(struct kern *k, long nr, const unsigned long args[6], long *result);
