// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bpfctl. */
#include "cmd/cmds.h"

int main(int argc, char **argv)
{
	return cmd_main(&cmd_root, argc, argv);
}
