# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bpfctl: one non-recursive Makefile.  `make help` lists the targets.

VERSION := 0.1.0
DATE := 2026-11-21
O ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CFLAGS ?= -O2 -g
Q := $(if $(V),,@)
say = $(if $(V),:,printf '  %-7s %s\n' $(1) $(2))

PKGS := libelf jansson libmnl zlib ncursesw
ifeq ($(SHARED),1)
PKGS := libbpf $(PKGS)
LIBS = $(shell pkg-config --libs $(PKGS))
else
# One binary: everything static that Debian has as an archive, so that start-up maps little.
LIBS = -Wl,-Bstatic -lbpf -lelf -lz -ljansson -lncursesw -ltinfo -Wl,-Bdynamic -lmnl
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	-Wcast-qual -Wundef $(if $(WERROR),-Werror)
HARDEN := -fPIE -fstack-protector-strong $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
CPPFLAGS += -D_GNU_SOURCE -Isrc -DBPFCTL_VERSION='"$(VERSION)"' -DBPFCTL_DATE='"$(DATE)"'
# Nothing unwinds through us at run time; debuggers have .debug_frame.
UNWIND := $(if $(SAN),,-fno-asynchronous-unwind-tables)
# The interpreter lives on tail calls; where they are not certain, it is told to do without.
ALL_CFLAGS = -std=gnu11 $(WARN) $(HARDEN) $(UNWIND) $(CPPFLAGS) $(CFLAGS) -foptimize-sibling-calls \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-DVM_TRAMPOLINE) $(SAN_LESS)
# What libbpf and bpfctl do through syscall(2) and ioctl(2) goes to core/sys.c.
# Where the C library knows packed relocations (glibc 2.36), start-up reads a hundredth of them.
RELR := $(shell grep -qs GLIBC_ABI_DT_RELR "$$($(CC) -print-file-name=libc.so.6)" && \
	echo ,-z,pack-relative-relocs)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now$(RELR) -Wl,--as-needed -Wl,--wrap=syscall,--wrap=ioctl \
	$(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))

SRCS := $(sort $(wildcard src/*.c src/*/*.c))
OBJS := $(SRCS:%.c=$(O)/%.o)
LIB_OBJS := $(filter-out $(O)/src/main.o,$(OBJS)) $(O)/builtin.o
BUILTINS := $(sort $(wildcard lib/*.inc examples/*.bpf))
UNIT_SRCS := $(sort $(wildcard tests/unit/test_*.c))
UNITS := $(UNIT_SRCS:tests/unit/%.c=$(O)/unit/%)
SIM_UNITS := $(filter $(O)/unit/test_sim_%,$(UNITS))
# Objects that clang makes, for the tests that load such; without clang they are skipped.
BPF_OBJS := $(if $(shell command -v clang),\
	$(patsubst tests/bpf/%.bpf.c,$(O)/bpf/%.o,$(wildcard tests/bpf/*.bpf.c)))

.PHONY: all
all: $(O)/bpfctl		## build build/bpfctl (O=dir, V=1, CC=, CFLAGS=, WERROR=1, SHARED=1)

# Of objects, not of the archive: a name that two files define is an error then.  What every start
# runs comes first, and the less of the file is mapped.
START := $(O)/src/main.o $(O)/src/cmd/meta.o $(patsubst %,$(O)/src/core/%.o,cmd opt opt_value \
	opt_words out out_text out_view out_metrics buf mem err mock sys object)
$(O)/bpfctl: $(START) $(filter-out $(START),$(OBJS)) $(O)/builtin.o
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(O)/libbpfctl.a: $(LIB_OBJS)
	@$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/%.o: %.c Makefile
	@$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The include library and the examples are in the binary, as strings.
$(O)/builtin.c: $(BUILTINS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "core/builtin.h"'; \
	for kind in lib examples; do \
		echo "const struct builtin builtin_$$kind[] = {"; \
		for f in $(BUILTINS); do case $$f in $$kind/*) n=$${f##*/}; \
			echo "	{ \"$${n%.*}\","; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$f; echo "},"; esac; \
		done; echo "	{ NULL, NULL },"; echo "};"; \
	done; } > $@
$(O)/builtin.o: $(O)/builtin.c src/core/builtin.h
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(O)/unit/%: $(O)/tests/unit/%.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(O)/bpf/%.o: tests/bpf/%.bpf.c
	@$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)clang -target bpf -mcpu=v3 -g -O2 -Wall -I/usr/include/$(shell uname -m)-linux-gnu -c -o $@ $<

# A thousand small functions: the undefined behaviour they are made of is looked for elsewhere.
$(O)/src/sim/op_pair_%.o: SAN_LESS = $(if $(SAN),-fno-sanitize=undefined)

# What bats needs beside bpfctl: takes objects apart and compares.
$(O)/roundtrip: $(O)/tests/corpus/roundtrip.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Programs that measure parts of ours: build/bench/bench_vm.
$(O)/bench/bench_%: $(O)/tests/bench/bench_%.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: deps
deps:				## install what building and testing need (apt-get; else prints names)
	$(Q)tools/deps

.PHONY: demo
demo: $(O)/bpfctl		## the main job on real packets; where BPF is not permitted, on the mock
	$(Q)tools/demo $(O)/bpfctl

# Tests.  TALLY=FILE appends "passed failed skipped" of each run; T= picks bats files by name.
.PHONY: check check-units check-bats check-kernel check-mock check-asan
check: check-units check-bats	## all tests; as root also those that need a kernel
check-units: $(UNITS) $(BPF_OBJS)
	$(Q)tools/run-tests units $(UNITS)
# The same files twice: on this machine's kernel, and without privileges on the mock kernel.
PICKED = $(if $(T),$(T:%=tests/bats/%.bats),tests/bats)
check-bats: check-kernel check-mock
check-kernel: $(O)/bpfctl $(O)/roundtrip $(BPF_OBJS)
	$(Q)BPFCTL=$(abspath $(O)/bpfctl) tools/run-tests bats $(PICKED)
check-mock: $(O)/bpfctl $(O)/roundtrip $(BPF_OBJS) man $(if $(T),,$(SIM_UNITS))	## the tests that need no kernel, as an ordinary user
	$(Q)MOCK=1 BPFCTL=$(abspath $(O)/bpfctl) tools/run-tests bats $(PICKED)
	$(Q)$(if $(T),,MOCK=1 tools/run-tests units $(SIM_UNITS))
check-asan:			## the tests on a build with the address and undefined sanitizers
	$(Q)$(MAKE) O=$(O)-asan SAN=address,undefined built
	$(Q)$(MAKE) -j1 O=$(O)-asan SAN=address,undefined check
# Other kernels, emulated: what the one of this machine has not, or has no more.  T= adds bats files
# by name; on 6.12 these two run anyway.
.PHONY: check-vm
VM_KERNELS = $(or $(K),6.1 6.12 newest 5.10)
VM_BATS = $(patsubst %,tests/bats/%.bats,$(if $(filter 6.12,$(1)),run attach) $(T))
check-vm: built			## tests on Debian's kernels in virtual machines (K="6.1 6.12 newest 5.10")
	$(Q)s=0; $(foreach k,$(VM_KERNELS),O=$(O) BPFCTL=$(abspath $(O)/bpfctl) \
		tools/run-tests vm $(k) $(call VM_BATS,$(k)) || s=1;) exit $$s
.PHONY: built
built: $(O)/bpfctl $(O)/roundtrip $(UNITS) $(BPF_OBJS) man

.PHONY: bench
bench: $(O)/bpfctl $(addprefix $(O)/bench/,spawn bench_map bench_vm bench_run)	## measure against the peers, print a table
	$(Q)tests/bench/bench $(O)/bpfctl $(O)/bench/spawn
	$(Q)$(O)/bench/bench_vm
	$(Q)$(O)/bench/bench_run
$(O)/bench/spawn: tests/bench/spawn.c
	@$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -D_GNU_SOURCE -o $@ $<

# The targets are built by clang, into a folder of their own; TARGETS= picks some.
FUZZERS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz fuzzers
fuzz: $(O)/bpfctl		## each fuzz target for T=60 seconds from its corpus (needs clang)
	$(Q)$(MAKE) O=$(O)-fuzz CC=clang SAN=fuzzer-no-link,address,undefined fuzzers
	$(Q)BPFCTL=$(O)/bpfctl tests/fuzz/run $(O)-fuzz/fuzz $(or $(T),60) $(TARGETS)
fuzzers: $(FUZZERS) $(BPF_OBJS)
$(O)/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

.PHONY: lint
lint: $(O)/bpfctl compile_commands	## layers, budgets, headers, clang-tidy, cppcheck, shellcheck
	$(Q)O=$(O) tools/lint

.PHONY: format
format:				## clang-format 14 in place
	$(Q)clang-format -i $(SRCS) $(wildcard src/*/*.h tests/*/*.[ch])

.PHONY: compile_commands
compile_commands: compile_commands.json	## compile_commands.json, for editors and clang-tidy
compile_commands.json: Makefile $(SRCS)
	@for f in $(SRCS); do printf '%s{"directory":"%s","file":"%s","command":"%s"}' "$$sep" \
		"$(CURDIR)" "$$f" '$(CC) $(subst ",\",$(subst ','\'',$(ALL_CFLAGS))) -c '"$$f"; sep=','; \
		done | sed '1s/^/[/; $$s/$$/]/' > $@

PAGES := $(patsubst man/%.in,$(O)/man/%,$(wildcard man/*.in))
.PHONY: man
man: $(PAGES)			## manual pages in build/man
$(O)/man/%: man/%.in $(O)/bpfctl
	@mkdir -p $(@D)
	$(Q)$(O)/bpfctl __man --template $< $(subst -, ,$(patsubst bpfctl-%.8,%,$(filter bpfctl-%.8,$*))) > $@

.PHONY: install uninstall
install: $(O)/bpfctl man	## PREFIX=/usr/local, DESTDIR=: binary, pages, completions
	install -D -m 755 $(O)/bpfctl $(DESTDIR)$(PREFIX)/sbin/bpfctl
	for p in $(PAGES); do install -D -m 644 $$p \
		$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$${p##*/}; done
	install -D -m 644 completions/bpfctl.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/bpfctl
	install -D -m 644 completions/_bpfctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_bpfctl
	install -D -m 644 completions/bpfctl.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/bpfctl.fish
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/bpfctl/LICENSE
uninstall:			## what install put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/bpfctl $(DESTDIR)$(PREFIX)/share/man/man*/bpfctl*.[78] \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/bpfctl \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_bpfctl \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/bpfctl.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/bpfctl

.PHONY: clean
clean:				## remove what was built
	rm -rf $(O) $(O)-asan compile_commands.json

.PHONY: help
help:				## this table
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

-include $(OBJS:.o=.d) $(O)/tests/corpus/roundtrip.d $(UNITS:$(O)/unit/%=$(O)/tests/unit/%.d)
.SECONDARY:
