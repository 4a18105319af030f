// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A hash over a constant list; the mnemonics come from isa.def, with their suffixes. */
#include "asm/words.h"

#include <stdbool.h>
#include <string.h>

#include "asm/isa_row.h"
#include "core/mem.h"

#define WORD(name, use, row, arg) { name, W_##use, ROW_##row, arg },

/* The words of each shape. */
#define WORDS_ALU(id, m)                                                                           \
	WORD(m, ALU, id, 0) WORD(m "32", ALU, id, CODE_WIDTH) WORD(m "64", ALU, id, 0)
#define WORDS_NEG(id, m)                                                                           \
	WORD(m, NEG, id, 0) WORD(m "32", NEG, id, CODE_WIDTH) WORD(m "64", NEG, id, 0)
#define WORDS_MOVSX(id, m) WORD(m "64", MOVSX, id, 0) WORD(m "32", MOVSX, id, CODE_WIDTH)
#define WORDS_END(id, m)                                                                           \
	WORD(m "16", END, id, 16) WORD(m "32", END, id, 32) WORD(m "64", END, id, 64)
#define SIZES(id, m, use)                                                                          \
	WORD(m "b", use, id, SIZE_B) WORD(m "h", use, id, SIZE_H) WORD(m "w", use, id, SIZE_W)
#define WORDS_LDX(id, m) SIZES(id, m, LOAD) WORD(m "dw", LOAD, id, SIZE_DW)
#define WORDS_LDSX(id, m) SIZES(id, m, LOAD)
#define WORDS_ST(id, m) SIZES(id, m, STORE) WORD(m "dw", STORE, id, SIZE_DW)
#define WORDS_STX(id, m) WORDS_ST(id, m)
#define WORDS_ABS(id, m) SIZES(id, m, PACKET)
#define WORDS_IND(id, m) SIZES(id, m, PACKET)
#define WORDS_IMM64(id, m) WORD(m, LDDW, id, 0)
#define WORDS_JA(id, m) WORD(m, JUMP, id, 0)
#define WORDS_JAL(id, m) WORD(m, JUMP, id, 0)
#define WORDS_JCOND(id, m) WORD(m, JCOND, id, 0) WORD(m "32", JCOND, id, CODE_WIDTH)
#define WORDS_HELPER(id, m) WORD(m, CALL, id, 0)
#define WORDS_BARE(id, m) WORD(m, BARE, id, 0)
/* Written the kernel's way only, or with words that stand below. */
#define WORDS_CAST(id, m)
#define WORDS_PERCPU(id, m)
#define WORDS_ATOMIC(id, m)
#define WORDS_FETCH(id, m)
#define WORDS_XCHG(id, m)
#define WORDS_ACQ(id, m)
#define WORDS_REL(id, m)
#define WORDS_PSEUDO(id, m)
#define WORDS_JX(id, m)
#define WORDS_CALL(id, m)

static const struct word words[] = {
#define INSN(id, shape, code, src, off, imm, cpu, op, mnemonic) WORDS_##shape(id, mnemonic)
#include "asm/isa.def"

#include "asm/words.def"
};

static size_t slot_of(const char *s, size_t len)
{
	uint32_t h = (uint32_t)len;

	for (size_t i = 0; i < len; i++)
		h = h * 31 + (unsigned char)s[i];
	return (h ^ h >> 10) & (WORDS_SLOTS - 1);
}

static bool is_empty(const struct word *w) /* of shapes whose rows lack a mnemonic */
{
	return !*w->name;
}

void words_init(struct words *w)
{
	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < countof(words); i++) {
		size_t slot = slot_of(words[i].name, strlen(words[i].name));

		while (w->slots[slot])
			slot = (slot + 1) & (WORDS_SLOTS - 1);
		if (is_empty(&words[i]))
			continue;
		w->slots[slot] = (uint16_t)(i + 1);
		if (words[i].use >= W_LICENSE)
			w->declares[words[i].name[0] - 'a'] |= 1u << (words[i].name[1] - 'a');
	}
}

const struct word *words_find(const struct words *w, const char *s, size_t len)
{
	if (len >= sizeof(words[0].name))
		return NULL;
	for (size_t slot = slot_of(s, len); w->slots[slot]; slot = (slot + 1) & (WORDS_SLOTS - 1)) {
		const struct word *word = &words[w->slots[slot] - 1];

		if (memcmp(word->name, s, len) == 0 && !word->name[len])
			return word;
	}
	return NULL;
}

const struct word *words_all(size_t *n)
{
	*n = countof(words);
	return words;
}
