// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Indexes, opcodes and bytes around instructions; lines of a dump that are none. */
#include "asm/dump.h"

#include <errno.h>
#include <string.h>

#include "asm/emit.h"
#include "asm/parse.h"
#include "core/mem.h"

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\r')
		s++;
	return s;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* -1: none; capitals do not occur in dumps. */
static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* --- bytes --- */

/* Up to 16 pairs of digits with blanks between them; returns how many, *s goes behind them. */
static unsigned int read_bytes(const char **s, uint8_t bytes[2 * INSN_SIZE])
{
	const char *p = *s;
	unsigned int n = 0;

	while (n < 2 * INSN_SIZE) {
		int high = hex_digit(p[0]), low = high < 0 ? -1 : hex_digit(p[1]);

		if (low < 0 || (p[2] > ' ' && p[2] != ';'))
			break;
		bytes[n++] = (uint8_t)(high << 4 | low);
		p = skip_blanks(p + 2);
	}
	*s = p;
	return n;
}

static bool is_whole(unsigned int n)
{
	return n == INSN_SIZE || n == 2 * INSN_SIZE;
}

/* The bytes at *s if they are one or two slots. */
static bool expect_bytes(struct parser *p, const char **s)
{
	const char *end = *s;
	uint8_t bytes[2 * INSN_SIZE];
	unsigned int n = read_bytes(&end, bytes);

	if (!is_whole(n))
		return false;
	memcpy(p->expect.bytes, bytes, n);
	p->expect.n = (uint8_t)n;
	p->expect.pos = lex_pos(&p->lex, *s);
	p->expect.len = 3 * n - 1;
	*s = end;
	return true;
}

static bool ends_line(char c)
{
	return c == '\n' || c == ';' || c == '\0';
}

/* --- in front of an instruction --- */

/* What the verifier prints behind an index instead of an instruction. */
static bool is_state(const char *s)
{
	return (*s == 'R' && is_digit(s[1])) || starts(s, "frame") || starts(s, "safe");
}

/* Live registers, one character each: `.12.......`. */
static const char *skip_live(const char *s)
{
	unsigned int n = 0;

	while (s[n] == '.' || is_digit(s[n]))
		n++;
	return n == 10 && s[n] == ' ' && s[n + 1] == '(' ? s + n : s;
}

/* The loop that an instruction is in, in front of its index: `1  14: ..23.56... (15)`. */
static const char *skip_loop(const char *s)
{
	const char *index, *end = s;

	while (is_digit(*end))
		end++;
	index = skip_blanks(end);
	if (end == s || index == end || !is_digit(*index))
		return s;
	for (end = index; is_digit(*end); end++)
		continue;
	end = *end == ':' ? skip_blanks(end + 1) : end;
	return skip_live(end) != end ? index : s;
}

/* Behind an address, below an instruction: relocations as llvm-objdump -r prints them. */
static bool is_relocation(const char *s)
{
	return starts(s, "R_BPF_") || starts(s, "CO-RE <");
}

/* s is behind the colon of `index:`. */
static int read_index(struct parser *p, uint64_t index, const char *digits, const char *s)
{
	uint32_t pos = lex_pos(&p->lex, digits), len = (uint32_t)(s - digits);

	s = skip_live(skip_blanks(s));
	if (is_state(s) || is_relocation(s))
		return 1;
	if (ends_line(*s)) {
		src_error(p->src, pos, len, "an index without an instruction");
		return src_hint(p->src, "a label needs a name: l%llu:", (unsigned long long)index);
	}
	p->from_dump = true;
	expect_bytes(p, &s);
	p->lex.s = s;
	return emit_at_index(p, index, pos, len);
}

/* Addresses are in hex and have no index; an index is in decimal and may have zeros in front. */
int dump_prefix(struct parser *p)
{
	const char *digits = skip_loop(skip_blanks(p->lex.s)), *s = digits;
	bool decimal = true;
	uint64_t index = 0;
	uint8_t bytes[2 * INSN_SIZE];

	for (; hex_digit(*s) >= 0; s++) {
		decimal &= is_digit(*s);
		if (index <= UINT32_MAX)
			index = index * 10 + (unsigned int)hex_digit(*s);
	}
	if (*s == ':' && decimal)
		return read_index(p, index, digits, s + 1);
	if (*s == ':' && is_relocation(skip_blanks(s + 1)))
		return 1;
	if (s - digits >= 8 && starts(s, " <"))
		return dump_is_noise(p, s + 1);
	s = digits;
	return is_whole(read_bytes(&s, bytes)) && ends_line(*s);
}

int dump_opcode(struct parser *p)
{
	const char *s = p->lex.s;
	int high = hex_digit(s[0]), low = high < 0 ? -1 : hex_digit(s[1]);

	if (low < 0 || s[2] != ')')
		return fail_expected(p, "an instruction");
	if (p->expect.n && p->expect.bytes[0] != (high << 4 | low))
		return fail(p, &p->lex.tok, "the opcode is not that of the bytes before it");
	if (!p->expect.n) {
		p->expect.bytes[0] = (uint8_t)(high << 4 | low);
		p->expect.n = 1;
		p->expect.pos = pos_of(p, &p->lex.tok);
		p->expect.len = 4;
	}
	p->from_dump = true;
	p->lex.s = s + 3;
	lex_next(&p->lex);
	return 0;
}

/* --- lines that are no instructions --- */

static const char *end_of_line(const struct lex *l, const char *line)
{
	const char *end = memchr(line, '\n', (size_t)(l->end - line));

	end = end ? end : l->end;
	while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return end;
}

/* No statement ends so: a label has no parenthesis. */
bool dump_is_signature(const struct lex *l, const char *line)
{
	const char *end = end_of_line(l, line);

	return end - line > 3 && end[-1] == ':' && end[-2] == ')';
}

static bool is_symbol_header(const struct lex *l, const char *line)
{
	const char *end = end_of_line(l, line);

	return *line == '<' && end - line > 2 && end[-1] == ':' && end[-2] == '>';
}

/* "x.o:	file format elf64-bpf" */
static bool is_file_header(const struct lex *l, const char *line)
{
	static const char mark[] = ":\tfile format ";
	const char *end = end_of_line(l, line);

	return memmem(line, (size_t)(end - line), mark, sizeof(mark) - 1);
}

static const struct {
	const char *start;
	bool digit; /* a digit must follow */
} noise[] = {
	{ "processed ", true },
	{ "from ", true },
	{ "func#", true },
	{ "Func#", true },
	{ "func '", false },
	{ "arg#", true },
	{ "frame", true },
	{ "frame ", true },
	{ "R", true },
	{ "verification time ", true },
	{ "stack depth ", true },
	{ "last_idx ", true },
	{ "regs=", true },
	{ "mark_precise: ", false },
	{ "propagating ", false },
	{ "SCC ", false },
	{ "parent ", false },
	{ "Live regs before insn:", false },
	{ "Validating ", false },
	{ "caller:", false },
	{ "callee:", false },
	{ "returning from callee:", false },
	{ "to caller at ", true },
	{ "libbpf: ", false },
	{ "-- BEGIN PROG LOAD LOG --", false },
	{ "-- END PROG LOAD LOG --", false },
	{ "Disassembly of section ", false },
};

/* `(0) frame 0 insn 14 +live -8`, `(20,62) live stack update done`: newer verifiers */
static bool is_liveness(const char *line)
{
	if (*line != '(' || !is_digit(line[1]))
		return false;
	while (is_digit(*++line) || *line == ',')
		continue;
	return starts(line, ") frame ") || starts(line, ") live ");
}

bool dump_is_noise(const struct parser *p, const char *line)
{
	for (size_t i = 0; i < countof(noise); i++)
		if (starts(line, noise[i].start) &&
		    (!noise[i].digit || is_digit(line[strlen(noise[i].start)])))
			return true;
	return is_liveness(line) || is_symbol_header(&p->lex, line) ||
	       is_file_header(&p->lex, line) || dump_is_signature(&p->lex, line);
}

/* The next line is a state of the verifier. */
static bool state_follows(const struct lex *l, const char *line)
{
	const char *newline = memchr(line, '\n', (size_t)(l->end - line));

	return newline && is_state(skip_blanks(newline + 1));
}

bool dump_is_no_label(const struct parser *p, const char *line)
{
	const char *colon = memchr(line, ':', (size_t)(p->lex.end - line));
	const char *rest = colon ? skip_blanks(colon + 1) : line;

	if (starts(line, "libbpf: "))
		return true;
	if (starts(line, "frame"))
		return is_state(rest) || starts(rest, "regs=");
	if (starts(line, "mark_precise: "))
		return starts(rest, "frame");
	if (starts(line, "caller:") || starts(line, "callee:"))
		return ends_line(*rest) && state_follows(&p->lex, line);
	return is_file_header(&p->lex, line);
}

/* --- what came of the instruction --- */

static void add_hex(char *to, const uint8_t *bytes, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		*to++ = "0123456789abcdef"[bytes[i] >> 4];
		*to++ = "0123456789abcdef"[bytes[i] & 15];
		*to++ = ' ';
	}
	to[n ? -1 : 0] = '\0';
}

static int fail_bytes(struct parser *p, const uint8_t *made)
{
	const struct expect *e = &p->expect;
	char text[3 * 2 * INSN_SIZE + 1];

	if (e->n == 1)
		return src_error(p->src, e->pos, e->len, "the opcode of this instruction is %02x",
				 made[0]);
	src_error(p->src, e->pos, e->len, "these are not the bytes of the instruction");
	add_hex(text, made, e->n);
	return src_hint(p->src, "those are %s", text);
}

/* The bytes have what the text lacks: fields named by p->vague; all others agree. */
static bool tells_more(const struct parser *p, const struct insn *made, const struct insn *want)
{
	return made->code == want->code && made->dst == want->dst &&
	       (made->src == want->src || p->vague & F_SRC) &&
	       (made->off == want->off || p->vague & F_OFF) &&
	       (made->imm == want->imm || p->vague & F_IMM) && isa_find_any(want);
}

/* Takes one slot from the bytes if that is what its text leaves open. */
static bool take_bytes(struct parser *p, struct vinsn *v, unsigned int slot)
{
	struct insn want;
	bool is_second = slot && !v->pos;

	insn_decode(p->expect.bytes + (size_t)slot * INSN_SIZE, p->u->big_endian, &want);
	if (is_second ? !want.code && !want.dst && !want.src && !want.off &&
				(want.imm == v->insn.imm || p->vague & F_HIGH)
		      : tells_more(p, &v->insn, &want)) {
		v->insn = want;
		return true;
	}
	return false;
}

/* What disassemblers call an instruction they do not know. */
static bool is_unknown(const struct tok *t)
{
	return starts(t->s, "<unknown>") || starts(t->s, "BUG_");
}

int dump_unknown(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	struct insn in;

	if (!is_unknown(t))
		return 1;
	if (p->expect.n < INSN_SIZE) {
		fail(p, t, "the disassembler did not know this instruction");
		return src_hint(p->src, "a dump with its bytes can be read");
	}
	insn_decode(p->expect.bytes, p->u->big_endian, &in);
	p->expect.n = INSN_SIZE;
	p->has_marks = true;
	while (!at_end(p))
		lex_next(&p->lex);
	return emit_ref(p, &in, REF_NONE, REF_RAW);
}

void dump_look_below(struct parser *p)
{
	const char *newline = memchr(p->lex.s, '\n', (size_t)(p->lex.end - p->lex.s));
	struct expect saved = p->expect;
	const char *s;

	if (!newline || p->lex.tok.kind == T_EOL || p->expect.n > 1)
		return;
	s = skip_blanks(newline + 1);
	if (!expect_bytes(p, &s))
		return;
	if (!ends_line(*s)) {
		p->expect = saved;
		return;
	}
	newline = memchr(s, '\n', (size_t)(p->lex.end - s));
	p->below = newline ? newline + 1 : p->lex.end;
}

int dump_check(struct parser *p, uint32_t first)
{
	unsigned int slots = p->expect.n / INSN_SIZE;
	uint8_t made[2 * INSN_SIZE] = { 0 };
	struct vinsn *v;

	if (p->at == first)
		return src_error(p->src, p->expect.pos, p->expect.len, "expected an instruction");
	v = &p->u->insns[first];
	for (uint32_t i = 0; i < 2 && first + i < p->at; i++)
		insn_encode(&v[i].insn, p->u->big_endian, made + (size_t)i * INSN_SIZE);
	if (memcmp(made, p->expect.bytes, p->expect.n) == 0)
		return 0;
	if (!slots || slots != p->at - first || !p->vague)
		return fail_bytes(p, made);
	for (unsigned int i = 0; i < slots; i++)
		if (!take_bytes(p, &v[i], i))
			return fail_bytes(p, made);
	return 0;
}
