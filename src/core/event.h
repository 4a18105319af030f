// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Records that programs send to user space, through ring buffers and perf event arrays, several
 * maps at once; and of what type they are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec;
struct err;
struct map;
struct types;

/* ---- reading ---- */

struct event_reader;

struct event {
	size_t source;	  /* as event_add() numbered it */
	const void *data; /* valid until the next event_next() */
	size_t len;	  /* of perf events up to 7 bytes more than was sent: padding */
	uint64_t lost;	  /* not 0: no record, so many could not be delivered */
	int cpu;	  /* -1: a ring buffer has one for all */
	uint64_t time;	  /* perf: ns of the monotonic clock, 0 unknown */
};

/* peek: records stay where they are (ring buffers only). */
struct event_reader *event_reader_new(bool peek);
void event_reader_freep(struct event_reader **r);
#define auto_event_reader __attribute__((cleanup(event_reader_freep)))

/*
 * Adds a ring buffer or perf event array (borrowed until the reader is dropped); returns its
 * number, from 0.  pages (a power of 2) is the room per CPU of a perf event array, 0: 64.
 */
int event_add(struct event_reader *r, const struct map *m, uint32_t pages, struct err *e);

/* The events of one CPU, which programs send through element `index` of a perf event array. */
int event_add_cpu(struct event_reader *r, const struct map *m, int cpu, uint32_t index,
		  struct err *e);

enum { EVENT_READY = 1, EVENT_WOKEN = 2 };
/*
 * Waits for records, for wake_fd to be readable (-1: none), for a signal, or for timeout_ms (-1:
 * without end).  EVENT_x as a set, 0 for a timeout, -EINTR, or another negative errno with *e.
 */
int event_wait(struct event_reader *r, int timeout_ms, int wake_fd, struct err *e);
/* The next record there is; false: none at the moment. */
bool event_next(struct event_reader *r, struct event *ev);

/* ---- types ---- */

struct event_type {
	char *name; /* NULL: from a spec */
	bool has_kind;
	uint32_t kind; /* first word of its records, where several types share a map */
	struct codec *codec;
};

struct event_types {
	struct types *types; /* owned, if there are any */
	struct event_type *v;
	size_t n;
};
void event_types_free(struct event_types *t);
#define auto_event_types                                                                           \
	__attribute__((cleanup(event_types_free))) /* struct event_types t = {}                    \
						    */

/*
 * What a declaration tag on the map's variable says: "event:NAME", one per type; several are told
 * apart by a first field u32, "event:NAME=KIND" or a tag "kind:N" on the struct.  0 types are no
 * error.
 */
int event_types_of_btf(struct event_types *t, const struct types *types, const char *map_name,
		       struct err *e);
/* The same for a loaded map, from its BTF or that of a program that uses it. */
int event_types_of_map(struct event_types *t, const struct map *m, struct err *e);
/* One type by its name in the BTF of the map's programs, or in the kernel's. */
int event_types_by_name(struct event_types *t, const struct map *m, const char *name,
			struct err *e);
int event_types_by_spec(struct event_types *t, const char *spec, struct err *e);

/* The type of a record; NULL: unknown. */
const struct event_type *event_type_of(const struct event_types *t, const void *data, size_t len);
