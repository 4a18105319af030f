// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A thread that makes one call at a time. */
#include "core/ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>

#include "core/mem.h"
#include "core/sys.h"

#define STACK (64u << 10) /* a system call needs next to nothing */

enum turn { IDLE, CALLING, DONE, LEAVING };

struct ahead {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum turn turn;
	int cmd, result;
	void *attr;
	size_t size;
};

static void set_turn(struct ahead *a, enum turn turn)
{
	pthread_mutex_lock(&a->lock);
	a->turn = turn;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

/* Waits while it is anybody's turn of those two; whose it is then. */
static enum turn turn_after(struct ahead *a, enum turn one, enum turn other)
{
	enum turn turn;

	pthread_mutex_lock(&a->lock);
	while (a->turn == one || a->turn == other)
		pthread_cond_wait(&a->changed, &a->lock);
	turn = a->turn;
	pthread_mutex_unlock(&a->lock);
	return turn;
}

static void *serve(void *arg)
{
	struct ahead *a = arg;

	while (turn_after(a, IDLE, DONE) == CALLING) {
		a->result = sys_bpf(a->cmd, a->attr, a->size);
		set_turn(a, DONE);
	}
	return NULL;
}

static bool has_two_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

/* Signals are for the thread that asks for them. */
static bool start_thread(struct ahead *a)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	r = pthread_create(&a->thread, &attr, serve, a);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r == 0;
}

struct ahead *ahead_new(void)
{
	struct ahead *a;

	if (!sys_is_kernel() || !has_two_cpus())
		return NULL;
	a = xcalloc(1, sizeof(*a));
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (!start_thread(a))
		freep(&a);
	return a;
}

void ahead_freep(struct ahead **ap)
{
	struct ahead *a = *ap;

	if (!a)
		return;
	turn_after(a, CALLING, CALLING);
	set_turn(a, LEAVING);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	freep(ap);
}

void ahead_start(struct ahead *a, int cmd, void *attr, size_t size)
{
	a->cmd = cmd;
	a->attr = attr;
	a->size = size;
	set_turn(a, CALLING);
}

int ahead_wait(struct ahead *a)
{
	turn_after(a, CALLING, CALLING);
	return a->result;
}
