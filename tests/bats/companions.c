// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * companions READY DEVICE: holds what some types of map have for values, at descriptors that the
 * tests know, until it is ended; READY is made when they are there.
 *
 *	10  a connected TCP socket		12  an AF_XDP socket on DEVICE
 *	11  a bound UDP socket, SO_REUSEPORT	13  a perf event of software, for BPF output
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAME 4096
#define FRAMES 8

static int must(int r, const char *what)
{
	if (r >= 0)
		return r;
	perror(what);
	exit(1);
}

static void hold(int fd, int at)
{
	must(dup2(fd, at), "dup2");
	close(fd);
}

static void tcp(const struct sockaddr_in *loopback)
{
	struct sockaddr_in at = *loopback;
	socklen_t len = sizeof(at);
	int listener = must(socket(AF_INET, SOCK_STREAM, 0), "tcp");
	int client = must(socket(AF_INET, SOCK_STREAM, 0), "tcp");

	must(bind(listener, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(listener, 1), "listen");
	must(getsockname(listener, (struct sockaddr *)&at, &len), "getsockname");
	must(connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
	hold(client, 10);
}

static void udp(const struct sockaddr_in *loopback)
{
	int one = 1, fd = must(socket(AF_INET, SOCK_DGRAM, 0), "udp");

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), "SO_REUSEPORT");
	must(bind(fd, (const struct sockaddr *)loopback, sizeof(*loopback)), "bind");
	hold(fd, 11);
}

static void xsk(const char *device)
{
	int entries = FRAMES, fd = must(socket(AF_XDP, SOCK_RAW, 0), "AF_XDP");
	void *area = mmap(NULL, FRAME * FRAMES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct xdp_umem_reg umem = { .addr = (uintptr_t)area,
				     .len = FRAME * FRAMES,
				     .chunk_size = FRAME };
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP,
				   .sxdp_flags = XDP_COPY,
				   .sxdp_ifindex = if_nametoindex(device) };

	must(setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)), "XDP_UMEM_REG");
	must(setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &entries, sizeof(entries)), "fill ring");
	must(setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &entries, sizeof(entries)),
	     "completion ring");
	must(setsockopt(fd, SOL_XDP, XDP_RX_RING, &entries, sizeof(entries)), "rx ring");
	must(bind(fd, (struct sockaddr *)&at, sizeof(at)), "bind AF_XDP");
	hold(fd, 12);
}

static void perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_BPF_OUTPUT,
					.sample_type = PERF_SAMPLE_RAW };

	hold(must((int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0), "perf_event_open"), 13);
}

int main(int argc, char **argv)
{
	const struct sockaddr_in loopback = { .sin_family = AF_INET,
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (argc != 3)
		return 2;
	tcp(&loopback);
	udp(&loopback);
	xsk(argv[2]);
	perf();
	close(must(open(argv[1], O_WRONLY | O_CREAT, 0600), argv[1]));
	pause();
	return 0;
}
