// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes of bpf(2) that only the kernel side needs as structs; the others are in uapi.h. */
#pragma once

#include <stdint.h>

struct attr_prog_load {
	uint32_t prog_type, insn_cnt;
	uint64_t insns, license;
	uint32_t log_level, log_size;
	uint64_t log_buf;
	uint32_t kern_version, prog_flags;
	char prog_name[16];
	uint32_t prog_ifindex, expected_attach_type, prog_btf_fd, func_info_rec_size;
	uint64_t func_info;
	uint32_t func_info_cnt, line_info_rec_size;
	uint64_t line_info;
	uint32_t line_info_cnt, attach_btf_id;
	uint32_t attach_fd; /* attach_prog_fd, attach_btf_obj_fd */
	uint32_t core_relo_cnt;
	uint64_t fd_array, core_relos;
	uint32_t core_relo_rec_size, log_true_size;
	int32_t prog_token_fd;
	uint32_t fd_array_cnt;
	uint64_t signature;
	uint32_t signature_size;
	int32_t keyring_id;
};

struct attr_btf_load {
	uint64_t btf, log_buf;
	uint32_t btf_size, log_size, log_level, log_true_size, btf_flags;
	int32_t token_fd;
};

struct attr_freeze {
	uint32_t map_fd;
};

struct attr_enable_stats {
	uint32_t type;
};

struct attr_iter_create {
	uint32_t link_fd, flags;
};

struct attr_link_detach {
	uint32_t link_fd;
};

struct attr_bind_map {
	uint32_t prog_fd, map_fd, flags;
};
