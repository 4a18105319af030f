// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The files of tracefs. */
#include "core/tracefs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/probe.h"
#include "core/sys.h"

#define DEFAULT_TRACEFS "/sys/kernel/tracing"
#define MAX_FORMAT (64u << 10) /* bytes of a format file; the longest has some 6000 */

/* ---- where it is -------------------------------------------------------------------------- */

static bool is_tracefs(const char *path)
{
	return sys_is_fs(path, TRACEFS_MAGIC);
}

int tracefs_path(bool nomount, char buf[256], struct err *e)
{
	static const char *const places[] = { DEFAULT_TRACEFS, "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < countof(places); i++) {
		if (!is_tracefs(places[i]))
			continue;
		snprintf(buf, 256, "%s", places[i]);
		return 0;
	}
	if (nomount) {
		int r = err_absent(e, "tracefs is not mounted");

		err_hint(e, "mount it: mount -t tracefs tracefs " DEFAULT_TRACEFS);
		return r;
	}
	if (mount("tracefs", DEFAULT_TRACEFS, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) {
		err_sys(e, "cannot mount tracefs at " DEFAULT_TRACEFS);
		return probe_denied(e, NEED_SYS_ADMIN);
	}
	snprintf(buf, 256, "%s", DEFAULT_TRACEFS);
	return 0;
}

/* ---- names -------------------------------------------------------------------------------- */

/* The nearest entry of a directory, "" if none is near. */
static void nearest(const char *dir, const char *name, char *best, size_t size)
{
	auto_dir DIR *d = opendir(dir);
	struct near near = near_to(name, strlen(name));
	const struct dirent *de;

	best[0] = '\0';
	while (d && (de = readdir(d))) {
		if (de->d_name[0] == '.')
			continue;
		near_offer(&near, de->d_name);
		if (near.best == de->d_name) {
			snprintf(best, size, "%s", de->d_name);
			near.best = best;
		}
	}
}

static int no_such(const char *events, const char *group, const char *name, struct err *e)
{
	auto_free char *dir = xasprintf("%s/%s", events, group);
	int r = err_absent(e, "there is no tracepoint %s/%s", group, name);
	char best[256];

	if (access(dir, F_OK)) {
		nearest(events, group, best, sizeof(best));
		if (best[0])
			err_hint(e, "did you mean the group '%s'?", best);
		return r;
	}
	nearest(dir, name, best, sizeof(best));
	if (best[0])
		err_hint(e, "did you mean '%s/%s'?", group, best);
	return r;
}

static bool is_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return false;
	return *s != '\0';
}

/* Reads events/GROUP/NAME/FILE. */
static int read_event(const char *group, const char *name, const char *file, bool nomount,
		      char *buf, size_t size, struct err *e)
{
	auto_free char *path = NULL;
	char root[256], *end;
	ssize_t n;
	int r;

	if (!is_name(group) || !is_name(name))
		return err_input(e, "'%s/%s' is no tracepoint: expected GROUP/NAME", group, name);
	r = tracefs_path(nomount, root, e);
	if (r)
		return r;
	path = xasprintf("%s/events/%s/%s/%s", root, group, name, file);
	n = sys_read_file(path, buf, size);
	if (n >= 0)
		return 0;
	end = path + strlen(root) + strlen("/events");
	*end = '\0';
	if (n == -ENOENT)
		return no_such(path, group, name, e);
	err_code(e, (int)n, "cannot read about the tracepoint %s/%s", group, name);
	if (n == -EACCES)
		return err_hint(e, "tracefs is for root: %s has its own access rights", root);
	return (int)n;
}

int tracepoint_id(const char *group, const char *name, bool nomount, struct err *e)
{
	char text[32];
	int r = read_event(group, name, "id", nomount, text, sizeof(text), e);

	return r ? r : (int)strtol(text, NULL, 10);
}

/* ---- formats ------------------------------------------------------------------------------ */

/* "offset:8;" behind at, as a number. */
static bool number_after(const char *line, const char *key, uint32_t *v)
{
	const char *at = strstr(line, key);
	char *end;

	if (!at)
		return false;
	*v = (uint32_t)strtoul(at + strlen(key), &end, 10);
	return end != at + strlen(key) && *end == ';';
}

/* "__data_loc char[] name" or "unsigned long args[6]" to type, name and count. */
static bool take_declaration(struct tp_field *f, const char *s, size_t len)
{
	static const char dynamic[] = "__data_loc ", relative[] = "__rel_loc ";
	const char *end = s + len, *bracket, *name;

	if (strncmp(s, dynamic, strlen(dynamic)) == 0 ||
	    strncmp(s, relative, strlen(relative)) == 0) {
		f->is_dynamic = true;
		s = strchr(s, ' ') + 1;
	}
	bracket = end;
	if (end > s && end[-1] == ']')
		while (bracket > s && *bracket != '[')
			bracket--;
	if (bracket < end)
		f->count = (uint32_t)strtoul(bracket + 1, NULL, 0);
	for (name = bracket; name > s && name[-1] != ' ' && name[-1] != '*'; name--)
		;
	if (name == s || name == bracket)
		return false;
	snprintf(f->name, sizeof(f->name), "%.*s", (int)(bracket - name), name);
	while (name > s && name[-1] == ' ')
		name--;
	snprintf(f->type, sizeof(f->type), "%.*s", (int)(name - s), s);
	return true;
}

/* "\tfield:TYPE NAME;\toffset:N;\tsize:N;\tsigned:N;" */
static int take_field(struct tp_format *f, const char *line)
{
	const char *declaration = strstr(line, "field:"), *end;
	struct tp_field field = {};
	uint32_t is_signed;

	if (!declaration)
		return 0;
	declaration += strlen("field:");
	end = strchr(declaration, ';');
	if (!end || !take_declaration(&field, declaration, (size_t)(end - declaration)) ||
	    !number_after(end, "offset:", &field.offset) ||
	    !number_after(end, "size:", &field.size) || !number_after(end, "signed:", &is_signed))
		return -EINVAL;
	field.is_signed = is_signed != 0;
	field.is_common = strncmp(field.name, "common_", 7) == 0;
	f->fields = xreallocarray(f->fields, f->nr_fields + 1, sizeof(*f->fields));
	f->fields[f->nr_fields++] = field;
	return 0;
}

int tp_format_parse(const char *text, struct tp_format *f)
{
	const char *id = strstr(text, "ID:");

	*f = (struct tp_format){};
	if (!id)
		return -EINVAL;
	f->id = (uint32_t)strtoul(id + strlen("ID:"), NULL, 10);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		auto_free char *one = NULL;

		line += *line == '\n';
		if (strncmp(line, "print fmt:", 10) == 0)
			break;
		one = xstrndup(line, strcspn(line, "\n"));
		if (take_field(f, one)) {
			tp_format_free(f);
			return -EINVAL;
		}
	}
	return 0;
}

int tracepoint_format(const char *group, const char *name, bool nomount, struct tp_format *f,
		      struct err *e)
{
	auto_free char *text = xmalloc(MAX_FORMAT);
	int r = read_event(group, name, "format", nomount, text, MAX_FORMAT, e);

	*f = (struct tp_format){};
	if (r)
		return r;
	if (tp_format_parse(text, f))
		return err_failed(e, "the format of the tracepoint %s/%s cannot be read", group,
				  name);
	return 0;
}

void tp_format_free(struct tp_format *f)
{
	freep(&f->fields);
	f->nr_fields = 0;
}

/* ---- all of them -------------------------------------------------------------------------- */

static int each_of_group(const char *events, const char *group,
			 int (*fn)(const char *group, const char *name, void *arg), void *arg)
{
	auto_free char *path = xasprintf("%s/%s", events, group);
	auto_dir DIR *d = opendir(path);
	const struct dirent *de;
	int r = 0;

	/* Files beside the groups, and beside the events of one, are switches. */
	while (d && !r && (de = readdir(d)))
		if (de->d_type == DT_DIR && de->d_name[0] != '.')
			r = fn(group, de->d_name, arg);
	return r;
}

int tracepoint_each(bool nomount, int (*fn)(const char *group, const char *name, void *arg),
		    void *arg, struct err *e)
{
	auto_free char *events = NULL;
	auto_dir DIR *d = NULL;
	const struct dirent *de;
	char root[256];
	int r = tracefs_path(nomount, root, e);

	if (r)
		return r;
	events = xasprintf("%s/events", root);
	d = opendir(events);
	if (!d)
		return err_sys(e, "cannot list tracepoints");
	while (!r && (de = readdir(d)))
		if (de->d_type == DT_DIR && de->d_name[0] != '.')
			r = each_of_group(events, de->d_name, fn, arg);
	return r;
}
