// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys and values as people write them, on real maps of each kind. */
#include "core/map_codec.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <bpf/libbpf.h>

#include "core/err.h"
#include "core/map.h"
#include "core/obj.h"
#include "kern.h"
#include "uapi/names.h"

#define WORDS(...)                                                                                 \
	(char *[])                                                                                 \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

/* key and value by their words into the map; 0 or the error. */
static int put(const struct map *m, char *const *key, char *const *value, struct err *e)
{
	auto_map_codec struct map_codec c = {};
	auto_map_fds struct map_fds fds = {};
	uint8_t k[64], v[4096];
	int r;

	memset(e, 0, sizeof(*e));
	r = map_codec_open(&c, m, NULL, NULL, CODEC_TYPED, e);
	if (!r)
		r = map_codec_key(&c, key, count(key), k, &fds, e);
	if (!r)
		r = map_codec_value(&c, value, count(value), k, v, &fds, e);
	return r ? r : map_update(m, k, v, 0, e);
}

static int make(struct map *m, uint32_t type, uint32_t key, uint32_t value, uint32_t flags)
{
	struct map_spec s = {
		.type = type, .key_size = key, .value_size = value, .max_entries = 4, .flags = flags
	};
	struct err e = {};
	int r;

	map_close(m);
	r = map_create(m, &s, &e);
	if (r)
		FAIL("%s (%s)", e.what, e.hint);
	return r;
}

#define PUT(m, key, value)                                                                         \
	do {                                                                                       \
		if (put(m, key, value, &e))                                                        \
			FAIL("%s (%s)", e.what, e.hint);                                           \
	} while (0)

static void programs_maps_devices(void)
{
	auto_map struct map m = MAP_INIT, inner = MAP_INIT;
	auto_fd int prog = -1, xdp = -1;
	struct err e = {};
	uint32_t zero = 0, v[2];
	char id[16], dev[64];

	NEED_KERNEL();
	prog = make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, own_name("v"));
	if (make(&m, UAPI_MAP_prog_array, 4, 4, 0))
		return;
	PUT(&m, WORDS("0"), WORDS("prog", "name", (char *)(uintptr_t)own_name("v")));
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	CHECK_INT(v[0], obj_id(OBJ_PROG, prog));
	snprintf(id, sizeof(id), "%u", obj_id(OBJ_PROG, prog));
	PUT(&m, WORDS("1"), WORDS(id));
	CHECK_INT(put(&m, WORDS("1"), WORDS("nothing_of_this_name"), &e), -ENOENT);

	if (make(&m, UAPI_MAP_devmap, 4, 8, 0))
		return;
	xdp = make_prog(BPF_PROG_TYPE_XDP, UAPI_ATTACH_xdp_devmap, 2, NULL);
	snprintf(dev, sizeof(dev), "lo,prog %u", obj_id(OBJ_PROG, xdp));
	PUT(&m, WORDS("0"), WORDS("lo"));
	PUT(&m, WORDS("0"), WORDS("dev", dev));
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	CHECK(v[0] == 1 && v[1] == obj_id(OBJ_PROG, xdp));
	PUT(&m, WORDS("0"), WORDS("{ifindex=1}"));
	CHECK_INT(put(&m, WORDS("0"), WORDS("nodevice"), &e), -ENOENT);
	CHECK_STR(e.what, "there is no network device nodevice");

	if (make(&m, UAPI_MAP_cpumap, 4, 4, 0))
		return;
	PUT(&m, WORDS("0"), WORDS("cpu", "192"));
	CHECK(put(&m, WORDS("0"), WORDS("192,prog 1"), &e) < 0);
	CHECK(strstr(e.what, "has room for no program"));
}

static void sockets_and_storage(void)
{
	auto_map struct map m = MAP_INIT;
	auto_fd int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct err e = {};
	uint64_t cookie = 0;
	uint32_t zero = 0;
	char text[32];

	NEED_KERNEL();
	CHECK_INT(bind(server, (struct sockaddr *)&any, sizeof(any)), 0);
	CHECK_INT(listen(server, 1), 0);
	if (make(&m, UAPI_MAP_sockmap, 4, 8, 0))
		return;
	snprintf(text, sizeof(text), "%d/%d", getpid(), server);
	PUT(&m, WORDS("0"), WORDS("sock", text));
	CHECK_INT(map_lookup(&m, &zero, &cookie, 0, &e), 0);
	CHECK(cookie);
	CHECK(put(&m, WORDS("0"), WORDS("sock", "1"), &e) < 0);
	CHECK(strstr(e.what, "expected PID/FD"));
	snprintf(text, sizeof(text), "%d/999", getpid());
	CHECK_INT(put(&m, WORDS("0"), WORDS(text), &e), -ENOENT);
}

static void prefixes(void)
{
	auto_map struct map m = MAP_INIT;
	struct err e = {};
	uint32_t key[2] = { 32, htonl(0x0a010203) };
	uint32_t v = 0;

	NEED_KERNEL();
	if (make(&m, UAPI_MAP_lpm_trie, 8, 4, BPF_F_NO_PREALLOC))
		return;
	PUT(&m, WORDS("10.0.0.0/8"), WORDS("7"));
	CHECK_INT(map_lookup(&m, key, &v, 0, &e), 0);
	CHECK_INT(v, 7);
	CHECK(put(&m, WORDS("10.0.0.0/33"), WORDS("7"), &e) < 0);
}

static void values_per_cpu(void)
{
	auto_map struct map m = MAP_INIT;
	auto_free uint64_t *v = NULL;
	char list[4096] = "[";
	struct err e = {};
	uint32_t zero = 0;

	NEED_KERNEL();
	if (make(&m, UAPI_MAP_percpu_array, 4, 4, 0))
		return;
	v = xcalloc(1, m.value_len);
	PUT(&m, WORDS("0"), WORDS("5"));
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	for (unsigned int i = 0; i < m.cpus; i++)
		CHECK_INT(v[i], 5);
	PUT(&m, WORDS("0"), WORDS("cpu=0:7"));
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	CHECK_INT(v[0], 7);
	for (unsigned int i = 1; i < m.cpus; i++)
		CHECK_INT(v[i], 5);
	for (unsigned int i = 0; i < m.cpus; i++)
		sprintf(list + strlen(list), "%s%u", i ? "," : "", 10 + i);
	strcat(list, "]");
	PUT(&m, WORDS("0"), WORDS(list));
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	for (unsigned int i = 0; i < m.cpus; i++)
		CHECK_INT(v[i], 10 + i);
	strcpy(strrchr(list, ']'), ",1]");
	CHECK(put(&m, WORDS("0"), WORDS(list), &e) < 0);
	CHECK(strstr(e.what, "values, one for each CPU"));
	CHECK(put(&m, WORDS("0"), WORDS("cpu=4096:1"), &e) < 0);
	CHECK(strstr(e.what, "names no CPU"));
	CHECK(put(&m, WORDS("0"), WORDS("cpu=0:5000000000"), &e) < 0);
	CHECK(strstr(e.what, "5000000000 does not fit"));
	PUT(&m, WORDS("0"), WORDS("1", "0", "0", "0")); /* bpftool's bytes, for all CPUs */
	CHECK_INT(map_lookup(&m, &zero, v, 0, &e), 0);
	CHECK_INT(v[m.cpus - 1], 1);
}

static void by_btf_or_spec(void)
{
	const char *path = bpf_object_path("types");
	struct bpf_object *o = path ? bpf_object__open(path) : NULL;
	auto_map_codec struct map_codec c = {}, spec = {}, wrong = {};
	auto_map struct map m = MAP_INIT;
	struct err e = {};
	int fd;

	NEED_KERNEL();
	if (!o)
		SKIP("needs clang");
	CHECK_INT(bpf_object__load(o), 0);
	fd = dup(bpf_object__find_map_fd_by_name(o, "table"));
	CHECK_INT(map_open(&m, fd, &e), 0);
	CHECK_INT(map_codec_open(&c, &m, NULL, NULL, CODEC_TYPED, &e), 0);
	CHECK(c.types && c.btf_key && c.btf_value);
	PUT(&m, WORDS("{addr=10.0.0.1,port=80}"), WORDS("{packets=5}"));
	CHECK_INT(map_codec_open(&spec, &m, "bytes[12]", NULL, CODEC_TYPED, &e), 0);
	CHECK(!spec.btf_key && codec_is_bytes(spec.key));
	CHECK(map_codec_open(&wrong, &m, "u32", NULL, CODEC_TYPED, &e) < 0);
	CHECK_STR(e.what, "the key type 'u32' has 4 bytes, the map's key has 12");
	CHECK(map_codec_open(&wrong, &m, NULL, "u31", CODEC_TYPED, &e) < 0);
	bpf_object__close(o);
}

static const struct test tests[] = {
	{ "programs, devices and CPUs as values", programs_maps_devices },
	{ "sockets as values", sockets_and_storage },
	{ "prefixes as keys", prefixes },
	{ "values per CPU", values_per_cpu },
	{ "by BTF, or by spec", by_btf_or_spec },
};
TEST_MAIN(tests)
