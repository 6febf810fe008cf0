/* SPDX-License-Identifier: Apache-2.0 */
/*
 * earlier - what an earlier installation left on a disk: ours, or that of the product before us, whose
 * file systems are called COS_*. Opens the disk read-only.
 */
#ifndef PALETTE_EARLIER_H
#define PALETTE_EARLIER_H

#include <stdbool.h>

struct earlier {
	bool found;
	char what[160];	    /* "palette-esp, palette-system-a, ..."; empty when nothing was found */
	char medium_id[17]; /* of the medium an installation of ours came from; empty: not known */
};

/* @path is the disk, or a test's image of it. What cannot be read holds nothing. */
void earlier_find(const char *path, unsigned sector_bytes, struct earlier *ret);

#endif
