// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Network devices and the XDP programs on them, over netlink. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct net;

/* Where in the driver an XDP program runs; the numbers are the kernel's. */
enum xdp_mode {
	XDP_MODE_AUTO, /* attaching: the driver's if it has one; looking: none is attached */
	XDP_MODE_NATIVE,
	XDP_MODE_SKB,
	XDP_MODE_HW,
	XDP_MODE_MULTI, /* looking: in several modes at once */
};
/* "native", "skb", "hw"; as bpftool says it: "driver", "generic", "offload". */
const char *xdp_mode_name(enum xdp_mode mode);
const char *xdp_mode_bpftool(enum xdp_mode mode);

struct net_dev {
	uint32_t ifindex, mtu, flags; /* IFF_UP is 1 */
	char name[16];
	char kind[16]; /* "veth", "bridge"; "" for hardware */
	enum xdp_mode xdp_mode;
	uint32_t xdp_id;		  /* of the one program attached, 0: none or several */
	uint32_t xdp_ids[XDP_MODE_MULTI]; /* by mode */
};

/* A netlink socket in a namespace (see netns_call()); NULL: this one. */
struct net *net_open(const char *netns, struct err *e);
void net_freep(struct net **n);
#define auto_net __attribute__((cleanup(net_freep)))

/* Every device, by ascending index; *devs is the caller's. */
int net_devs(struct net *n, struct net_dev **devs, size_t *nr, struct err *e);
/* One device by its name or index; absent with near names. */
int net_dev(struct net *n, const char *name, struct net_dev *dev, struct err *e);

/* Of this namespace: false, or 0, if there is no such device. */
bool net_name(uint32_t ifindex, char name[16]);
uint32_t net_index(const char *name);

struct xdp_change {
	enum xdp_mode mode;
	bool replace;	 /* whatever is attached in that mode */
	int expected_fd; /* -1, or: replace or detach only if this program is attached */
};

/*
 * Attaches without a link: the program stays when this process ends.  Something attached is an
 * error that says what, unless it may be replaced.  Returns the mode that is really used.
 */
int net_xdp_attach(struct net *n, const struct net_dev *dev, int prog_fd,
		   const struct xdp_change *how, struct err *e);
/* Nothing attached in that mode is class absent; a program held by a link names the link. */
int net_xdp_detach(struct net *n, const struct net_dev *dev, const struct xdp_change *how,
		   struct err *e);
