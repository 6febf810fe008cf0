/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_back - what was written, from the disk again, against the sums of its chunks.
 *
 * A pass of its own, after everything was written: the caches of disk and controller answer for less
 * of it then, and a spinning disk does not seek between the two. No second SHA-256 is needed: a disk
 * errs by accident, which a sum of 128 bits finds (sum.h), and it tells where.
 */
#ifndef PALETTE_READ_BACK_H
#define PALETTE_READ_BACK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fail.h"
#include "sum.h"
#include "target.h"

struct read_back {
	const char *name;		     /* for people: "slot a", a file's */
	const struct target_extent *extents; /* whole blocks of TARGET_ALIGN */
	uint64_t bytes;
	const struct sum *sums; /* feed_sum() of each chunk */
};

/*
 * Counts in the meter. -EBADMSG names the target, the bytes that are wrong and what they are of;
 * -ECANCELED. *@cached is set where this could only be done through the page cache (a file system
 * without direct I/O), which proves less.
 */
int read_back(struct target *target, const struct read_back *what, bool *cached, struct fail *why);

#endif
