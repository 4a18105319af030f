// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Manual pages and the JSON schema, read off the command records. */
#include "core/gen.h"

#include <ctype.h>
#include <string.h>

#include "core/buf.h"
#include "core/builtin.h"
#include "core/cmd.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/source.h"
#include "uapi/names.h"

/* ---- manual ------------------------------------------------------------------------------- */

/* Text as roff wants it: hyphens that can be copied, no accidental macros. */
static void roff(struct buf *to, const char *s)
{
	bool start = true;

	for (; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			buf_adds(to, "\\&");
		if (*s == '-')
			buf_adds(to, "\\-");
		else if (*s == '\\')
			buf_adds(to, "\\e");
		else
			buf_addc(to, *s);
		start = *s == '\n';
	}
}

static void upper(struct buf *to, const char *s)
{
	for (; *s; s++)
		buf_addc(to, (char)toupper((unsigned char)*s));
}

/* "bpfctl-map" is "bpfctl map" on the command line. */
static char *spoken(const char *page)
{
	char *s = xstrdup(page), *dash = strchr(s, '-');

	if (dash)
		*dash = ' ';
	return s;
}

static void synopsis_line(struct buf *to, const char *spoken_name, const struct cmd *c)
{
	auto_buf struct buf words = {};

	buf_adds(to, ".B ");
	roff(to, spoken_name);
	buf_addf(to, " %s\n", c->name);
	opt_synopsis(c->opts, &words);
	if (!words.len)
		return;
	roff(to, buf_str(&words));
	buf_addc(to, '\n');
}

static void head(struct buf *to, const struct cmd *c, const char *name, const char *version)
{
	auto_free char *said = spoken(name);

	buf_adds(to, ".TH ");
	upper(to, name);
	buf_addf(to, " 8 %s \"bpfctl %s\" \"bpfctl\"\n.SH NAME\n", BPFCTL_DATE, version);
	roff(to, name);
	buf_adds(to, " \\- ");
	roff(to, c->brief);
	buf_adds(to, "\n.SH SYNOPSIS\n");
	if (!c->subs) {
		*strchrnul(said, ' ') = '\0';
		synopsis_line(to, said, c);
		return;
	}
	for (const struct cmd *const *s = c->subs; *s; s++) {
		if ((*s)->hidden)
			continue;
		synopsis_line(to, said, *s);
		buf_adds(to, s[1] && !s[1]->hidden ? ".br\n" : "");
	}
}

static void option_row(struct buf *to, const struct opt *row)
{
	buf_adds(to, ".TP\n.B ");
	if (row->form == OPT_OPTION && row->letter)
		buf_addf(to, "\\-%c, ", row->letter);
	if (row->form == OPT_OPTION)
		buf_adds(to, "\\-\\-");
	roff(to, row->name);
	if (row->arg)
		buf_addf(to, "%s%s", row->form == OPT_OPTION ? "=" : " ", row->arg);
	buf_addc(to, '\n');
	roff(to, row->help);
	buf_addc(to, '\n');
	for (const struct opt_word *w = row->words; w && w->word && *w->help; w++) {
		buf_adds(to, ".br\n.I ");
		roff(to, w->word);
		buf_adds(to, "\n: ");
		roff(to, w->help);
		buf_addc(to, '\n');
	}
}

static void option_rows(struct buf *to, const struct opt *rows)
{
	for (const struct opt *row = rows; row && row->name; row++)
		if (!(row->flags & OPT_HIDDEN) && row->help)
			option_row(to, row);
}

static void columns(struct buf *to, const struct out_col *cols, bool first)
{
	if (!cols)
		return;
	buf_addf(to, "%sColumns:\n", first ? "" : ".PP\n");
	for (const struct out_col *c = cols; c->key; c++) {
		buf_adds(to, ".TP\n.I ");
		roff(to, c->key);
		buf_addc(to, '\n');
		roff(to, c->help);
		buf_adds(to, c->flags & OUT_JSON_ONLY	? " (JSON only)\n"
			     : c->flags & OUT_TEXT_ONLY ? " (not in JSON)\n"
							: "\n");
	}
}

static void sentence(struct buf *to, const char *s)
{
	size_t at = to->len;

	roff(to, s);
	if (to->len > at)
		to->data[at] = (char)toupper((unsigned char)to->data[at]);
	if (to->len > at && !strchr(".!?:", to->data[to->len - 1]))
		buf_addc(to, '.');
	buf_addc(to, '\n');
}

static void one_command(struct buf *to, const char *said, const struct cmd *c, bool titled)
{
	if (titled) {
		buf_adds(to, ".SS ");
		roff(to, said);
		buf_addf(to, " %s\n", c->name);
		sentence(to, c->brief);
	}
	if (c->doc) {
		buf_adds(to, titled ? ".PP\n" : "");
		sentence(to, c->doc);
	}
	option_rows(to, c->opts);
	columns(to, c->cols, !titled && !c->doc && !c->opts);
}

static void commands(struct buf *to, const struct cmd *c, const char *name)
{
	auto_free char *said = spoken(name);

	if (!c->subs) {
		buf_adds(to, ".SH ARGUMENTS\n");
		one_command(to, said, c, false);
		return;
	}
	buf_adds(to, ".SH COMMANDS\n");
	for (const struct cmd *const *s = c->subs; *s; s++)
		if (!(*s)->hidden)
			one_command(to, said, *s, true);
	if (c->bare)
		buf_addf(to, ".PP\n.B %s\nalone is\n.BR \"%s %s\" .\n", said, said, c->bare->name);
}

static void exit_statuses(struct buf *to)
{
	static const char *const rows[] = {
		"done",
		"it failed",
		"the command line was wrong",
		"a file, a value or a program text was wrong",
		"denied: a capability, a file mode or a policy is missing",
		"rejected by the verifier",
		"no such object",
	};

	buf_adds(to, ".SH EXIT STATUS\n");
	for (size_t i = 0; i < countof(rows); i++)
		buf_addf(to, ".TP\n.B %zu\n%s\n", i, rows[i]);
}

/* ---- tables of the language --------------------------------------------------------------- */

static void warnings(struct buf *to)
{
	const char *name, *what;

	for (size_t i = 0; source_check(i, &name, &what); i++) {
		buf_adds(to, ".TP\n.B ");
		roff(to, name);
		buf_addc(to, '\n');
		roff(to, what);
		buf_addc(to, '\n');
	}
}

/* A row of the instruction set: the kernel's spelling, the mnemonic, the first version. */
static void instructions(struct buf *to)
{
	struct source_isa row = {};

	buf_adds(to, ".EX\n");
	for (size_t i = 0; source_instruction(i, &row); i++) {
		auto_buf struct buf line = {};

		buf_addf(&line, "v%u  %-44s %s", row.cpu, buf_str(&row.kernel),
			 strcmp(buf_str(&row.mnemonic), buf_str(&row.kernel)) != 0
				 ? buf_str(&row.mnemonic)
				 : "");
		while (line.len && line.data[line.len - 1] == ' ')
			line.len--;
		roff(to, buf_str(&line));
		buf_addc(to, '\n');
	}
	buf_adds(to, ".EE\n");
	buf_free(&row.kernel);
	buf_free(&row.mnemonic);
}

static void constants(struct buf *to)
{
	for (size_t i = 0; i < uapi_nr_consts; i++) {
		roff(to, uapi_consts[i].name);
		buf_adds(to, i + 1 < uapi_nr_consts ? ",\n" : ".\n");
	}
}

/* Lines of comments, without the sign of one. */
static void comment(struct buf *to, const char *from, const char *end)
{
	while (from < end) {
		size_t n = strcspn(from, "\n");
		auto_buf struct buf line = {};

		buf_add(&line, from, n);
		roff(to, buf_str(&line) + (n > 1 && from[1] == ' ' ? 2 : 1));
		buf_addc(to, '\n');
		from += n + 1;
	}
}

/* What a file of the library says of itself, and of its macros: the comments right above them. */
static void library_file(struct buf *to, const struct builtin *f)
{
	const char *start = NULL;
	bool first = true;

	buf_addf(to, ".SS <%s>\n.EX\n", f->name);
	for (const char *line = f->text; *line; line += strcspn(line, "\n") + 1) {
		if (*line == ';') {
			start = start ? start : line;
			continue;
		}
		if (start && (first || strncmp(line, "macro ", 6) == 0)) {
			comment(to, start, line);
			buf_addc(to, '\n');
		}
		first = first && !start;
		start = NULL;
	}
	buf_adds(to, ".EE\n");
}

static void library(struct buf *to)
{
	for (const struct builtin *f = builtin_lib; f->name; f++)
		library_file(to, f);
}

int gen_man(const struct cmd *c, const char *name, const char *version, const char *template,
	    struct buf *to, struct err *e)
{
	for (const char *line = template, *next; *line; line = next) {
		size_t n = strcspn(line, "\n");

		next = line + n + (line[n] == '\n');
		if (*line != '@') {
			buf_add(to, line, (size_t)(next - line));
		} else if (strncmp(line, "@head", n) == 0) {
			head(to, c, name, version);
		} else if (strncmp(line, "@commands", n) == 0) {
			commands(to, c, name);
		} else if (strncmp(line, "@options", n) == 0) {
			buf_adds(to, ".SH OPTIONS\nThese go with every command.\n");
			option_rows(to, cmd_global_opts);
		} else if (strncmp(line, "@warnings", n) == 0) {
			warnings(to);
		} else if (strncmp(line, "@instructions", n) == 0) {
			instructions(to);
		} else if (strncmp(line, "@constants", n) == 0) {
			constants(to);
		} else if (strncmp(line, "@library", n) == 0) {
			library(to);
		} else if (strncmp(line, "@title ", 7) == 0) {
			buf_addf(to, ".TH BPFCTL-%.*s 7 %s \"bpfctl %s\" \"bpfctl manual\"\n",
				 (int)n - 7, line + 7, BPFCTL_DATE, version);
		} else if (strncmp(line, "@exit", n) == 0) {
			exit_statuses(to);
		} else {
			return err_input(e, "unknown line '%.*s' in the page of %s", (int)n, line,
					 name);
		}
	}
	return 0;
}

/* ---- schema ------------------------------------------------------------------------------- */

const struct out_col gen_schema_cols[] = {
	{ "$schema", "SCHEMA", K_STR, "the dialect", 0 },
	{ "title", "TITLE", K_STR, "the command", 0 },
	{ "description", "DESCRIPTION", K_STR, "what it does", 0 },
	{ "type", "TYPE", K_STR, "array, object or null", 0 },
	{ "items", "ITEMS", K_MAP, "of an array", 0 },
	{ "properties", "PROPERTIES", K_MAP, "of an object", 0 },
	{ "additionalProperties", "ADDITIONAL", K_BOOL, "false: no other keys", 0 },
	OUT_END,
};

static const char *json_type(enum out_kind kind)
{
	switch (kind) {
	case K_STR:
	case K_LINE:
		return "string";
	case K_BOOL:
		return "boolean";
	case K_LIST:
		return "array";
	case K_MAP:
		return "object";
	case K_ANY:
		return NULL;
	default:
		return "integer";
	}
}

static void properties(const struct out_col *cols, struct out *out)
{
	out_map(out, "properties");
	for (const struct out_col *c = cols; c && c->key; c++) {
		const char *type = json_type(c->kind);

		if (c->flags & OUT_TEXT_ONLY)
			continue;
		out_map(out, c->key);
		if (type)
			out_str(out, "type", type);
		out_str(out, "description", c->help);
		out_close(out);
	}
	out_close(out);
	out_bool(out, "additionalProperties", false);
}

void gen_schema(const struct cmd *c, const char *name, struct out *out)
{
	bool is_list = c->shape == OUT_ROWS || c->shape == OUT_STREAM;

	out_begin(out, gen_schema_cols, OUT_ONE);
	out_row(out);
	out_str(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
	out_str(out, "title", name);
	out_str(out, "description", c->brief);
	out_str(out, "type", !c->cols ? "null" : is_list ? "array" : "object");
	if (!c->cols)
		return;
	if (is_list) {
		out_map(out, "items");
		out_str(out, "type", "object");
	}
	properties(c->cols, out);
	if (is_list)
		out_close(out);
}
