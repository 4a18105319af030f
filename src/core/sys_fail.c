// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "core/sys_fail.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/opt.h"
#include "core/sys.h"
#include "core/sys_call.h"
#include "core/uapi.h"

struct rule {
	int command;  /* SYS_ANY: all */
	uint64_t nth; /* 0: every time */
	uint64_t seen;
	int code; /* that it fails with; 0: it only takes time */
	uint64_t ns;
	const char *log; /* of PROG_LOAD and BTF_LOAD; the command line's */
};

struct sys_fail {
	struct sys_backend backend;
	struct rule *rules;
	size_t n;
};

/* Where a load wants its log: of two commands the same words in other places. */
static void write_log(unsigned long cmd, const void *attr, const char *text)
{
	const union bpf_attr *a = attr;
	uint64_t to = cmd == BPF_PROG_LOAD ? a->log_buf : cmd == BPF_BTF_LOAD ? a->btf_log_buf : 0;
	uint32_t room = cmd == BPF_PROG_LOAD ? a->log_size : a->btf_log_size;
	size_t n = strlen(text);

	if (!to || room < 2)
		return;
	if (n > room - 2)
		n = room - 2;
	memcpy((void *)(uintptr_t)to, text, n);
	memcpy((char *)(uintptr_t)to + n, "\n", 2);
}

static bool applies(struct rule *r, long nr, unsigned long cmd)
{
	if (nr != (r->command == SYS_PERF ? SYS_perf_event_open : SYS_bpf))
		return false;
	if (r->command < SYS_ANY && (unsigned long)r->command != cmd)
		return false;
	return ++r->seen == r->nth || !r->nth;
}

static void wait_for(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static long call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct sys_fail *f = (struct sys_fail *)self;

	for (size_t i = 0; i < f->n; i++) {
		struct rule *r = &f->rules[i];

		if (!applies(r, nr, args[0]))
			continue;
		wait_for(r->ns);
		if (!r->code)
			continue;
		if (r->log)
			write_log(args[0], (const void *)args[1], r->log);
		errno = r->code;
		return -1;
	}
	return sys_next(self, nr, args);
}

/* "map_create:2"; the rest, behind '=', is returned. */
static const char *parse_call(struct rule *r, const char *spec, const char *option, struct err *e)
{
	const char *eq = strchr(spec, '='), *colon = strchr(spec, ':');
	size_t len;

	if (!eq) {
		err_usage(e, "--%s: '%s' has no '='", option, spec);
		return NULL;
	}
	if (colon > eq)
		colon = NULL;
	len = (size_t)((colon ?: eq) - spec);
	r->command = sys_command(spec, (unsigned int)len);
	if (r->command < 0) {
		const char *near = sys_command_near(spec, (unsigned int)len);

		err_usage(e, "--%s: no call is named '%.*s'", option, (int)len, spec);
		if (near)
			err_hint(e, "did you mean '%s'?", near);
		return NULL;
	}
	if (colon) {
		auto_free char *number = xstrndup(colon + 1, (size_t)(eq - colon - 1));

		if (opt_number(number, &r->nth) || !r->nth) {
			err_usage(e, "--%s: '%s' is no number from 1 on", option, number);
			return NULL;
		}
	}
	return eq + 1;
}

static int parse_fail(struct rule *r, const char *spec, struct err *e)
{
	const char *rest = parse_call(r, spec, "fail", e), *comma;
	auto_free char *name = NULL;

	if (!rest)
		return -EINVAL;
	comma = strchr(rest, ',');
	name = comma ? xstrndup(rest, (size_t)(comma - rest)) : xstrdup(rest);
	r->code = sys_errno(name);
	if (!r->code)
		return err_usage(e, "--fail: no errno is named '%s'", name);
	if (comma && strncmp(comma, ",log=", 5) != 0)
		return err_usage(e, "--fail: '%s' is not log=TEXT", comma + 1);
	r->log = comma ? comma + 5 : NULL;
	return 0;
}

static int parse_latency(struct rule *r, const char *spec, struct err *e)
{
	const char *rest = parse_call(r, spec, "latency", e);

	if (!rest)
		return -EINVAL;
	if (opt_duration(rest, &r->ns))
		return err_usage(e, "--latency: '%s' is no time", rest);
	return 0;
}

int sys_fail_new(struct sys_fail **fp, const struct words *fail, const struct words *latency,
		 struct err *e)
{
	struct sys_fail *f = xcalloc(1, sizeof(*f));
	int err = 0;

	f->rules = xcalloc(fail->n + latency->n + 1, sizeof(*f->rules));
	for (size_t i = 0; i < latency->n && !err; i++)
		err = parse_latency(&f->rules[f->n++], latency->v[i], e);
	for (size_t i = 0; i < fail->n && !err; i++)
		err = parse_fail(&f->rules[f->n++], fail->v[i], e);
	f->backend.call = call;
	sys_push(&f->backend);
	*fp = f;
	if (err)
		sys_fail_freep(fp);
	return err;
}

void sys_fail_freep(struct sys_fail **fp)
{
	if (!*fp)
		return;
	sys_pop(&(*fp)->backend);
	free((*fp)->rules);
	freep(fp);
}
