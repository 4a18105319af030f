// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * spawn N -- COMMAND ...: runs a command N times with its output thrown away and prints the
 * shortest and the median time in microseconds and the largest resident set in KiB.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Microseconds, or -1 if the command failed. */
static double once(char **command, long *rss)
{
	posix_spawn_file_actions_t actions;
	double start = now_us(), end;
	struct rusage usage;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (errno || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
		fprintf(stderr, "spawn: %s failed\n", command[0]);
		return -1;
	}
	end = now_us();
	if (usage.ru_maxrss > *rss)
		*rss = usage.ru_maxrss;
	return end - start;
}

int main(int argc, char **argv)
{
	long n = argc > 3 && strcmp(argv[2], "--") == 0 ? strtol(argv[1], NULL, 10) : 0, rss = 0;
	double *times;

	if (n < 1) {
		fputs("usage: spawn N -- COMMAND ...\n", stderr);
		return 2;
	}
	times = calloc((size_t)n, sizeof(*times));
	for (long i = 0; times && i < n; i++) {
		times[i] = once(argv + 3, &rss);
		if (times[i] < 0)
			return 1;
	}
	if (!times)
		return 1;
	qsort(times, (size_t)n, sizeof(*times), ascending);
	printf("%.0f %.0f %ld\n", times[0], times[n / 2], rss);
	free(times);
	return 0;
}
