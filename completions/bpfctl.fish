# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# fish completion for bpfctl: it asks the program, so it never needs a change.
function __bpfctl_complete
	set -l words (commandline -opc) (commandline -ct)
	for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
		switch $line
			case '@files'
				__fish_complete_path (commandline -ct)
			case '@dirs'
				__fish_complete_directories (commandline -ct)
			case '*'
				echo $line
		end
	end
end
complete -c bpfctl -f -a '(__bpfctl_complete)'
