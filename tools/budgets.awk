# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The budgets of the house style over C files: prints what breaks them, exit status 1 if any does.
# A function starts at a line that ends in ")" with "{" alone on the next, and ends at "}".
#
#	awk -f tools/budgets.awk FILE...		fail limits only
#	awk -v report=1 -f tools/budgets.awk FILE...	and the distribution

function broken(what, n, limit)
{
	printf "%s:%d: %s %s is %d, the limit %d\n", FILENAME, start ? start : FNR, name, what, n, limit
	failed = 1
}

function end_file()
{
	if (!file)
		return
	limit = file ~ /\.h$/ ? 200 : 600
	if (lines > limit) {
		printf "%s: %d lines, the limit is %d\n", file, lines, limit
		failed = 1
	}
	total += lines
	comments += comment_lines
}

FNR == 1 { end_file(); file = FILENAME; lines = comment_lines = 0; in_comment = 0; inside = 0; start = 0 }

{
	lines++
	code = $0
	if (in_comment || code ~ /^[ \t]*\/[\/*]/ || code ~ /\/\*/)
		comment_lines++
	if (in_comment) {
		if (code !~ /\*\//)
			next
		sub(/^.*\*\//, "", code)
		in_comment = 0
	}
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
	gsub(/'([^'\\]|\\.)+'/, "0", code)
	gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", code)
	if (code ~ /\/\*/) {
		sub(/\/\*.*/, "", code)
		in_comment = 1
	}
	sub(/\/\/.*/, "", code)
}

!inside && code ~ /^[a-zA-Z_].*\(/ {
	name = code
	sub(/\(.*/, "", name)
	sub(/^.*[ *]/, "", name)
	parameters = gsub(/,/, ",", code) + 1
}
!inside && code ~ /^[ \t]+.*,/ && name { parameters += gsub(/,/, ",", code) }

code ~ /^\{$/ { inside = 1; start = FNR; branches = 1; depth = 0; deepest = 0; next }

code ~ /^\}/ && inside {
	inside = 0
	n = FNR - start - 1
	sizes[n]++
	functions++
	if (n > 80)
		broken("length", n, 80)
	if (branches > 25)
		broken("branching", branches, 25)
	if (deepest > 5)
		broken("nesting", deepest, 5)
	if (parameters > 7)
		broken("number of parameters", parameters, 7)
	start = 0
	name = ""
	next
}

inside {
	branches += gsub(/(^|[^a-zA-Z0-9_])(if|for|while|case)([^a-zA-Z0-9_]|$)/, "&", code)
	branches += gsub(/&&|\|\|| \? /, "&", code)
	match(code, /^\t*/)
	if (RLENGTH - 1 > deepest && code ~ /[{;]$/ && code !~ /^\t*[.&|?:]/ && code ~ /^\t*[a-z}]/)
		deepest = RLENGTH - 1
}

END {
	end_file()
	if (report) {
		seen = 0
		for (n = 0; n < 200; n++) {
			seen += sizes[n]
			if (!median && seen * 2 >= functions)
				median = n
			if (!p90 && seen >= functions * 0.9)
				p90 = n
		}
		printf "%d lines, %d functions, median %d, p90 %d, comment lines %d%%\n", \
			total, functions, median, p90, comments * 100 / (total ? total : 1)
	}
	exit failed
}
