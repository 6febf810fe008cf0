/* SPDX-License-Identifier: Apache-2.0 */
/* verity - open an OS image so that every block is checked when it is read. */
#ifndef PALETTE_VERITY_H
#define PALETTE_VERITY_H

#include <stddef.h>

#include "lib/fail.h"
#include "lib/image_conf.h"

#define VERITY_BLOCK_BYTES 4096

/*
 * Maps @device, which has the image's data blocks and its hash tree right behind them, as
 * /dev/mapper device @name. The path of the new device goes to @ret_path.
 */
int verity_open(const char *device, const char *name, const struct image_conf *image,
		char *ret_path, size_t size, struct fail *why);

/* The table's line for the kernel. -ENOSPC: @buf is too small. Pure. */
int verity_table(const char *device, const struct image_conf *image, char *buf, size_t size);

#endif
