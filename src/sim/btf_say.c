// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The log of the BTF check, in the kernel's form. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/mem.h"
#include "sim/btf_priv.h"

static const char *const kinds[] = {
	"UNKNOWN", "INT",     "PTR",	  "ARRAY",    "STRUCT",	  "UNION",  "ENUM",
	"FWD",	   "TYPEDEF", "VOLATILE", "CONST",    "RESTRICT", "FUNC",   "FUNC_PROTO",
	"VAR",	   "DATASEC", "FLOAT",	  "DECL_TAG", "TYPE_TAG", "ENUM64",
};

static const char *name_of(const struct btf *b, uint32_t off)
{
	if (!off)
		return "(anon)";
	return btf_name_ok(b, off) ? btf_name(b, off) : "(invalid-name-offset)";
}

int btf_say(struct btf_check *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!c->log)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_adds(c->log, text);
	return -EINVAL;
}

static void say_int(struct buf *log, const struct btf_type *t)
{
	static const char *const encodings[] = { [0] = "(none)",
						 [BTF_INT_SIGNED] = "SIGNED",
						 [BTF_INT_CHAR] = "CHAR",
						 [BTF_INT_BOOL] = "BOOL" };
	uint32_t data = btf_int_data(t), encoding = BTF_INT_ENCODING(data);

	buf_addf(log, "size=%u bits_offset=%u nr_bits=%u encoding=%s", t->size,
		 BTF_INT_OFFSET(data), BTF_INT_BITS(data),
		 encoding < countof(encodings) && encodings[encoding] ? encodings[encoding]
								      : "UNKN");
}

static void say_proto(struct buf *log, const struct btf *b, const struct btf_type *t)
{
	const struct btf_param *p = btf_tail(t);
	unsigned int n = btf_vlen(t);

	buf_addf(log, "return=%u args=(", t->type);
	if (!n)
		buf_adds(log, "void");
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			buf_adds(log, ", ");
		if (!p[i].type && i == n - 1)
			buf_adds(log, "vararg");
		else
			buf_addf(log, "%u %s", p[i].type, name_of(b, p[i].name_off));
	}
	buf_addc(log, ')');
}

static void say_details(struct buf *log, const struct btf *b, const struct btf_type *t)
{
	const struct btf_array *a = btf_tail(t);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		say_int(log, t);
		break;
	case BTF_KIND_ARRAY:
		buf_addf(log, "type_id=%u index_type_id=%u nr_elems=%u", a->type, a->index_type,
			 a->nelems);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case KIND_ENUM64:
	case BTF_KIND_DATASEC:
		buf_addf(log, "size=%u vlen=%u", t->size, btf_vlen(t));
		break;
	case BTF_KIND_FWD:
		buf_adds(log, btf_kflag(t) ? "union" : "struct");
		break;
	case BTF_KIND_FUNC_PROTO:
		say_proto(log, b, t);
		break;
	case BTF_KIND_VAR:
		buf_addf(log, "type_id=%u linkage=%u", t->type, *(const uint32_t *)btf_tail(t));
		break;
	case BTF_KIND_FLOAT:
		buf_addf(log, "size=%u", t->size);
		break;
	case BTF_KIND_DECL_TAG:
		buf_addf(log, "type=%u component_idx=%d", t->type, *(const int32_t *)btf_tail(t));
		break;
	default:
		buf_addf(log, "type_id=%u", t->type);
	}
}

static void say_head(struct btf_check *c, const struct btf_type *t, bool details)
{
	buf_addf(c->log, "[%u] %s %s%s", c->id, kinds[btf_kind(t)], name_of(c->btf, t->name_off),
		 details ? " " : "");
	if (details)
		say_details(c->log, c->btf, t);
}

int btf_say_type(struct btf_check *c, const struct btf_type *t, const char *fmt, ...)
{
	char text[256] = "";
	va_list ap;

	if (!c->log)
		return -EINVAL;
	va_start(ap, fmt);
	if (fmt)
		vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say_head(c, t, true);
	buf_addf(c->log, "%s%s\n", *text ? " " : "", text);
	return -EINVAL;
}

int btf_say_basic(struct btf_check *c, const struct btf_type *t, const char *msg)
{
	if (!c->log)
		return -EINVAL;
	say_head(c, t, false);
	buf_addf(c->log, " %s\n", msg);
	return -EINVAL;
}

int btf_say_member(struct btf_check *c, const struct btf_type *t, const struct btf_member *m,
		   const char *msg)
{
	if (!c->log)
		return -EINVAL;
	/* The members have no lines of their own in the second pass, so the struct comes again. */
	if (c->state)
		btf_say_type(c, t, NULL);
	buf_addf(c->log, "\t%s type_id=%u", name_of(c->btf, m->name_off), m->type);
	if (btf_kflag(t))
		buf_addf(c->log, " bitfield_size=%u", btf_bit_size(t, m));
	buf_addf(c->log, " bits_offset=%u%s%s\n", btf_bit_off(t, m), msg ? " " : "", msg ?: "");
	return -EINVAL;
}

int btf_say_var(struct btf_check *c, const struct btf_type *t, const struct btf_var_secinfo *v,
		const char *msg)
{
	if (!c->log)
		return -EINVAL;
	if (c->state)
		btf_say_type(c, t, NULL);
	buf_addf(c->log, "\t type_id=%u offset=%u size=%u%s%s\n", v->type, v->offset, v->size,
		 msg ? " " : "", msg ?: "");
	return -EINVAL;
}
