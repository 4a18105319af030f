// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bare instructions in the mock kernel's interpreter. */
#include "core/mock_run.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "asm/isa.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "sim/code.h"
#include "sim/helper.h"
#include "sim/prog.h"
#include "sim/space.h"
#include "sim/vm.h"
#include "sim/world.h"
#include "uapi/names.h"

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mock_hex(const char *what, const char *text, size_t len, struct buf *to, struct err *e)
{
	int high = -1;

	for (size_t i = 0; i < len; i++) {
		int d = digit((unsigned char)text[i]);

		if (isspace((unsigned char)text[i]) && high < 0)
			continue;
		if (d < 0)
			return err_input(e, "%s: no hex digit at byte %zu", what, i);
		if (high < 0) {
			high = d;
			continue;
		}
		buf_addc(to, (char)(high << 4 | d));
		high = -1;
	}
	if (high >= 0)
		return err_input(e, "%s: an odd number of hex digits", what);
	return buf_error(to) ? err_code(e, ENOMEM, "%s", what) : 0;
}

static int find_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
		       struct buf *log)
{
	(void)at;
	return helper_find(arg, id, func, log);
}

/* Where and why it was stopped, and the registers that were set. */
static int say_fault(const struct vm_fault *f, struct err *e)
{
	auto_buf struct buf b = {}, text = {};

	insn_print(&f->in, 1, f->insn, STYLE_KERNEL, NULL, &text);
	buf_addf(&b, "  %" PRIu32 ": %s\n", f->insn, buf_str(&text));
	for (unsigned int i = 0; i < 11; i++)
		if (f->init >> i & 1)
			buf_addf(&b, "  r%u = 0x%" PRIx64 "\n", i, f->r[i]);
	if (f->verifier[0])
		buf_addf(&b, "  the verifier would say: %s\n", f->verifier);
	err_failed(e, "instruction %" PRIu32 ": %s", f->insn, f->text);
	e->worded = true;
	err_detail(e, buf_take(&b));
	return -EFAULT;
}

static int say_refused(int code, struct buf *log, struct err *e)
{
	size_t n = log->len && log->data[log->len - 1] == '\n' ? log->len - 1 : log->len;

	err_worded(e, code, "%.*s", (int)n, n ? log->data : "the program is refused");
	err_class(e, ERR_REJECTED);
	return code;
}

static int run_in(struct world *w, const struct insn *in, size_t n, void *mem, size_t mem_len,
		  uint64_t *r0, struct err *e)
{
	struct prog p = { .type = UAPI_PROG_syscall, .gpl = true };
	struct code_owner owner = { .arg = &p, .helper = find_helper, .args = 2 };
	struct region_spec spec = { .kind = REGION_MEM,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "memory",
				    .host = mem,
				    .len = mem_len };
	struct region *rg = mem_len ? space_add(w->space, &spec) : NULL;
	uint64_t args[2] = { rg ? rg->base : 0, mem_len };
	auto_buf struct buf log = {};
	int err;

	if (mem_len && !rg)
		return err_code(e, ENOMEM, "memory of %zu bytes", mem_len);
	err = code_load(w->vm, in, n, &owner, &log, &p.code);
	if (err)
		return say_refused(err, &log, e);
	w->prog = &p;
	vm_set_lax_stack(w->vm, true);
	err = vm_run_args(w->vm, p.code, args, 2, r0);
	w->prog = NULL;
	if (err)
		say_fault(&w->vm->fault, e);
	code_free(p.code);
	return err;
}

int mock_run_raw(const void *bytes, size_t len, void *mem, size_t mem_len, uint64_t *r0,
		 struct err *e)
{
	size_t n = len / INSN_SIZE;
	auto_free struct insn *in = calloc(n ? n : 1, sizeof(*in));
	auto_free void *copy = malloc((mem_len + 8) & ~(size_t)7);
	struct world w;
	int err;

	if (!n || len % INSN_SIZE)
		/* cppcheck-suppress memleak ; auto_free */
		return err_input(e, "%zu bytes are no instructions of %u bytes each", len,
				 INSN_SIZE);
	if (!in || !copy || !world_init(&w))
		return err_code(e, ENOMEM, "running %zu instructions", n);
	for (size_t i = 0; i < n; i++)
		insn_decode((const uint8_t *)bytes + i * INSN_SIZE, false, &in[i]);
	if (mem_len)
		memcpy(copy, mem, mem_len); /* aligned for atomics */
	err = run_in(&w, in, n, copy, mem_len, r0, e);
	if (mem_len)
		memcpy(mem, copy, mem_len);
	world_fini(&w);
	return err;
}
