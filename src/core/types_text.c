// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Types as text. */
#include "core/buf.h"
#include "core/types.h"

#define MAX_DEPTH 16   /* of pointers, arrays and parameters within each other */
#define MAX_TEXT 16384 /* broken BTF can make a prototype that contains itself many times */

static const char *keyword(const struct type *type)
{
	switch (type->kind) {
	case T_STRUCT:
		return "struct ";
	case T_UNION:
		return "union ";
	case T_ENUM:
	case T_ENUM64:
		return "enum ";
	case T_FWD:
		return type->is_union ? "union " : "struct ";
	case T_VOLATILE:
		return "volatile ";
	case T_CONST:
		return "const ";
	case T_RESTRICT:
		return "restrict ";
	default:
		return "";
	}
}

static void text(const struct types *t, uint32_t id, struct buf *to, int depth)
{
	struct type type;

	if (depth > MAX_DEPTH || to->len > MAX_TEXT || !types_get(t, id, &type)) {
		buf_adds(to, "?");
		return;
	}
	switch (type.kind) {
	case T_VOID:
		buf_adds(to, "void");
		break;
	case T_PTR:
		text(t, type.ref, to, depth + 1);
		buf_adds(to, to->len && to->data[to->len - 1] == '*' ? "*" : " *");
		break;
	case T_ARRAY:
		text(t, type.ref, to, depth + 1);
		buf_addf(to, "[%u]", type.n);
		break;
	case T_VOLATILE:
	case T_CONST:
	case T_RESTRICT:
		buf_adds(to, keyword(&type));
		text(t, type.ref, to, depth + 1);
		break;
	case T_TYPE_TAG:
	case T_VAR:
		text(t, type.ref, to, depth + 1);
		break;
	case T_FUNC_PROTO:
		text(t, type.ref, to, depth + 1);
		buf_adds(to, "()");
		break;
	default:
		buf_adds(to, keyword(&type));
		buf_adds(to, type.name[0] ? type.name : "{...}");
		break;
	}
}

void types_text(const struct types *t, uint32_t id, struct buf *to)
{
	text(t, id, to, 0);
}

static void proto(const struct types *t, const struct type *p, const char *name, struct buf *to,
		  int depth);

/* Every part is followed by a blank, as bpftool has it. */
static void spaced(const struct types *t, uint32_t id, struct buf *to, int depth)
{
	struct type type;

	if (depth > MAX_DEPTH || to->len > MAX_TEXT || !types_get(t, id, &type)) {
		buf_adds(to, "? ");
		return;
	}
	switch (type.kind) {
	case T_VOID:
		buf_adds(to, "void ");
		break;
	case T_PTR:
		spaced(t, type.ref, to, depth + 1);
		buf_adds(to, "* ");
		break;
	case T_ARRAY:
		spaced(t, type.ref, to, depth + 1);
		buf_addf(to, "[%u]", type.n);
		break;
	case T_VOLATILE:
	case T_CONST:
	case T_RESTRICT:
	case T_TYPE_TAG:
		buf_adds(to, keyword(&type));
		spaced(t, type.ref, to, depth + 1);
		break;
	case T_FUNC_PROTO:
		proto(t, &type, "", to, depth + 1);
		break;
	default:
		buf_addf(to, "%s%s ", keyword(&type), type.name);
		break;
	}
}

static void proto(const struct types *t, const struct type *p, const char *name, struct buf *to,
		  int depth)
{
	struct type_member m;

	spaced(t, p->ref, to, depth + 1);
	buf_addf(to, "%s(", name);
	for (uint32_t i = 0; i < p->n && types_member(t, p, i, &m); i++) {
		if (i)
			buf_adds(to, ", ");
		if (!m.type) {
			buf_adds(to, "...");
			continue;
		}
		spaced(t, m.type, to, depth + 1);
		if (m.name[0])
			buf_adds(to, m.name);
		else if (to->len && to->data[to->len - 1] == ' ')
			to->len--;
	}
	buf_adds(to, ")");
}

void types_proto(const struct types *t, uint32_t func, struct buf *to)
{
	struct type f, p;

	if (types_get(t, func, &f) && f.kind == T_FUNC && types_get(t, f.ref, &p) &&
	    p.kind == T_FUNC_PROTO)
		proto(t, &p, f.name, to, 0);
}
