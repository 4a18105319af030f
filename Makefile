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

PKGS := libelf jansson libmnl zlib
ifeq ($(SHARED),1)
PKGS := libbpf $(PKGS)
LIBS = $(shell pkg-config --libs $(PKGS))
else
# One binary: everything static that Debian has as an archive, so that start-up maps little.
LIBS = -Wl,-Bstatic -lbpf -lelf -lz -ljansson -Wl,-Bdynamic -lmnl
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	-Wcast-qual -Wundef $(if $(WERROR),-Werror)
HARDEN := -fPIE -fstack-protector-strong $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
CPPFLAGS += -D_GNU_SOURCE -Isrc -DBPFCTL_VERSION='"$(VERSION)"' -DBPFCTL_DATE='"$(DATE)"'
ALL_CFLAGS = -std=gnu11 $(WARN) $(HARDEN) $(CPPFLAGS) $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer)
# Every system call that libbpf or bpfctl makes through syscall(2) goes to core/sys.c.
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed \
	$(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))

SRCS := $(sort $(wildcard src/*.c src/*/*.c))
OBJS := $(SRCS:%.c=$(O)/%.o)
LIB_OBJS := $(filter-out $(O)/src/main.o,$(OBJS))
UNIT_SRCS := $(sort $(wildcard tests/unit/test_*.c))
UNITS := $(UNIT_SRCS:tests/unit/%.c=$(O)/unit/%)

.PHONY: all
all: $(O)/bpfctl		## build build/bpfctl (O=dir, V=1, CC=, CFLAGS=, WERROR=1, SHARED=1)

$(O)/bpfctl: $(O)/src/main.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(O)/libbpfctl.a: $(LIB_OBJS)
	@$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/%.o: %.c Makefile
	@$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/unit/%: $(O)/tests/unit/%.o $(O)/libbpfctl.a
	@$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: unit
unit: $(UNITS)			## the unit tests alone
	$(Q)tools/run-units $(UNITS)

.PHONY: clean
clean:				## remove what was built
	rm -rf $(O)

.PHONY: help
help:				## this table
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

-include $(OBJS:.o=.d) $(UNITS:$(O)/unit/%=$(O)/tests/unit/%.d)
.SECONDARY:
