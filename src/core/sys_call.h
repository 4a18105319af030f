// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names of what comes to the door. */
#pragma once

#include <stdbool.h>

/* "map_create"; NULL: a command this version does not know. */
const char *sys_command_name(unsigned long cmd);
/* By that name, in any case; -1: none.  "bpf" is SYS_ANY. */
#define SYS_ANY 1000
#define SYS_PERF 1001 /* perf_event_open */
int sys_command(const char *name, unsigned int len);
/* The nearest name to one that is none; NULL: nothing is near. */
const char *sys_command_near(const char *name, unsigned int len);
/* Number of an errno's name ("ENOMEM"); 0: there is none. */
int sys_errno(const char *name);
