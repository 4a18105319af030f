// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Captures; the only user of libpcap, which is loaded when there is one to be read: it brings a
 * dozen libraries along that would be mapped at every start otherwise.
 */
#include "core/pcap.h"

#include <dlfcn.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

#define LIBRARY "libpcap.so.0.8" /* Debian's name for it; others have libpcap.so.1 */
#define OTHER_LIBRARY "libpcap.so.1"

/* What is used of it. */
struct library {
	void *handle;
	__typeof__(pcap_open_offline) *open;
	__typeof__(pcap_next_ex) *next;
	__typeof__(pcap_datalink) *datalink;
	__typeof__(pcap_close) *close;
	__typeof__(pcap_geterr) *geterr;
};

static void library_close(struct library *l)
{
	if (l->handle)
		dlclose(l->handle);
}
#define auto_library __attribute__((cleanup(library_close)))

static int library_open(struct library *l, struct err *e)
{
	l->handle = dlopen(LIBRARY, RTLD_NOW) ?: dlopen(OTHER_LIBRARY, RTLD_NOW);
	if (!l->handle) {
		err_failed(e, "captures are read by libpcap, which is not there");
		return err_hint(e, "on Debian: apt-get install libpcap0.8");
	}
	l->open = (__typeof__(l->open))dlsym(l->handle, "pcap_open_offline");
	l->next = (__typeof__(l->next))dlsym(l->handle, "pcap_next_ex");
	l->datalink = (__typeof__(l->datalink))dlsym(l->handle, "pcap_datalink");
	l->close = (__typeof__(l->close))dlsym(l->handle, "pcap_close");
	l->geterr = (__typeof__(l->geterr))dlsym(l->handle, "pcap_geterr");
	if (!l->open || !l->next || !l->datalink || !l->close || !l->geterr)
		return err_failed(e, "the libpcap of this machine is of another kind");
	return 0;
}

/* The packet as it was caught, or why not. */
static int read_packet(const struct library *l, pcap_t *p, const char *path, uint32_t n,
		       struct buf *to, struct err *e)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int link = l->datalink(p), r = 1;

	if (link != DLT_EN10MB && link != DLT_RAW)
		return err_input(e, "%s: a capture of link type %d, not of Ethernet", path, link);
	for (uint32_t i = 0; i <= n; i++) {
		r = l->next(p, &header, &data);
		if (r == PCAP_ERROR)
			return err_input(e, "%s: %s", path, l->geterr(p));
		if (r != 1)
			return err_absent(e, "%s has %u packets, and none of number %u", path, i,
					  n);
	}
	buf_add(to, data, header->caplen);
	return buf_error(to) ? err_code(e, ENOMEM, "no memory for a packet") : 0;
}

int pcap_packet(const char *path, uint32_t n, struct buf *to, struct err *e)
{
	auto_library struct library l = {};
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_t *p;
	int r;

	if (access(path, R_OK))
		return err_sys(e, "cannot read the capture %s", path);
	if (library_open(&l, e) < 0 || !l.open || !l.close)
		return -EIO;
	p = l.open(path, text);
	if (!p)
		return err_input(e, "%s is no capture: %s", path, text);
	r = read_packet(&l, p, path, n, to, e);
	l.close(p);
	return r;
}
