// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Contexts of tests: fields of the program type's struct, of a struct of the source, arguments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/test_priv.h"
#include "core/types.h"
#include "uapi/names.h"

#define ARGS_SIZE 96 /* MAX_BPF_FUNC_ARGS times 8 */

/* ---- structs of the kernel's interface ---------------------------------------------------- */

/* The name of a type's context; NULL: it has arguments, or what the source says. */
static const char *struct_of(uint32_t type)
{
	for (size_t i = 0; i < uapi_nr_prog_types; i++)
		if (uapi_prog_types[i].id == type)
			return uapi_prog_types[i].context;
	return NULL;
}

/* The row behind the one that opens the struct; the table says "pt_regs (...)" at places. */
static const struct uapi_ctx_field *first_field(const char *name)
{
	size_t len = name ? strcspn(name, " ") : 0;

	for (size_t i = 0; len && i + 1 < uapi_nr_ctx_fields; i++) {
		const struct uapi_ctx_field *f = &uapi_ctx_fields[i];

		if (strlen(f->ctx) == len && memcmp(f->ctx, name, len) == 0 &&
		    (!*f->arch || strcmp(f->arch, uapi_host_arch()) == 0))
			return f + 1;
	}
	return NULL;
}

static const struct uapi_ctx_field *end_of_table(void)
{
	return uapi_ctx_fields + uapi_nr_ctx_fields;
}

static bool is_field(const struct uapi_ctx_field *f)
{
	return f && f < end_of_table() && *f->name;
}

uint32_t test_ctx_size(uint32_t type)
{
	const struct uapi_ctx_field *f = first_field(struct_of(type));
	uint32_t size = 0;

	if (!is_field(f))
		return ARGS_SIZE;
	for (; is_field(f); f++)
		if (f->off + f->size > size)
			size = f->off + f->size;
	return size;
}

/* "__u32[4]" and an index, or "__u32". */
static struct codec *codec_of_row(const struct uapi_ctx_field *f, const char *index, uint32_t *off,
				  struct err *e)
{
	const char *type = strncmp(f->type, "__", 2) == 0 ? f->type + 2 : f->type;
	size_t len = strcspn(type, "[");
	unsigned int count = type[len] ? (unsigned int)strtoul(type + len + 1, NULL, 10) : 0;
	unsigned int i = *index ? (unsigned int)strtoul(index + 1, NULL, 10) : 0;
	auto_free char *spec = NULL;

	*off = f->off;
	if (*index && i >= count) {
		err_input(e, "ctx.%s has no element %u", f->name, i);
		return NULL;
	}
	if (*index)
		*off += f->size / count * i;
	spec = strchr("us", *type) || strncmp(type, "be", 2) == 0
		       ? xasprintf("%.*s%s", (int)len, type, *index ? "" : type + len)
		       : NULL;
	if (!spec || strchr(spec, ' '))
		return codec_of_size(*index ? f->size / count : f->size);
	return codec_of_spec(spec, NULL, e);
}

static struct codec *row_field(const struct test_job *j, const char *path, uint32_t *off,
			       struct err *e)
{
	const char *name = struct_of(j->p.type);
	const struct uapi_ctx_field *f = first_field(name);
	size_t len = strcspn(path, "[");
	struct near near = near_to(path, len);

	if (!is_field(f)) {
		err_input(e, "the context of a %s program has no fields by name",
			  uapi_prog_type_name(j->p.type) ?: "unknown");
		err_hint(e, "give arg0, arg1 ..., or name a struct: ctx NAME { ... }");
		return NULL;
	}
	for (; is_field(f); f++) {
		if (strcmp(f->name, path) == 0)
			return codec_of_row(f, "", off, e);
		if (strlen(f->name) == len && memcmp(f->name, path, len) == 0)
			return codec_of_row(f, path + len, off, e);
		near_offer(&near, f->name);
	}
	err_input(e, "%.*s has no field '%s'", (int)strcspn(name, " "), name, path);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return NULL;
}

/* ---- structs of the source ---------------------------------------------------------------- */

static struct codec *named_struct(const struct test_job *j, const struct test_item *it,
				  struct err *e)
{
	uint32_t id =
		object_types(j->o) ? types_find_kind(object_types(j->o), it->name, T_STRUCT) : 0;

	if (id)
		return codec_of_type(object_types(j->o), id, CODEC_TYPED, e);
	err_absent(e, "%s has no struct '%s' in its BTF", object_name(j->o), it->name);
	return NULL;
}

struct codec *test_ctx_field(const struct test_job *j, const char *path, uint32_t *off,
			     struct err *e)
{
	const struct test_item *it = test_item(j->decl, ITEM_CTX, false);
	auto_codec struct codec *whole = NULL;

	if (!it || !it->name)
		return row_field(j, path, off, e);
	whole = named_struct(j, it, e);
	return whole ? codec_field(whole, path, off, e) : NULL;
}

/* ---- giving ------------------------------------------------------------------------------- */

static int give_named(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_codec struct codec *c = named_struct(j, it, e);

	if (!c)
		return -ENOENT;
	j->ctx.len = 0;
	buf_fill(&j->ctx, 0, codec_size(c));
	return test_encode(c, &it->value, j->ctx.data, e);
}

static int give_fields(struct test_job *j, const struct test_item *it, struct err *e)
{
	for (uint32_t i = 0; i < it->value.n; i++) {
		const struct test_field *f = &it->value.fields[i];
		auto_codec struct codec *c = NULL;
		uint32_t off;
		int r;

		c = row_field(j, f->name, &off, e);
		if (!c)
			return -EINVAL;
		r = test_encode(c, &f->value, j->ctx.data + off, e);
		if (r < 0)
			return err_wrap(e, "ctx.%s: ", f->name);
	}
	return 0;
}

/* Where argument n lies: a register of pt_regs, or the n-th word. */
static int arg_offset(const struct test_job *j, uint32_t n, uint32_t *off, struct err *e)
{
	static const char *const x86[] = { "rdi", "rsi", "rdx", "rcx", "r8", "r9" };
	const struct uapi_ctx_field *f;

	*off = n * 8;
	if (j->p.type != UAPI_PROG_kprobe) {
		if (*off + 8 <= j->ctx.len && !test_takes_packet(j->p.type))
			return 0;
		return err_input(e, "a %s program has no arguments",
				 uapi_prog_type_name(j->p.type) ?: "unknown");
	}
	if (strcmp(uapi_host_arch(), "x86_64") != 0) /* arm64 and others: registers in order */
		return n < 6 ? 0 : err_input(e, "arguments in registers are arg0 to arg5");
	if (n >= countof(x86))
		return err_input(e, "arguments in registers are arg0 to arg5");
	for (f = first_field("pt_regs"); is_field(f); f++)
		if (strcmp(f->name, x86[n]) == 0)
			*off = f->off;
	return 0;
}

/* The address of an object of the test; 0 while no kernel has made it. */
static int object_address(const struct test_job *j, const struct test_item *it, uint64_t *addr,
			  struct err *e)
{
	const char *name = it->value.text;
	struct near near = near_to(name, it->value.text_len);

	*addr = 0;
	for (size_t i = 0; i < j->nr_objects; i++)
		if (strcmp(j->objects[i].name, name) == 0)
			*addr = j->objects[i].addr;
	for (uint32_t i = 0; i < j->decl->n; i++) {
		if (j->decl->items[i].kind != ITEM_OBJECT)
			continue;
		if (strcmp(j->decl->items[i].name, name) == 0)
			return 0;
		near_offer(&near, j->decl->items[i].name);
	}
	err_absent(e, "the test has no object '%s'", name);
	return near.best ? err_hint(e, "did you mean '%s'?", near.best) : -ENOENT;
}

static int give_arg(struct test_job *j, const struct test_item *it, struct err *e)
{
	uint64_t v = num_bits(it->value.num);
	uint32_t off;
	int r = arg_offset(j, it->count, &off, e);

	if (r == 0 && it->value.kind == TEST_WORD)
		r = object_address(j, it, &v, e);
	else if (r == 0 && it->value.kind != TEST_NUM)
		r = err_input(e, "arg%u: expected a number or an object of the test", it->count);
	if (r < 0)
		return r;
	memcpy(j->ctx.data + off, &v, sizeof(v));
	return 0;
}

void test_ctx_begin(struct test_job *j)
{
	j->ctx.len = 0;
	buf_fill(&j->ctx, 0, test_ctx_size(j->p.type));
}

int test_ctx_give(struct test_job *j, const struct test_item *it, struct err *e)
{
	j->has_ctx = true;
	if (buf_error(&j->ctx))
		return err_code(e, ENOMEM, "no memory for the context");
	if (it->kind == ITEM_ARG)
		return give_arg(j, it, e);
	return it->name ? give_named(j, it, e) : give_fields(j, it, e);
}

int test_ctx(struct test_job *j, struct err *e)
{
	int r = 0;

	test_ctx_begin(j);
	for (uint32_t i = 0; i < j->decl->n && r == 0; i++) {
		const struct test_item *it = &j->decl->items[i];

		if (it->expect || (it->kind != ITEM_CTX && it->kind != ITEM_ARG))
			continue;
		j->at = it;
		r = test_ctx_give(j, it, e);
	}
	return r;
}
