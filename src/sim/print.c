// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Formats of printk and its like, as bpf_bprintf_prepare() takes them. */
#include <ctype.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/helper_priv.h"
#include "sim/map_prog.h"
#include "sim/space.h"

#define MAX_ARGS 12u   /* MAX_BPRINTF_VARARGS */
#define MAX_STRING 512 /* of one %s */
#define PRINTK_SIZE 1024

struct print {
	struct vm *vm;
	const char *fmt;
	size_t n, i;
	const uint64_t *args;
	uint32_t nr_args, used;
	struct buf *b;
};

struct spec {
	bool zero, plus, minus, space;
	uint32_t width;
};

static char at(const struct print *p, size_t i)
{
	return i < p->n ? p->fmt[i] : '\0';
}

static bool ends(char c)
{
	return !c || isspace((unsigned char)c) || ispunct((unsigned char)c);
}

static void pad(struct print *p, const struct spec *s, const char *text, size_t n, bool number)
{
	size_t fill = s->width > n ? s->width - n : 0;

	if (s->zero && number && !s->minus) {
		size_t sign = n && (text[0] == '-' || text[0] == '+' || text[0] == ' ');

		buf_add(p->b, text, sign);
		buf_fill(p->b, '0', fill);
		buf_add(p->b, text + sign, n - sign);
		return;
	}
	if (!s->minus)
		buf_fill(p->b, ' ', fill);
	buf_add(p->b, text, n);
	if (s->minus)
		buf_fill(p->b, ' ', fill);
}

static void put_number(struct print *p, const struct spec *s, uint64_t v, char conv)
{
	auto_buf struct buf b = {};

	if (conv == 'd' || conv == 'i') {
		if ((int64_t)v >= 0 && s->plus)
			buf_addc(&b, '+');
		else if ((int64_t)v >= 0 && s->space)
			buf_addc(&b, ' ');
		buf_add_s64(&b, (int64_t)v);
	} else if (conv == 'u') {
		buf_add_u64(&b, v);
	} else {
		buf_add_hex(&b, v, 1);
		for (size_t i = 0; conv == 'X' && i < b.len; i++)
			b.data[i] = (char)toupper((unsigned char)b.data[i]);
	}
	pad(p, s, b.data, b.len, true);
}

/* What cannot be read prints as nothing. */
static void put_string(struct print *p, const struct spec *s, uint64_t addr, bool user)
{
	char text[MAX_STRING];
	size_t n = 0;

	while (n < sizeof(text) - 1 && probe(p->vm, addr + n, text + n, 1, user) && text[n])
		n++;
	pad(p, s, text, n, false);
}

static void put_address(struct print *p, uint64_t addr, char family, bool dotted)
{
	uint8_t b[16] = {};
	size_t n = family == '4' ? 4 : 16;

	probe(p->vm, addr, b, n, false);
	if (n == 4) {
		buf_addf(p->b, dotted ? "%u.%u.%u.%u" : "%03u.%03u.%03u.%03u", b[0], b[1], b[2],
			 b[3]);
		return;
	}
	for (size_t i = 0; i < 16; i += 2)
		buf_addf(p->b, dotted && i ? ":%02x%02x" : "%02x%02x", b[i], b[i + 1]);
}

/* Behind %p; p->i is at the p. */
static int pointer(struct print *p, const struct spec *s, uint64_t arg)
{
	char next = at(p, p->i + 1), after = at(p, p->i + 2);

	if ((next == 'k' || next == 'u') && after == 's') {
		p->i += 2;
		if (!ends(at(p, p->i + 1)))
			return -EINVAL;
		put_string(p, s, arg, next == 'u');
		return 0;
	}
	if (ends(next) || strchr("KxsSB", next)) {
		struct spec wide = { .zero = true, .width = 16 };

		if (!ends(next))
			p->i++;
		if (next == 's' || next == 'S' || next == 'B')
			buf_addf(p->b, "0x%llx", (unsigned long long)arg);
		else if (next == 'x')
			put_number(p, s, arg, 'x');
		else
			put_number(p, &wide, arg, 'x');
		return 0;
	}
	if ((next != 'i' && next != 'I') || (after != '4' && after != '6'))
		return -EINVAL;
	p->i += 2;
	put_address(p, arg, after, next == 'I');
	return 0;
}

static int number(struct print *p, const struct spec *s, uint64_t arg)
{
	unsigned int longs = 0;
	char c;

	for (; longs < 2 && at(p, p->i) == 'l'; longs++)
		p->i++;
	c = at(p, p->i);
	if (!c || !strchr("iduxX", c))
		return -EINVAL;
	if (!longs)
		arg = c == 'd' || c == 'i' ? (uint64_t)(int64_t)(int32_t)arg : (uint32_t)arg;
	put_number(p, s, arg, c);
	return 0;
}

static void flags(struct print *p, struct spec *s)
{
	for (;; p->i++) {
		char c = at(p, p->i);

		if (c == '0')
			s->zero = true;
		else if (c == '+')
			s->plus = true;
		else if (c == '-')
			s->minus = true;
		else if (c == ' ')
			s->space = true;
		else
			break;
	}
	while (isdigit((unsigned char)at(p, p->i)) && s->width < 10000)
		s->width = s->width * 10 + (uint32_t)(at(p, p->i++) - '0');
}

static int conversion(struct print *p)
{
	struct spec s = {};
	uint64_t arg;

	if (p->used >= p->nr_args)
		return -EINVAL;
	arg = p->args[p->used++];
	p->i++;
	flags(p, &s);
	switch (at(p, p->i)) {
	case 'p':
		return pointer(p, &s, arg);
	case 's':
		if (!ends(at(p, p->i + 1)))
			return -EINVAL;
		put_string(p, &s, arg, false);
		return 0;
	case 'c':
		pad(p, &s, &(char){ (char)arg }, 1, false);
		return 0;
	default:
		return number(p, &s, arg);
	}
}

int print_format(struct vm *vm, const char *fmt, size_t size, const uint64_t *args, uint32_t n,
		 struct buf *b)
{
	const char *end = memchr(fmt, 0, size);
	struct print p = { .vm = vm, .fmt = fmt, .args = args, .nr_args = n, .b = b };

	if (!end)
		return -EINVAL;
	p.n = (size_t)(end - fmt);
	for (; p.i < p.n; p.i++) {
		unsigned char c = (unsigned char)fmt[p.i];

		if (c > 127 || (!isprint(c) && !isspace(c)))
			return -EINVAL;
		if (c != '%' || at(&p, p.i + 1) == '%') {
			buf_addc(b, (char)c);
			p.i += c == '%';
		} else if (conversion(&p)) {
			return -EINVAL;
		}
	}
	return buf_error(b);
}

static uint64_t printk(struct vm *vm, const char *fmt, size_t size, const uint64_t *args,
		       uint32_t n)
{
	const struct world *w = world_of(vm);
	auto_buf struct buf b = {};
	int err = print_format(vm, fmt, size, args, n, &b);
	size_t len = b.len < PRINTK_SIZE ? b.len : PRINTK_SIZE - 1;

	if (err)
		return (uint64_t)(int64_t)err;
	/* The trace pipe ends lines by itself. */
	if (len && b.data[len - 1] == '\n')
		len--;
	if (w->hooks.printk)
		w->hooks.printk(w->hooks.arg, len ? b.data : "", len);
	return b.len;
}

HELPER(trace_printk)
{
	const char *fmt = vm_read(vm, 1, r1, (uint32_t)r2);
	const uint64_t args[] = { r3, r4, r5 };

	if (!fmt)
		return 0;
	return printk(vm, fmt, (uint32_t)r2, args, countof(args));
}

/* Arguments as an array; false: the fault is raised or *err is set. */
static bool array(struct vm *vm, int reg, uint64_t addr, uint64_t len, uint64_t *args, int *err)
{
	const void *from;

	*err = 0;
	if (len % 8 || len > sizeof(uint64_t[MAX_ARGS]) || (len && !addr)) {
		*err = -EINVAL;
		return false;
	}
	from = vm_read(vm, reg, addr, len);
	if (from && len)
		memcpy(args, from, len);
	return from;
}

HELPER(trace_vprintk)
{
	const char *fmt = vm_read(vm, 1, r1, (uint32_t)r2);
	uint64_t args[MAX_ARGS];
	int err;

	if (!fmt || !array(vm, 3, r3, (uint32_t)r4, args, &err))
		return fmt ? (uint64_t)(int64_t)err : 0;
	return printk(vm, fmt, (uint32_t)r2, args, (uint32_t)r4 / 8);
}

HELPER(snprintf)
{
	uint32_t size = (uint32_t)r2;
	char *to = vm_write(vm, 1, r1, size);
	const char *fmt = to ? vm_string(vm, 3, r3, 1 << 16) : NULL;
	auto_buf struct buf b = {};
	uint64_t args[MAX_ARGS];
	size_t n;
	int err;

	if (!fmt || !array(vm, 4, r4, (uint32_t)r5, args, &err))
		return fmt ? (uint64_t)(int64_t)err : 0;
	err = print_format(vm, fmt, strlen(fmt) + 1, args, (uint32_t)r5 / 8, &b);
	if (err)
		return (uint64_t)(int64_t)err;
	if (size) {
		n = b.len < size ? b.len : size - 1;
		if (n)
			memcpy(to, b.data, n);
		to[n] = '\0';
	}
	return b.len + 1;
}

/* What an iterator's reader gets; a page's worth and more, then it overflows. */
static uint64_t seq_add(struct vm *vm, const char *text, size_t n)
{
	struct run *r = run_of(vm);

	if (!r->how || !r->how->seq)
		return 0;
	if (r->how->seq->len + n > r->how->seq_room)
		return NO(EOVERFLOW);
	buf_add(r->how->seq, text, n);
	return 0;
}

HELPER(seq_printf)
{
	const char *fmt = vm_read(vm, 2, r2, (uint32_t)r3);
	auto_buf struct buf b = {};
	uint64_t args[MAX_ARGS];
	int err;

	if (!fmt || !array(vm, 4, r4, (uint32_t)r5, args, &err))
		return fmt ? (uint64_t)(int64_t)err : 0;
	err = print_format(vm, fmt, (uint32_t)r3, args, (uint32_t)r5 / 8, &b);
	if (err)
		return (uint64_t)(int64_t)err;
	return seq_add(vm, b.data, b.len);
}

HELPER(seq_write)
{
	const char *text = vm_read(vm, 2, r2, (uint32_t)r3);

	return text ? seq_add(vm, text, (uint32_t)r3) : 0;
}
