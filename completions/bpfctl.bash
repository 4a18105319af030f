# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion for bpfctl: it asks the program, so it never needs a change.
_bpfctl() {
	local word IFS=$'\n'

	COMPREPLY=()
	# shellcheck disable=SC2034 # the description is for shells that show it
	while IFS=$'\t' read -r word _; do
		case $word in
		@files) compopt -o default ;;
		@dirs) compopt -o dirnames ;;
		*) [[ $word == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$word") ;;
		esac
	done < <("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _bpfctl bpfctl
