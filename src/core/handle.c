// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From words to objects. */
#include "core/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/object_file.h"
#include "core/opt.h"
#include "core/prog.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"

#define KERNEL_NAME 15 /* characters of a name that the kernel keeps */
#define MAX_LISTED 8   /* ids in an error message */

/* ---- words -------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum handle_form form;
	const char *wants;
} forms[] = {
	{ "id", HANDLE_ID, "a number" },	   { "name", HANDLE_NAME, "a name" },
	{ "tag", HANDLE_TAG, "16 hex digits" },	   { "pinned", HANDLE_PINNED, "a path" },
	{ "file", HANDLE_FILE, "an object file" },
};

static int parse_id(struct handle *h, const char *word, struct err *e)
{
	uint64_t id;

	if (opt_number(word, &id) || !id || id > UINT32_MAX)
		return err_usage(e, "'%s' is no id: ids are numbers from 1 to 4294967295", word);
	h->id = (uint32_t)id;
	return 0;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int parse_tag(struct handle *h, const char *word, struct err *e)
{
	for (size_t i = 0; i < sizeof(h->tag); i++) {
		int high = hex(word[2 * i]), low = high < 0 ? -1 : hex(word[2 * i + 1]);

		if (low < 0)
			return err_usage(e, "'%s' is no tag: tags are 16 hex digits", word);
		h->tag[i] = (uint8_t)(high << 4 | low);
	}
	if (word[2 * sizeof(h->tag)])
		return err_usage(e, "'%s' is no tag: tags are 16 hex digits", word);
	return 0;
}

static int parse_one(struct handle *h, const char *word, struct err *e)
{
	uint64_t number;

	h->text = word;
	if (!*word)
		return err_usage(e, "an empty word names no object");
	if (opt_number(word, &number) == 0) {
		h->form = HANDLE_ID;
		return parse_id(h, word, e);
	}
	h->form = strchr(word, '/') ? HANDLE_PINNED : HANDLE_NAME;
	return 0;
}

int handle_parse(struct handle *h, char *const *words, size_t n, struct err *e)
{
	int r = 0;

	memset(h, 0, sizeof(*h));
	if (!n)
		return err_usage(e, "an object is missing: id N, name X, tag HEX or pinned PATH");
	for (size_t i = 0; i < countof(forms); i++) {
		if (strcmp(words[0], forms[i].word) != 0)
			continue;
		/* An object may be called "id": the word alone is a name. */
		if (n == 1)
			break;
		h->form = forms[i].form;
		h->text = words[1];
		if (h->form == HANDLE_ID)
			r = parse_id(h, words[1], e);
		else if (h->form == HANDLE_TAG)
			r = parse_tag(h, words[1], e);
		else if (!words[1][0])
			r = err_usage(e, "%s needs %s", forms[i].word, forms[i].wants);
		return r ? r : 2;
	}
	r = parse_one(h, words[0], e);
	return r ? r : 1;
}

/* ---- search ------------------------------------------------------------------------------- */

struct search {
	const struct handle *h;
	enum obj_kind kind;
	uint32_t *ids;
	size_t n, cap;
	struct near near;
	char best[128]; /* what near.best points to, since candidates do not last */
	struct err *e;
};

static void offer(struct search *s, const char *name)
{
	near_offer(&s->near, name);
	if (s->near.best == name) {
		snprintf(s->best, sizeof(s->best), "%s", name);
		s->near.best = s->best;
	}
}

/* name: at most 15 characters as the kernel has them, or the whole name. */
static bool same_name(const char *want, const char *name)
{
	if (strcmp(want, name) == 0)
		return true;
	return strlen(name) > KERNEL_NAME && strlen(want) == KERNEL_NAME &&
	       strncmp(want, name, KERNEL_NAME) == 0;
}

static bool prog_matches(struct search *s, int fd)
{
	auto_prog_info struct prog_info i = {};
	struct uapi_prog_info k = {};
	struct err ignored = {};

	if (sys_info(fd, &k, sizeof(k)))
		return false;
	if (s->h->form == HANDLE_TAG)
		return memcmp(k.tag, s->h->tag, sizeof(k.tag)) == 0;
	/* The whole name costs a look into BTF; most names are decided before. */
	if (strncmp(k.name, s->h->text, KERNEL_NAME) != 0) {
		offer(s, k.name);
		return false;
	}
	if (prog_info_read(fd, &i, &ignored))
		return false;
	offer(s, i.name);
	return same_name(s->h->text, i.name);
}

static bool map_matches(struct search *s, int fd)
{
	struct uapi_map_info k = {};

	if (sys_info(fd, &k, sizeof(k)))
		return false;
	offer(s, k.name);
	/* The kernel has only the beginning of a long name. */
	return strncmp(s->h->text, k.name, KERNEL_NAME) == 0;
}

static bool link_matches(struct search *s, int fd)
{
	auto_fd int other = -1;
	struct uapi_link_info k = {};

	if (sys_info(fd, &k, sizeof(k)))
		return false;
	if (k.prog_id) {
		other = sys_fd_by_id(BPF_PROG_GET_FD_BY_ID, k.prog_id);
		return other >= 0 && prog_matches(s, other);
	}
	other = sys_fd_by_id(BPF_MAP_GET_FD_BY_ID, k.map.map_id);
	return other >= 0 && map_matches(s, other);
}

static bool btf_matches(struct search *s, int fd)
{
	char name[64] = "";
	struct uapi_btf_info k = { .name = attr_ptr(name), .name_len = sizeof(name) };

	if (sys_info(fd, &k, sizeof(k)) || !name[0])
		return false;
	offer(s, name);
	return strcmp(name, s->h->text) == 0;
}

static int look(int fd, uint32_t id, void *arg)
{
	static bool (*const matches[])(struct search * s, int fd) = {
		[OBJ_MAP] = map_matches,
		[OBJ_PROG] = prog_matches,
		[OBJ_LINK] = link_matches,
		[OBJ_BTF] = btf_matches,
	};
	struct search *s = arg;

	if (!matches[s->kind](s, fd))
		return 0;
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 8;
		s->ids = xreallocarray(s->ids, s->cap, sizeof(*s->ids));
	}
	s->ids[s->n++] = id;
	return 0;
}

static int search(struct search *s, const struct handle *h, enum obj_kind kind, struct err *e)
{
	*s = (struct search){ .h = h, .kind = kind, .e = e };
	if (h->form == HANDLE_TAG && kind != OBJ_PROG && kind != OBJ_LINK)
		return err_usage(e, "a %s has no tag; programs have", obj_kind_name(kind));
	s->near = near_to(h->text, strlen(h->text));
	return obj_each(kind, look, s, e);
}

int handle_ids(const struct handle *h, enum obj_kind kind, uint32_t **ids, size_t *n, struct err *e)
{
	struct search s;
	int fd, r;

	*ids = NULL;
	*n = 0;
	if (h->form == HANDLE_NAME || h->form == HANDLE_TAG) {
		r = search(&s, h, kind, e);
		*ids = s.ids;
		*n = s.n;
		return r;
	}
	fd = handle_open(h, kind, e);
	if (fd < 0)
		return e->class == ERR_ABSENT ? 0 : fd;
	*ids = xcalloc(1, sizeof(**ids));
	(*ids)[0] = obj_id(kind, fd);
	*n = 1;
	close(fd);
	return 0;
}

static int absent(const struct search *s, struct err *e)
{
	const char *what = s->h->form == HANDLE_TAG ? "tag" : "name";
	int r = err_absent(e, "no %s has the %s %s", obj_kind_name(s->kind), what, s->h->text);

	if (s->h->form == HANDLE_NAME && s->near.best)
		err_hint(e, "did you mean '%s'?", s->near.best);
	return r;
}

static int ambiguous(const struct search *s, struct err *e)
{
	auto_buf struct buf ids = {};

	for (size_t i = 0; i < s->n && i < MAX_LISTED; i++)
		buf_addf(&ids, "%s%u", i ? ", " : "", s->ids[i]);
	if (s->n > MAX_LISTED)
		buf_adds(&ids, ", ...");
	err_usage(e, "%zu %ss have the %s %s: ids %s", s->n, obj_kind_name(s->kind),
		  s->h->form == HANDLE_TAG ? "tag" : "name", s->h->text, buf_str(&ids));
	return err_hint(e, "say which one by its id");
}

static int open_found(const struct handle *h, enum obj_kind kind, struct err *e)
{
	struct search s;
	int r = search(&s, h, kind, e);

	if (!r && !s.n)
		r = absent(&s, e);
	else if (!r && s.n > 1)
		r = ambiguous(&s, e);
	else if (!r)
		r = obj_open(kind, s.ids[0], e);
	free(s.ids);
	return r;
}

int handle_open(const struct handle *h, enum obj_kind kind, struct err *e)
{
	switch (h->form) {
	case HANDLE_ID:
		return obj_open(kind, h->id, e);
	case HANDLE_PINNED:
		return obj_open_pin(h->text, &kind, e);
	case HANDLE_NAME:
	case HANDLE_TAG:
		return open_found(h, kind, e);
	case HANDLE_FILE:
		return object_file_open(h->text, kind, e);
	}
	return -EINVAL;
}

int handle_open_words(char *const *words, size_t n, enum obj_kind kind, struct err *e)
{
	struct handle h;
	int used = handle_parse(&h, words, n, e);

	if (used < 0)
		return used;
	if ((size_t)used < n)
		return err_usage(e, "'%s' is too much: the %s is named already", words[used],
				 obj_kind_name(kind));
	return handle_open(&h, kind, e);
}
