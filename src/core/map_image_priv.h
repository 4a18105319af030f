// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the two forms of saved entries share. */
#pragma once

#include "core/map_image.h"

bool image_is_compact(const char *text, size_t len);
int image_compact_head(const char *text, size_t len, const char *path, struct image_head *to,
		       struct err *e);
/* Of a file whose head fits i->map. */
int image_unpack(struct map_image *i, const char *text, size_t len, const char *path,
		 struct err *e);
