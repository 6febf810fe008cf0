/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_write - the medium's content into the file system of the data partition.
 *
 * Each file is read, compared with what content_digests_check() read, written past the page cache and
 * read back, all at the same time and in chunks, so memory does not grow with it. The files get their names when the last of them is on
 * the disk: there is no name of a file that is not whole. palette-init moves the folder to where
 * palette-hostd keeps content.
 */
#ifndef PALETTE_CONTENT_WRITE_H
#define PALETTE_CONTENT_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "content_digests.h"
#include "content_list.h"
#include "lib/fail.h"
#include "medium.h"
#include "target.h"

/*
 * The file system begins at @offset_bytes of @target. Counts in the meter what was read back, and
 * which file it is at. -EBADMSG: a file on the medium is not as @sums says, or the disk does not
 * return what was written; -ENOSPC. @ret_cached is set where it was read back through the page cache.
 */
int content_write(const struct content_list *list, const struct content_sums *sums,
		  const struct medium *medium, struct target *target, uint64_t offset_bytes,
		  int64_t now_seconds, bool *ret_cached, struct fail *why);

#endif
