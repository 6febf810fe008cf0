/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image - stream the OS image from the medium into the slots, and read it back from the disk.
 *
 * Reading, hashing and writing overlap. Runs of zeros are not written where the device can make them
 * itself. The image's SHA-256 is checked while it is read; beside it the sum of each chunk in memory
 * is kept for reading back.
 */
#ifndef PALETTE_IMAGE_H
#define PALETTE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "medium.h"
#include "sum.h"
#include "target.h"

#define IMAGE_SLOTS 2

struct image_sums {
	struct sum *chunks; /* one for each RING_CHUNK_BYTES */
	size_t n_chunks;
};

void image_sums_done(struct image_sums *sums);

/*
 * Reads @file once and writes it to all @offsets of @target, then flushes. -EBADMSG: the medium's
 * bytes are not those of the manifest; the slots hold garbage then. Caller: image_sums_done().
 */
int image_write(const struct medium *medium, const struct manifest_file *file,
		struct target *target, const uint64_t offsets[IMAGE_SLOTS], struct image_sums *ret,
		struct fail *why);

/*
 * Reads the slots from the disk and compares them with what was written. -EBADMSG names the target and
 * the bytes that are wrong. @ret_cached is set where this could only be done through the page cache
 * (a file system without direct I/O), which proves less.
 */
int image_read_back(const struct manifest_file *file, struct target *target,
		    const uint64_t offsets[IMAGE_SLOTS], const struct image_sums *sums,
		    bool *ret_cached, struct fail *why);

#endif
