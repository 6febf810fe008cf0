/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fat - files on a FAT file system that is not mounted, by mtools.
 *
 * @image is mtools' name of it: "/dev/sda@@2097152" for one that begins at a byte of a disk. mtools
 * reads from and writes to paths; the data here is memory, and never touches another disk.
 */
#ifndef PALETTE_FAT_H
#define PALETTE_FAT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define FAT_IMAGE_BYTES 300

/* The name for mtools into @buf. Returns @buf. */
const char *fat_image(const char *disk, uint64_t start_bytes, char buf[FAT_IMAGE_BYTES]);

/* Writes the file @to, in place of one that is there. Its folder must be there. */
int fat_put(const char *image, const void *data, size_t bytes, const char *to, struct fail *why);

/*
 * The file's bytes with a NUL behind them; caller frees. Fails when there is no such file; -EFBIG: it
 * has more than @max bytes.
 */
int fat_get(const char *image, const char *from, size_t max, uint8_t **ret, size_t *ret_bytes,
	    struct fail *why);

#endif
