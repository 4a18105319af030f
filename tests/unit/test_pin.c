// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pins, holders and the search for objects, against the running kernel. */
#include "core/err.h"
#include "core/holder.h"
#include "core/pin.h"
#include "kern.h"

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void pin_walk_unpin(void)
{
	auto_fd int map = -1, prog = -1;
	auto_pins struct pins p = {};
	struct err e = {};
	const struct pin *found;
	const char *dir;
	char path[128];
	size_t n;

	NEED_KERNEL();
	dir = make_bpffs();
	CHECK(dir);
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, own_name(""));
	prog = make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, own_name(""));
	CHECK(map >= 0 && prog >= 0);
	snprintf(path, sizeof(path), "%s/a/b/map", dir);
	CHECK_INT(pin_object(map, path, true, &e), 0);
	CHECK_INT(pin_object(map, path, true, &e), -EEXIST);
	CHECK(strstr(e.hint, "it is a pin of map"));
	snprintf(path, sizeof(path), "%s/map2", dir);
	CHECK_INT(pin_object(map, path, true, &e), 0);
	snprintf(path, sizeof(path), "%s/prog", dir);
	CHECK_INT(pin_object(prog, path, true, &e), 0);

	CHECK_INT(pins_read(&p, NULL, &e), 0);
	found = pins_find(&p, OBJ_MAP, obj_id(OBJ_MAP, map), &n);
	CHECK_INT(n, 2);
	snprintf(path, sizeof(path), "%s/a/b/map", dir);
	CHECK_STR(found->path, path);
	found = pins_find(&p, OBJ_PROG, obj_id(OBJ_PROG, prog), &n);
	CHECK_INT(n, 1);
	CHECK(!pins_find(&p, OBJ_MAP, obj_id(OBJ_PROG, prog) + 100000, &n));
	CHECK_INT(n, 0);

	CHECK_INT(pin_remove(path, OBJ_PROG, &e), -EINVAL);
	CHECK(strstr(e.what, "is a pinned map, not a program"));
	CHECK_INT(pin_remove(path, OBJ_MAP, &e), 0);
	CHECK(!exists(path));
	CHECK_INT(pin_remove(path, OBJ_NONE, &e), -ENOENT);
	CHECK_INT(e.class, ERR_ABSENT);
	make_bpffs_away(dir);
	err_clear(&e);
}

static void pin_failures_leave_nothing(void)
{
	char path[128], plain[] = "/tmp/bpfctl-test-XXXXXX", sub[64];
	auto_fd int map = -1;
	struct err e = {};
	const char *dir;

	NEED_KERNEL();
	dir = make_bpffs();
	CHECK(dir && mkdtemp(plain));
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, NULL);

	snprintf(path, sizeof(path), "%s/x/y/with.dot", dir);
	CHECK_INT(pin_object(map, path, true, &e), -EINVAL);
	CHECK(strstr(e.what, "must not contain a dot: with.dot"));
	snprintf(path, sizeof(path), "%s/x", dir);
	CHECK(!exists(path));
	snprintf(path, sizeof(path), "%s/x.y/map", dir);
	CHECK_INT(pin_object(map, path, true, &e), -EINVAL);
	CHECK(strstr(e.what, "must not contain a dot: x.y"));

	/* Not a BPF file system: an error without leave to mount, mounted with it. */
	snprintf(path, sizeof(path), "%s/map", plain);
	CHECK_INT(pin_object(map, path, true, &e), -EINVAL);
	CHECK(strstr(e.what, "is not in a BPF file system"));
	CHECK(strstr(e.hint, "one is mounted at "));
	CHECK_INT(pin_object(map, path, false, &e), 0);
	CHECK(probe_is_bpffs(plain));
	umount2(plain, MNT_DETACH);
	/* What was mounted for a pin that then fails goes away again. */
	snprintf(path, sizeof(path), "%s/m.ap", plain);
	CHECK_INT(pin_object(map, path, false, &e), -EINVAL);
	CHECK(!probe_is_bpffs(plain));
	/* Never over files that are there. */
	snprintf(sub, sizeof(sub), "%s/file", plain);
	CHECK_INT(mkdir(sub, 0700), 0);
	snprintf(path, sizeof(path), "%s/map", plain);
	CHECK_INT(pin_object(map, path, false, &e), -EINVAL);
	CHECK(!probe_is_bpffs(plain));
	rmdir(sub);
	CHECK_INT(pin_object(map, "", true, &e), -EINVAL);
	CHECK_INT(e.class, ERR_USAGE);

	rmdir(plain);
	make_bpffs_away(dir);
	err_clear(&e);
}

static void sets_of_pins_are_undone_together(void)
{
	struct pinning p = { .nomount = true };
	auto_fd int map = -1;
	char a[96], b[96], c[96];
	struct err e = {};
	const char *dir;

	NEED_KERNEL();
	dir = make_bpffs();
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, NULL);
	snprintf(a, sizeof(a), "%s/set", dir);
	snprintf(b, sizeof(b), "%s/set/one", dir);
	snprintf(c, sizeof(c), "%s/set/t.wo", dir);
	CHECK_INT(pin_add_dir(&p, a, &e), 0);
	CHECK_INT(pin_add(&p, map, b, &e), 0);
	CHECK(exists(b));
	CHECK(pin_add(&p, map, c, &e) < 0);
	pin_undo(&p);
	CHECK(!exists(a));
	make_bpffs_away(dir);
	err_clear(&e);
}

static void a_plain_file_is_no_pin(void)
{
	enum obj_kind kind = OBJ_MAP;
	struct err e = {};

	NEED_KERNEL();
	CHECK(obj_open_pin("/proc/self/comm", &kind, &e) < 0);
	CHECK(strstr(e.what, "is no pinned object"));
	CHECK_INT(obj_open_pin("/nonexistent/x", &kind, &e), -ENOENT);
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK_INT(obj_open(OBJ_MAP, 0x7fffffff, &e), -ENOENT);
	CHECK_STR(e.what, "no map has id 2147483647");
}

static void who_holds_an_object(void)
{
	auto_holders struct holders h = {};
	auto_fd int map = -1;
	struct err e = {};
	const struct holder *found;
	int ready[2];
	char c = 0;
	size_t n;
	pid_t pid;

	NEED_KERNEL();
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, NULL);
	CHECK_INT(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		int again = dup(map); /* two descriptors, one holder */

		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(again < 0);
	}
	CHECK_INT(read(ready[0], &c, 1), 1);
	CHECK_INT(holders_read(&h, &e), 0);
	found = holders_find(&h, OBJ_MAP, obj_id(OBJ_MAP, map), &n);
	CHECK_INT(n, 1);
	CHECK_INT(found ? found->pid : 0, pid);
	CHECK_STR(found ? found->comm : "", "test_pin");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

struct seen {
	uint32_t last, want;
	int n, found;
};

static int see(int fd, uint32_t id, void *arg)
{
	struct seen *s = arg;

	CHECK(fd >= 0 && id > s->last);
	s->last = id;
	s->n++;
	s->found += id == s->want;
	return s->n == 100000 ? 7 : 0;
}

static void objects_are_listed_by_id(void)
{
	auto_fd int map = -1;
	struct seen s = {};
	struct err e = {};

	NEED_KERNEL();
	map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, NULL);
	s.want = obj_id(OBJ_MAP, map);
	CHECK_INT(obj_each(OBJ_MAP, see, &s, &e), 0);
	CHECK_INT(s.found, 1);
	CHECK_INT(obj_kind_of(map), OBJ_MAP);
	CHECK_INT(obj_kind_of(1), OBJ_NONE);
}

static const struct test tests[] = {
	{ "pin, find the pin, unpin", pin_walk_unpin },
	{ "a pin that fails leaves nothing behind", pin_failures_leave_nothing },
	{ "a set of pins is undone as a whole", sets_of_pins_are_undone_together },
	{ "a plain file is no pin", a_plain_file_is_no_pin },
	{ "who holds an object", who_holds_an_object },
	{ "objects are listed by ascending id", objects_are_listed_by_id },
};
TEST_MAIN(tests)
