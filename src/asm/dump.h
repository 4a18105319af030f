// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What stands around instructions in dumps: of bpftool, of llvm-objdump, of the verifier.
 *
 * In front of an instruction: `12:` its index, which says the slot it goes to; eight or sixteen
 * bytes in hex (llvm-objdump); `(b7)` its opcode.  Behind it: a line of its bytes (bpftool's
 * `opcodes`).  Bytes and opcode choose among the readings that a text has, and must then be the
 * ones produced.
 *
 * Lines that are none of the program's are passed over: section and symbol headers, relocations,
 * signatures of functions, and of a verifier log the states (`3: R0=1`, `from 3 to 7: ...`), the
 * counts (`processed 5 insns ...`), marks of precision, frames, live registers.  Nothing of that
 * could be an instruction.  A log shows an instruction each time it was visited, in any order: a
 * numbered line fills the slot of its index, and may say again what is there, but not otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lex;
struct parser;

/* The line at p->lex.s, which begins with a digit.  1: it is to be skipped; 0; or an error. */
int dump_prefix(struct parser *p);
/* `(b7)`: the token is '(' at the start of a statement. */
int dump_opcode(struct parser *p);
/* Whether the line, whose first token is no instruction, belongs to a dump. */
bool dump_is_noise(const struct parser *p, const char *line);
/* The same for a line that looks like a label: `frame1: R0=1`, `x.o:	file format elf64-bpf`. */
bool dump_is_no_label(const struct parser *p, const char *line);
/* `int prog(struct xdp_md *ctx):` above a function, which could be taken for a declaration. */
bool dump_is_signature(const struct lex *l, const char *line);
/* `<unknown>`, `BUG_d7` for an instruction whose bytes are given; 1: the token is neither. */
int dump_unknown(struct parser *p);
/* Takes note of a line of bytes that follows this one. */
void dump_look_below(struct parser *p);
/* Compares the slots since `first` with what the dump says of them. */
int dump_check(struct parser *p, uint32_t first);
