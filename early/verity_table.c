/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "verity.h"

int verity_table(const char *device, const struct image_conf *image, char *buf, size_t size)
{
	/* Version 1, no superblock: the tree starts at the first block behind the data. */
	int n = snprintf(buf, size, "1 %s %s %d %d %ju %ju sha256 %s %s", device, device,
			 VERITY_BLOCK_BYTES, VERITY_BLOCK_BYTES, (uintmax_t)image->data_blocks,
			 (uintmax_t)image->data_blocks, image->root_hash, image->salt);

	return n < 0 || (size_t)n >= size ? -ENOSPC : 0;
}
