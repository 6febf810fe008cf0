/* SPDX-License-Identifier: Apache-2.0 */
/* loopdev - a file as a read-only block device. */
#ifndef PALETTE_LOOPDEV_H
#define PALETTE_LOOPDEV_H

#include <stddef.h>

#include "lib/fail.h"

/*
 * With blocks of @block_bytes, 512 to 4096; what is on it may have larger ones, not smaller. The device's path goes to @ret_path; it is released by the
 * kernel when its last user is gone.
 */
int loopdev_open(const char *file, unsigned block_bytes, char *ret_path, size_t size,
		 struct fail *why);

#endif
