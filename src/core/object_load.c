// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loading an object, and saying why it failed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/object_priv.h"
#include "core/pin.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/types.h"
#include "core/uapi.h"
#include "core/vlog.h"
#include "uapi/names.h"

#define KERNEL_NAME 15
#define MAX_LINES (1u << 20) /* of line_info; a program has at most a million instructions */

/* ---- watching ----------------------------------------------------------------------------- */

/*
 * The program a load is for, by the name the kernel gets, and by length where two begin alike;
 * libbpf also loads probes of its own.
 */
static const struct bpf_program *prog_of(const struct object *o, const union bpf_attr *a)
{
	const struct bpf_program *found = NULL;

	for (size_t i = 0; i < o->nr_progs; i++) {
		const struct bpf_program *p = o->progs[i];

		if (!a->prog_name[0] ||
		    strncmp(bpf_program__name(p), a->prog_name, KERNEL_NAME) != 0)
			continue;
		if (bpf_program__insn_cnt(p) == a->insn_cnt)
			return p;
		found = found ? found : p;
	}
	return found;
}

static void load_failed(struct watch *w, const union bpf_attr *a, size_t size, int code)
{
	const struct bpf_program *p = prog_of(w->o, a);
	size_t rec = a->line_info_rec_size;

	if (!p)
		return;
	free(w->load.lines);
	w->load.lines = NULL;
	w->load.nr_lines = 0;
	w->load.prog = p;
	w->load.type = a->prog_type;
	w->load.attach_type = a->expected_attach_type;
	w->load.nr_insns = a->insn_cnt;
	w->load.code = code;
	if (size < offsetof(union bpf_attr, line_info_cnt) + sizeof(a->line_info_cnt) ||
	    rec < sizeof(struct bpf_line_info) || rec > 4096 || a->line_info_cnt > MAX_LINES)
		return;
	w->load.nr_lines = a->line_info_cnt;
	w->load.lines = xcalloc(a->line_info_cnt, sizeof(struct bpf_line_info));
	for (uint32_t i = 0; i < a->line_info_cnt; i++)
		memcpy((struct bpf_line_info *)w->load.lines + i,
		       (const char *)(uintptr_t)a->line_info + i * rec,
		       sizeof(struct bpf_line_info));
}

static void map_failed(struct watch *w, const union bpf_attr *a, int code)
{
	w->map.code = code;
	w->map.type = a->map_type;
	w->map.key_size = a->key_size;
	w->map.value_size = a->value_size;
	w->map.max_entries = a->max_entries;
	w->map.flags = a->map_flags;
	memcpy(w->map.name, a->map_name, sizeof(w->map.name));
	w->map.name[sizeof(w->map.name) - 1] = '\0';
}

static long watch_call(struct sys_backend *self, long nr, const unsigned long args[6])
{
	struct watch *w = (struct watch *)self;
	long r = sys_next(self, nr, args);
	int code = errno;

	if (r >= 0 || nr != SYS_bpf)
		return r;
	if (args[0] == BPF_PROG_LOAD)
		load_failed(w, (const union bpf_attr *)args[1], args[2], code);
	else if (args[0] == BPF_MAP_CREATE)
		map_failed(w, (const union bpf_attr *)args[1], code);
	errno = code;
	return r;
}

/* "prog 'NAME': -- BEGIN PROG LOAD LOG --\n...-- END PROG LOAD LOG --" */
static bool take_log(struct object *o, const char *text)
{
	static const char begin[] = "-- BEGIN PROG LOAD LOG --\n",
			  end[] = "-- END PROG LOAD LOG --";
	const char *from = strstr(text, begin), *name = strchr(text, '\''), *to = NULL;

	if (!from || !name || name > from)
		return false;
	from += strlen(begin);
	/* The log may be cut, and may hold any text; the mark that counts is the last. */
	for (const char *p = from; (p = strstr(p, end)); p++)
		to = p;
	for (size_t i = 0; i < o->nr_progs; i++) {
		const char *have = bpf_program__name(o->progs[i]);

		if (strncmp(name + 1, have, strlen(have)) != 0 || name[1 + strlen(have)] != '\'')
			continue;
		free(o->logs[i]);
		o->logs[i] = xstrndup(from, to ? (size_t)(to - from) : strlen(from));
	}
	return true;
}

static void watch_say(struct sys_backend *self, enum sys_level level, const char *text)
{
	struct object *o = ((struct watch *)self)->o;

	if (!take_log(o, text) && level == SYS_WARN) {
		buf_adds(&o->warnings, text);
		buf_addc(&o->warnings, '\n');
	}
	if (o->opts.say)
		o->opts.say(o->opts.arg, level, text);
}

void watch_begin(struct watch *w, struct object *o)
{
	*w = (struct watch){ .base = { .call = watch_call, .say = watch_say }, .o = o };
	o->warnings.len = 0;
	sys_push(&w->base);
}

void watch_end(struct watch *w)
{
	sys_pop(&w->base);
	free(w->load.lines);
	w->load.lines = NULL;
}

/* ---- why ---------------------------------------------------------------------------------- */

static const char *string_at(const struct object *o, uint32_t off)
{
	const char *s = o->types ? btf__name_by_offset(types_btf(o->types), off) : NULL;

	return s ? s : "";
}

/* The source line of the instruction that the log is about. */
static void find_line(struct object *o, const struct watch *w)
{
	const struct bpf_line_info *lines = w->load.lines, *at = NULL;

	for (uint32_t i = 0; i < w->load.nr_lines; i++)
		if ((long)lines[i].insn_off <= o->blame.insn)
			at = &lines[i];
	if (!at || o->blame.insn < 0)
		return;
	o->blame.file = string_at(o, at->file_name_off);
	o->blame.text = string_at(o, at->line_off);
	o->blame.line = BPF_LINE_INFO_LINE_NUM(at->line_col);
	o->blame.col = BPF_LINE_INFO_LINE_COL(at->line_col);
}

/* file:line:col and the line with a caret, as the assembler's diagnostics look. */
static char *with_caret(const struct object_blame *b)
{
	auto_buf struct buf t = {};

	buf_addf(&t, "%s:%u:%u: instruction %ld of %s\n", b->file, b->line, b->col, b->insn,
		 b->prog);
	if (!b->text[0])
		return buf_take(&t);
	buf_adds(&t, b->text);
	buf_addc(&t, '\n');
	for (uint32_t i = 1; i < b->col && b->text[i - 1]; i++)
		buf_addc(&t, b->text[i - 1] == '\t' ? '\t' : ' ');
	if (b->col)
		buf_adds(&t, "^\n");
	return buf_take(&t);
}

/* What older verifiers say of instructions and calls that came after them. */
static const struct {
	const char *words, *what, *since;
} newer[] = {
	{ "BPF_LDX uses reserved fields", "loads that extend the sign are", "6.6" },
	{ "BPF_STX uses reserved fields", "atomic operations other than addition are", "5.12" },
	{ "BPF_CALL uses reserved fields", "calls of kernel functions are", "5.13" },
};

static int since_hint(struct err *e, const char *what, const char *since)
{
	char release[64];

	probe_release(release, sizeof(release));
	return err_hint(e, "%s there since Linux %s, and this is %s", what, since, release);
}

/* "invalid func unknown#187" */
static int unknown_helper(const char *message, struct err *e)
{
	const char *number = strstr(message, "func unknown#");
	unsigned long id = number ? strtoul(number + strlen("func unknown#"), NULL, 10) : 0;
	char what[96];

	if (!id || id > uapi_nr_helpers)
		return err_class(e, e->class);
	snprintf(what, sizeof(what), "%s() is", uapi_helpers[id - 1].name);
	return since_hint(e, what, uapi_helpers[id - 1].since);
}

static int too_new(const char *message, struct err *e)
{
	for (size_t i = 0; i < countof(newer); i++)
		if (strstr(message, newer[i].words) && probe_before(newer[i].since))
			return since_hint(e, newer[i].what, newer[i].since);
	if (strstr(message, "Sleepable programs can only use"))
		return err_hint(e, "newer kernels let programs that may sleep use more types of "
				   "maps");
	return unknown_helper(message, e);
}

static int rejected(struct object *o, const struct watch *w, const char *log, struct err *e)
{
	int r;

	o->blame.insn = vlog_insn(log);
	vlog_message(log, o->message, sizeof(o->message));
	find_line(o, w);
	r = err_worded(e, w->load.code, "%s: the verifier rejects %s: %s", o->name, o->blame.prog,
		       o->message[0] ? o->message : err_text(w->load.code));
	err_class(e, ERR_REJECTED);
	if (o->blame.line)
		err_detail(e, with_caret(&o->blame));
	err_log(e, xstrdup(log));
	too_new(o->message, e);
	return r;
}

/* The capabilities that loading a type takes, besides CAP_BPF. */
static unsigned int need_of(uint32_t type)
{
	switch (type) {
	case UAPI_PROG_socket_filter:
	case UAPI_PROG_cgroup_skb:
	case UAPI_PROG_sk_reuseport:
	case UAPI_PROG_sk_lookup:
	case UAPI_PROG_syscall:
		return NEED_BPF;
	case UAPI_PROG_kprobe:
	case UAPI_PROG_tracepoint:
	case UAPI_PROG_perf_event:
	case UAPI_PROG_raw_tracepoint:
	case UAPI_PROG_raw_tracepoint_writable:
	case UAPI_PROG_tracing:
	case UAPI_PROG_lsm:
	case UAPI_PROG_struct_ops:
	case UAPI_PROG_ext:
		return NEED_BPF | NEED_PERFMON;
	default:
		return NEED_BPF | NEED_NET_ADMIN;
	}
}

static const char *since_of(const struct watch *w, const char **what)
{
	for (size_t i = 0; w->load.attach_type && i < uapi_nr_attach_types; i++)
		if (uapi_attach_types[i].id == w->load.attach_type) {
			*what = uapi_attach_types[i].name;
			return uapi_attach_types[i].since;
		}
	for (size_t i = 0; i < uapi_nr_prog_types; i++)
		if (uapi_prog_types[i].id == w->load.type) {
			*what = uapi_prog_types[i].name;
			return uapi_prog_types[i].since;
		}
	return NULL;
}

static int invalid(const struct watch *w, struct err *e)
{
	const char *what = NULL, *since = since_of(w, &what);
	char release[64];

	if (!since)
		return -EINVAL;
	probe_release(release, sizeof(release));
	switch (probe_prog_type(w->load.type, w->load.attach_type)) {
	case 0:
		if ((!sys_apart() || sys_taped()) && !probe_before(since))
			return err_hint(e,
					"this kernel, %s, is built without %s, which is there "
					"since Linux %s",
					release, what, since);
		return err_hint(e,
				"this kernel does not know %s: it is there since Linux %s, and "
				"this is %s",
				what, since, release);
	case 1:
		return err_hint(e,
				"this kernel knows %s, but not the flags, the device or the BTF "
				"that the program was loaded with",
				what);
	default:
		return err_hint(e,
				"the verifier said nothing: the type may be unknown here (%s is "
				"there since Linux %s, this is %s)",
				what, since, release);
	}
}

/* The kernel said no before its verifier looked. */
static int refused(struct object *o, const struct watch *w, struct err *e)
{
	const char *type = uapi_prog_type_name(w->load.type);

	err_code(e, w->load.code, "%s: the kernel refuses to load %s, a program of type %s",
		 o->name, o->blame.prog, type ? type : "unknown");
	switch (w->load.code) {
	case EPERM:
	case EACCES:
		return probe_denied(e, need_of(w->load.type));
	case EINVAL:
		return invalid(w, e);
	case E2BIG:
		if (w->load.nr_insns > 1000000)
			return err_hint(e,
					"%u instructions are more than the million that is "
					"allowed",
					w->load.nr_insns);
		return err_hint(e, "it uses a feature that this kernel is too old for");
	default:
		return err_class(e, e->class);
	}
}

static int map_refused(const struct object *o, const struct watch *w, struct err *e)
{
	struct map_spec s = {
		.type = w->map.type,
		.key_size = w->map.key_size,
		.value_size = w->map.value_size,
		.max_entries = w->map.max_entries,
		.flags = w->map.flags,
	};

	map_create_error(&s, -w->map.code, e);
	return err_wrap(e, "%s: map %s: ", o->name, w->map.name);
}

/* With a shared libbpf its calls are not seen: the program that has a log is the one that failed.
 */
static void guess_program(struct object *o, struct watch *w, int code)
{
	for (size_t i = 0; i < o->nr_progs && !w->load.prog; i++)
		if (o->logs[i] && !o->opts.log_level) {
			w->load.prog = o->progs[i];
			w->load.type = bpf_program__type(o->progs[i]);
			w->load.code = code;
		}
}

/* Of a type that it does not know an older verifier gives its statistics and nothing else. */
static bool says_why(struct object *o, const char *log)
{
	return log && vlog_message(log, o->message, sizeof(o->message))[0];
}

static int load_error(struct object *o, struct watch *w, int code, struct err *e)
{
	char text[256];

	guess_program(o, w, code);
	if (w->load.prog) {
		o->blame.prog = bpf_program__name(w->load.prog);
		for (size_t i = 0; i < o->nr_progs; i++)
			if (o->progs[i] == w->load.prog && says_why(o, o->logs[i]))
				return rejected(o, w, o->logs[i], e);
		return refused(o, w, e);
	}
	object_warning(o, text, sizeof(text));
	if (w->map.code && strncmp(text, "map '", 5) == 0)
		return map_refused(o, w, e);
	if (code >= 4000)
		return err_input(e, "%s: %s", o->name, text);
	/* Not even libbpf's first probe could be loaded. */
	if (code == EPERM || code == EACCES) {
		err_code(e, code, "cannot load %s", o->name);
		return probe_denied(e, NEED_BPF);
	}
	if (!text[0])
		return err_code(e, code, "cannot load %s", o->name);
	return err_worded(e, code, "%s: %s", o->name, text);
}

/* libbpf pins maps that ask for it by themselves, but only where a BPF file system is. */
static int make_pin_dirs(const struct object *o, struct pinning *p, struct err *e)
{
	for (size_t i = 0; i < o->nr_maps; i++) {
		const char *path = bpf_map__pin_path(o->maps[i]), *slash;
		auto_free char *dir = NULL;
		int r;

		slash = path ? strrchr(path, '/') : NULL;
		if (!slash || slash == path)
			continue;
		dir = xstrndup(path, (size_t)(slash - path));
		r = pin_add_dir(p, dir, e);
		if (r)
			return err_wrap(e, "%s: map %s: ", o->name, bpf_map__name(o->maps[i]));
	}
	return 0;
}

int object_load(struct object *o, struct err *e)
{
	auto_pinning struct pinning dirs = { .nomount = o->opts.nomount };
	struct watch w;
	int r;

	o->blame =
		(struct object_blame){ .insn = -1, .file = "", .text = "", .message = o->message };
	r = make_pin_dirs(o, &dirs, e);
	if (r)
		return r;
	watch_begin(&w, o);
	r = bpf_object__load(o->bpf);
	if (r)
		r = load_error(o, &w, -r, e);
	else
		pin_keep(&dirs);
	watch_end(&w);
	return r;
}
