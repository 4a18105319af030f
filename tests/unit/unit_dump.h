// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A unit as text, for the data files: what was declared, and what instructions refer to. */
#pragma once

#include "asm/ctype.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "uapi/names.h"
#include "uapi/packet.h"

static inline void dump_type(const struct ctypes *t, uint32_t type, struct buf *b)
{
	const struct ctype *c = ctype_get(t, type);

	switch (c->kind) {
	case CT_PTR:
		dump_type(t, c->ref, b);
		buf_adds(b, "*");
		break;
	case CT_ARRAY:
		while (ctype_get(t, type)->kind == CT_ARRAY)
			type = ctype_get(t, type)->ref;
		dump_type(t, type, b);
		for (; c->kind == CT_ARRAY; c = ctype_get(t, c->ref))
			buf_addf(b, "[%u]", c->n);
		break;
	case CT_CONST:
		buf_adds(b, "const ");
		dump_type(t, c->ref, b);
		break;
	default:
		buf_adds(b, c->name ? c->name : c->kind == CT_UNION ? "(union)" : "(struct)");
	}
}

static inline void dump_members(const struct ctypes *t, const struct ctype *c, int indent,
				struct buf *b)
{
	for (uint32_t i = 0; i < c->n && c->kind == CT_ENUM; i++)
		buf_addf(b, "%*s%s = %lld\n", indent, "", c->values[i].name,
			 (long long)c->values[i].value);
	for (uint32_t i = 0; i < c->n && c->kind != CT_ENUM; i++) {
		const struct cmember *m = &c->members[i];
		const struct ctype *inner = ctype_get(t, ctype_strip(t, m->type));

		buf_addf(b, "%*s%u", indent, "", m->bit_off / 8);
		if (m->bits)
			buf_addf(b, ".%u:%u", m->bit_off % 8, m->bits);
		buf_adds(b, " ");
		dump_type(t, m->type, b);
		buf_addf(b, " %s\n", m->name);
		if (!inner->name && inner->members)
			dump_members(t, inner, indent + 2, b);
	}
}

/* Structs, unions and enums of the source. */
static inline void dump_types(const struct unit *u, struct buf *b)
{
	static const char *const kinds[] = {
		[CT_STRUCT] = "struct", [CT_UNION] = "union", [CT_ENUM] = "enum"
	};

	for (uint32_t i = 0; i < ctypes_count(u->types); i++) {
		const struct ctype *c = ctype_get(u->types, i);

		if ((!c->name && c->kind != CT_ENUM) || !c->pos ||
		    (c->kind != CT_STRUCT && c->kind != CT_UNION && c->kind != CT_ENUM))
			continue;
		buf_addf(b, "%s %s size %u align %u%s%s\n", kinds[c->kind], c->name ? c->name : "-",
			 c->size, c->align, c->flags & CT_SIGNED ? " signed" : "",
			 c->flags & CT_PACKED ? " packed" : "");
		dump_members(u->types, c, 2, b);
	}
}

static inline void dump_maps(const struct unit *u, struct buf *b)
{
	for (size_t i = 0; i < u->nr_maps; i++) {
		const struct map_decl *m = &u->maps[i];

		const char *type = uapi_map_type_name(m->type);

		buf_addf(b, "map %s ", m->name);
		if (type)
			buf_adds(b, type);
		else
			buf_addf(b, "%u", m->type);
		buf_adds(b, " key ");
		dump_type(u->types, m->key, b);
		buf_addf(b, " %u value ", m->key_size);
		dump_type(u->types, m->value, b);
		buf_addf(b, " %u entries %u", m->value_size, m->max_entries);
		buf_addf(b, " flags 0x%x node %u extra %llu pinning %u given 0x%x", m->flags,
			 m->numa_node, (unsigned long long)m->map_extra, m->pinning, m->given);
		for (uint32_t e = 0; e < m->nr_events; e++) {
			buf_adds(b, " event ");
			dump_type(u->types, m->events[e], b);
		}
		if (m->inner)
			buf_addf(b, " inner %s %u %u %u", uapi_map_type_name(m->inner->type),
				 m->inner->key_size, m->inner->value_size, m->inner->max_entries);
		for (uint32_t v = 0; v < m->nr_values; v++)
			buf_addf(b, " [%u]=%s", m->values[v].index,
				 m->inner ? u->maps[m->values[v].ref].name
					  : u->progs[m->values[v].ref].name);
		buf_adds(b, "\n");
	}
}

static inline void dump_vars(const struct unit *u, struct buf *b)
{
	for (size_t i = 0; i < u->nr_vars; i++) {
		const struct var_decl *v = &u->vars[i];

		buf_addf(b, "%s+%u %s", v->section, v->off, v->is_static ? "static " : "");
		dump_type(u->types, v->type, b);
		buf_addf(b, " %s", v->name);
		if (v->init)
			buf_adds(b, " =");
		for (uint32_t n = 0; v->init && n < ctype_get(u->types, v->type)->size; n++)
			buf_addf(b, " %02x", v->init[n]);
		for (uint32_t n = 0; n < v->nr_refs; n++)
			buf_addf(b, " +%u %s", v->refs[n].off, u->progs[v->refs[n].prog].name);
		buf_adds(b, "\n");
	}
}

static inline void dump_params(const struct unit *u, uint32_t ret, const struct param *params,
			       uint32_t n, struct buf *b)
{
	dump_type(u->types, ret, b);
	buf_adds(b, "(");
	for (uint32_t i = 0; i < n; i++) {
		buf_adds(b, i ? ", " : "");
		dump_type(u->types, params[i].type, b);
		if (params[i].name)
			buf_addf(b, " %s", params[i].name);
	}
	buf_adds(b, ")\n");
}

static inline void dump_progs(const struct unit *u, struct buf *b)
{
	for (size_t i = 0; i < u->nr_progs; i++) {
		const struct prog *p = &u->progs[i];

		buf_addf(b, "%s%s%s %s %s %u+%u stack %u ", p->global ? "global " : "",
			 p->hidden ? "hidden " : "", p->is_func ? "func" : "prog", p->section,
			 p->name, p->first, p->n, p->stack);
		dump_params(u, p->ret, p->params, p->nr_params, b);
	}
}

static inline void dump_externs(const struct unit *u, struct buf *b)
{
	for (size_t i = 0; i < u->nr_externs; i++) {
		const struct extern_decl *e = &u->externs[i];

		buf_addf(b, "%s%s %s ", e->weak ? "weak " : "", e->section, e->name);
		if (e->is_func) {
			dump_params(u, e->ret, e->params, e->nr_params, b);
		} else {
			dump_type(u->types, e->type, b);
			buf_adds(b, "\n");
		}
	}
}

static inline void dump_refs(const struct unit *u, struct buf *b)
{
	static const char *const kinds[] = { "none",	  "map",    "var", "func",
					     "func addr", "extern", "str", "as is" };

	for (size_t i = 0; i < u->nr_insns; i++) {
		const struct vinsn *v = &u->insns[i];

		if (v->kind != REF_NONE)
			buf_addf(b, "%zu refers to %s %u, imm %d\n", i, kinds[v->kind], v->ref,
				 v->insn.imm);
	}
}

static inline void dump_test_value(const struct test_value *v, struct buf *b)
{
	static const char *const refs[] = { [TEST_PROG] = "prog ", [TEST_MAP] = "map " };

	switch (v->kind) {
	case TEST_ABSENT:
		break;
	case TEST_NUM:
		buf_addf(b, "%s%llu", v->num.neg ? "-" : "", (unsigned long long)v->num.mag);
		break;
	case TEST_STR:
		buf_addf(b, "\"%.*s\"", (int)v->text_len, v->text);
		break;
	case TEST_LIST:
	case TEST_STRUCT:
		buf_adds(b, v->kind == TEST_LIST ? "[" : "{");
		for (uint32_t i = 0; i < v->n; i++) {
			const struct test_field *f = &v->fields[i];

			buf_addf(b, "%s%s%s", i ? ", " : "", f->name ? f->name : "",
				 f->name ? "=" : "");
			dump_test_value(&f->value, b);
		}
		buf_adds(b, v->kind == TEST_LIST ? "]" : "}");
		break;
	default:
		buf_addf(b, "%s%s", v->kind == TEST_WORD ? "" : refs[v->kind], v->text);
	}
}

static inline void dump_test_packet(const struct test_item *it, struct buf *b)
{
	if (it->is_first)
		buf_addf(b, " first %u of", it->count);
	if (it->unchanged)
		buf_adds(b, " unchanged");
	for (uint32_t i = 0; i < it->nr_layers; i++) {
		const struct test_layer *l = &it->layers[i];

		buf_adds(b, i ? " / " : " ");
		if (l->layer < 0)
			buf_addf(b, "%zu bytes", l->nr_bytes);
		else
			buf_adds(b, packet_layers[l->layer].name);
		for (uint32_t k = 0; k < l->n; k++) {
			buf_addf(b, "%s%s=", k ? ", " : "(", l->fields[k].name);
			dump_test_value(&l->fields[k].value, b);
		}
		buf_adds(b, l->n ? ")" : "");
	}
}

static inline void dump_tests(const struct unit *u, struct buf *b)
{
	static const char *const ops[] = { "", "=", "!=", "<", "<=", ">", ">=" };
	static const char *const kinds[] = {
		"packet", "ctx",    "map",   "prog",   "arg",	 "set",	     "clock",  "pid",
		"tid",	  "uid",    "gid",   "cgroup", "cpu",	 "seed",     "repeat", "comm",
		"object", "retval", "count", "event",  "printk", "redirect", "fault",
	};

	if (u->target.path)
		buf_addf(b, "tests of %s %s\n", u->target.is_object ? "object" : "program",
			 u->target.path);
	for (size_t t = 0; t < u->nr_tests; t++) {
		buf_addf(b, "test %s\n", u->tests[t].name);
		for (uint32_t i = 0; i < u->tests[t].n; i++) {
			const struct test_item *it = &u->tests[t].items[i];

			buf_addf(b, "  %s%s", it->expect ? "expect " : "", kinds[it->kind]);
			buf_addf(b, "%s%s", it->name ? " " : "", it->name ? it->name : "");
			if (it->key.kind || it->kind == ITEM_MAP) {
				buf_adds(b, "[");
				dump_test_value(&it->key, b);
				buf_adds(b, "]");
			}
			if (it->kind == ITEM_ARG || (it->kind == ITEM_PACKET && it->name))
				buf_addf(b, " %u", it->count);
			buf_addf(b, it->kind == ITEM_OBJECT ? " %s" : "%s", it->path);
			if (it->kind == ITEM_PACKET)
				dump_test_packet(it, b);
			if (it->op && it->kind != ITEM_PACKET)
				buf_addf(b, " %s", ops[it->op]);
			buf_adds(b, it->absent ? " absent" : it->value.kind ? " " : "");
			dump_test_value(&it->value, b);
			buf_adds(b, "\n");
		}
	}
}

static inline void dump_cores(const struct unit *u, struct buf *b)
{
	static const char *const kinds[] = {
		"byte_off",	  "byte_sz",	   "field_exists",   "signed",	    "lshift_u64",
		"rshift_u64",	  "local_type_id", "target_type_id", "type_exists", "type_size",
		"enumval_exists", "enumval_value", "type_matches",
	};

	for (size_t i = 0; i < u->nr_cores; i++) {
		const struct core_ref *r = u->cores[i].ref;

		buf_addf(b, "core %u %s ", u->cores[i].insn, kinds[r->kind]);
		dump_type(u->types, r->type, b);
		for (uint32_t k = 0; k < r->n; k++)
			buf_addf(b, ":%u", r->path[k]);
		buf_adds(b, "\n");
	}
}

static inline void dump_unit(const struct unit *u, struct buf *b)
{
	if (u->bare)
		buf_addf(b, "bare\n");
	if (strcmp(u->license, "GPL") != 0)
		buf_addf(b, "license %s\n", u->license);
	dump_types(u, b);
	for (size_t i = 0; i < u->nr_events; i++) {
		buf_adds(b, "event ");
		dump_type(u->types, u->events[i].type, b);
		buf_addf(b, u->events[i].has_kind ? " kind %u\n" : "\n", u->events[i].kind);
	}
	dump_maps(u, b);
	dump_vars(u, b);
	dump_externs(u, b);
	dump_progs(u, b);
	dump_refs(u, b);
	dump_cores(u, b);
	for (size_t i = 0; i < u->nr_attaches; i++)
		buf_addf(b, "attach %s %s \"%s\"\n", u->progs[u->attaches[i].prog].name,
			 u->attaches[i].key, u->attaches[i].value);
	for (size_t i = 0; i < u->strings_len; i += strlen((const char *)u->strings + i) + 1)
		buf_addf(b, "string %zu \"%s\"\n", i, u->strings + i);
	dump_tests(u, b);
}
