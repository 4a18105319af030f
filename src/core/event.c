// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading records from several maps. */
#include "core/event.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/event_ring.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/sys.h"
#include "uapi/names.h"

#define PERF_PAGES 64 /* 256 KiB for each CPU */

/* A map: a ring buffer, or the rings of its CPUs. */
struct source {
	bool is_perf;
	struct ring ring;
	struct perf_ring *perf;
	size_t nr_perf, at; /* the CPU to look at next */
};

struct event_reader {
	bool peek;
	struct source *sources;
	size_t nr_sources, at; /* the source to look at next */
	struct pollfd *fds;
	size_t nr_fds;
};

struct event_reader *event_reader_new(bool peek)
{
	struct event_reader *r = xcalloc(1, sizeof(*r));

	r->peek = peek;
	return r;
}

static void source_close(struct source *s)
{
	ring_close(&s->ring);
	for (size_t i = 0; i < s->nr_perf; i++)
		perf_close(&s->perf[i]);
	free(s->perf);
}

void event_reader_freep(struct event_reader **rp)
{
	struct event_reader *r = *rp;

	if (!r)
		return;
	for (size_t i = 0; i < r->nr_sources; i++)
		source_close(&r->sources[i]);
	free(r->sources);
	free(r->fds);
	freep(rp);
}

static void watch_fd(struct event_reader *r, int fd)
{
	/* One more place than there are: event_wait() may need it. */
	r->fds = xreallocarray(r->fds, r->nr_fds + 2, sizeof(*r->fds));
	r->fds[r->nr_fds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* A CPU that is possible but not there has no events, and runs no programs. */
static int open_cpus(struct source *s, const struct map *m, uint32_t pages, struct err *e)
{
	unsigned int cpus = sys_possible_cpus();

	if (cpus > m->info.max_entries)
		cpus = m->info.max_entries;
	s->perf = xcalloc(cpus, sizeof(*s->perf));
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		int r = perf_open(&s->perf[s->nr_perf], m, (int)cpu, cpu, pages, e);

		if (!r)
			s->nr_perf++;
		else if (r != -ENODEV)
			return r;
	}
	return s->nr_perf ? 0 : err_failed(e, "no CPU has perf events");
}

int event_add(struct event_reader *r, const struct map *m, uint32_t pages, struct err *e)
{
	struct source s = { .is_perf = m->info.type == UAPI_MAP_perf_event_array };
	const char *type = uapi_map_type_name(m->info.type);
	char label[64];
	int rc;

	if (!s.is_perf && m->info.type != UAPI_MAP_ringbuf)
		return err_input(e,
				 "%s is of type %s: events come through ringbuf and "
				 "perf_event_array maps",
				 map_label(&m->info, label), type ? type : "unknown");
	if (s.is_perf && r->peek)
		return err_input(e, "records of a perf event array cannot be looked at without "
				    "taking them");
	rc = s.is_perf ? open_cpus(&s, m, pages ? pages : PERF_PAGES, e)
		       : ring_open(&s.ring, m, r->peek, e);
	if (rc) {
		source_close(&s);
		return rc;
	}
	if (!s.is_perf)
		watch_fd(r, m->fd);
	for (size_t i = 0; i < s.nr_perf; i++)
		watch_fd(r, s.perf[i].fd);
	r->sources = xreallocarray(r->sources, r->nr_sources + 1, sizeof(*r->sources));
	r->sources[r->nr_sources] = s;
	return (int)r->nr_sources++;
}

int event_add_cpu(struct event_reader *r, const struct map *m, int cpu, uint32_t index,
		  struct err *e)
{
	struct source s = { .is_perf = true };
	char label[64];
	int rc;

	if (m->info.type != UAPI_MAP_perf_event_array)
		return err_input(e, "%s is no perf event array: its events are of no CPU",
				 map_label(&m->info, label));
	s.perf = xcalloc(1, sizeof(*s.perf));
	rc = perf_open(&s.perf[0], m, cpu, index, PERF_PAGES, e);
	if (rc) {
		free(s.perf);
		return rc;
	}
	s.nr_perf = 1;
	watch_fd(r, s.perf[0].fd);
	r->sources = xreallocarray(r->sources, r->nr_sources + 1, sizeof(*r->sources));
	r->sources[r->nr_sources] = s;
	return (int)r->nr_sources++;
}

int event_wait(struct event_reader *r, int timeout_ms, int wake_fd, struct err *e)
{
	size_t n = r->nr_fds;
	int ready, result = 0;

	if (!r->fds)
		r->fds = xcalloc(1, sizeof(*r->fds));
	if (wake_fd >= 0)
		r->fds[n++] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
	ready = sys_poll(r->fds, n, timeout_ms);
	if (ready == -EINTR)
		return ready;
	if (ready < 0)
		return err_code(e, ready, "cannot wait for events");
	if (wake_fd >= 0 && r->fds[n - 1].revents) {
		result |= EVENT_WOKEN;
		ready--;
	}
	return ready > 0 ? result | EVENT_READY : result;
}

static bool source_next(struct source *s, struct event *ev)
{
	if (!s->is_perf)
		return ring_next(&s->ring, ev);
	/* One record from each CPU in turn, so that a busy one starves no other. */
	for (size_t i = 0; i < s->nr_perf; i++) {
		struct perf_ring *p = &s->perf[s->at];

		s->at = s->at + 1 == s->nr_perf ? 0 : s->at + 1;
		if (perf_next(p, ev))
			return true;
	}
	return false;
}

/* From a record, or into one. */
static bool event_came(struct event *ev)
{
	struct sys_coming c = {
		.name = "event",
		.keys = { "source", "lost", "cpu", "ns" },
		.v = { ev->source, ev->lost, (uint64_t)(ev->cpu + 1), ev->time },
		.data = ev->lost ? NULL : ev->data,
		.len = ev->len,
	};

	if (!sys_came(&c))
		return false;
	*ev = (struct event){ .source = c.v[0],
			      .lost = c.v[1],
			      .cpu = (int)c.v[2] - 1,
			      .time = c.v[3],
			      .data = c.data,
			      .len = c.len };
	return true;
}

static bool event_again(const struct event_reader *r, struct event *ev)
{
	*ev = (struct event){};
	return event_came(ev) && ev->source < r->nr_sources && (ev->data || ev->lost);
}

bool event_next(struct event_reader *r, struct event *ev)
{
	if (sys_replays())
		return event_again(r, ev);
	for (size_t i = 0; i < r->nr_sources; i++) {
		size_t source = r->at;

		r->at = r->at + 1 == r->nr_sources ? 0 : r->at + 1;
		if (!source_next(&r->sources[source], ev))
			continue;
		ev->source = source;
		event_came(ev);
		return true;
	}
	return false;
}
