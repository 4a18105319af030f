// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Completion from what is there now: objects, pins, devices, namespaces. */
#include "cmd/offer.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/link.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/opt.h"
#include "core/pin.h"
#include "core/prog.h"
#include "uapi/names.h"

/* Which of an object's words is wanted: NULL is any that can stand alone. */
struct offer {
	const char *word;
	struct buf *to;
};

static bool wants(const struct offer *o, const char *word)
{
	return !o->word || strcmp(o->word, word) == 0;
}

/* A name that the shell would take apart is not offered. */
static bool is_plain(const char *s)
{
	return *s && !s[strcspn(s, " \t\n\\'\"$`;&|<>(){}*?[]!#~")];
}

static void offer_word(const struct offer *o, const char *word, const char *help)
{
	if (is_plain(word))
		buf_addf(o->to, "%s\t%s\n", word, help);
}

static void offer_object(const struct offer *o, uint32_t id, const char *name, const char *what)
{
	char number[16], help[192];

	snprintf(number, sizeof(number), "%" PRIu32, id);
	if (wants(o, "name")) {
		snprintf(help, sizeof(help), "%s %s", what, number);
		offer_word(o, name, help);
	}
	if (wants(o, "id")) {
		snprintf(help, sizeof(help), "%s%s%s", what, *name ? " " : "", name);
		offer_word(o, number, help);
	}
}

static const char *or_unknown(const char *name)
{
	return name ? name : "of a type unknown here";
}

static int offer_map(const struct map_info *i, int fd, void *arg)
{
	(void)fd;
	offer_object(arg, i->id, i->name, or_unknown(uapi_map_type_name(i->type)));
	return 0;
}

static int offer_prog(const struct prog_info *i, int fd, void *arg)
{
	const struct offer *o = arg;
	char tag[2 * sizeof(i->tag) + 1];

	(void)fd;
	offer_object(o, i->id, i->name, or_unknown(uapi_prog_type_name(i->type)));
	if (o->word && wants(o, "tag")) {
		for (size_t n = 0; n < sizeof(i->tag); n++)
			snprintf(tag + 2 * n, 3, "%02x", i->tag[n]);
		offer_word(o, tag, i->name);
	}
	return 0;
}

static int offer_link(const struct link_info *i, int fd, void *arg)
{
	auto_buf struct buf target = {};

	(void)fd;
	link_target(i, &target);
	offer_object(arg, i->id, "", buf_str(&target));
	return 0;
}

/* OBJ_NONE: pins of any kind. */
static void offer_pins(const struct offer *o, enum obj_kind kind)
{
	auto_pins struct pins pins = {};
	struct err ignored = {};

	pins_read(&pins, NULL, &ignored);
	err_clear(&ignored);
	for (size_t i = 0; i < pins.n; i++)
		if (kind == OBJ_NONE || pins.v[i].kind == kind)
			offer_word(o, pins.v[i].path, obj_kind_name(pins.v[i].kind));
}

static void offer_devices(const struct offer *o)
{
	struct err ignored = {};
	auto_net struct net *net = net_open(NULL, &ignored);
	auto_free struct net_dev *devs = NULL;
	size_t n = 0;

	if (net)
		net_devs(net, &devs, &n, &ignored);
	err_clear(&ignored);
	for (size_t i = 0; i < n; i++)
		offer_word(o, devs[i].name, devs[i].kind);
}

static void offer_namespaces(const struct offer *o)
{
	auto_dir DIR *dir = opendir("/run/netns");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			offer_word(o, entry->d_name, "network namespace");
}

static void offer_map_types(const struct offer *o)
{
	char help[48];

	for (size_t i = 0; i < uapi_nr_map_types; i++) {
		snprintf(help, sizeof(help), "map type, since Linux %s", uapi_map_types[i].since);
		offer_word(o, uapi_map_types[i].name, help);
	}
}

/* What cannot be read (by a user without privileges) is not offered, and nothing is said. */
void offer_live(void *arg, const struct opt *row, const char *word, struct buf *to)
{
	struct offer o = { .word = word, .to = to };
	struct err ignored = {};
	bool pinned = word && strcmp(word, "pinned") == 0;

	(void)arg;
	if (row->type == OPT_MAP && pinned)
		offer_pins(&o, OBJ_MAP);
	else if (row->type == OPT_PROG && pinned)
		offer_pins(&o, OBJ_PROG);
	else if (row->type == OPT_LINK && pinned)
		offer_pins(&o, OBJ_LINK);
	else if (row->type == OPT_PIN)
		offer_pins(&o, OBJ_NONE);
	else if (row->type == OPT_MAP)
		map_each(offer_map, &o, &ignored);
	else if (row->type == OPT_PROG)
		prog_each(offer_prog, &o, &ignored);
	else if (row->type == OPT_LINK)
		link_each(offer_link, &o, &ignored);
	else if (row->type == OPT_IFACE)
		offer_devices(&o);
	else if (row->type == OPT_NETNS)
		offer_namespaces(&o);
	else if (row->type == OPT_MAP_TYPE)
		offer_map_types(&o);
	err_clear(&ignored);
}
