// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions as text: for other programs (hex, arrays in C, Rust, Go) and for people. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"

struct image;

enum format {
	FORMAT_BIN,  /* the bytes themselves, in the byte order of the target */
	FORMAT_HEX,  /* one instruction a line; `xxd -r -p` makes bytes of it */
	FORMAT_C,    /* static const struct bpf_insn NAME[] */
	FORMAT_RUST, /* pub static NAME: [u8; N] */
	FORMAT_GO,   /* var Name = []byte */
};

/* `package` is Go's, NULL: main.  0 or -ENOMEM. */
int format_image(const struct image *im, enum format format, const char *package, struct buf *b);

/*
 * Every program with its instructions: slot, the bytes as the object file has them, text, and the
 * line they were made from.  0, -ENOMEM, or -EINVAL as from unit_elf().
 */
int format_listing(const struct unit *u, struct buf *b);

/* One instruction, for callers with rows of their own to fill. */
struct format_row {
	uint32_t at;		/* slot, from 0 */
	uint32_t slots;		/* 1, or 2 for ld_imm64 */
	const struct vinsn *in; /* in[0 .. slots) */
	const char *text;	/* in the kernel's words, names where there are some */
	bool has_loc;
	struct src_loc loc;
};

/*
 * Calls fn for each of n instructions of a unit or image, in order; stops when it returns other
 * than 0, and returns that.  -ENOMEM when there is no memory.
 */
int format_each(const struct unit *u, const struct vinsn *insns, uint32_t n,
		int (*fn)(void *arg, const struct format_row *row), void *arg);

/* What operands of the unit's instructions are called, `insns` being those counted from 0. */
struct format_namer {
	const struct unit *u;
	const struct vinsn *insns;
};
struct isa_names format_names(struct format_namer *n);
