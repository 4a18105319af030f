// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tests on the mock kernel: each has one of its own. */
#pragma once

#include "core/test_run.h"

extern const struct test_kernel mock_test_kernel;
