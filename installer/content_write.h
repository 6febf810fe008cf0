/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_write - the medium's content into the file system of the data partition.
 *
 * Each file is read, compared with what content_digests_check() read, and written past the page cache,
 * in chunks, so memory does not grow with it. When all are on the disk they are read back, and get
 * their names last: there is no name of a file that is not whole. palette-init moves the folder to
 * where palette-hostd keeps content.
 */
#ifndef PALETTE_CONTENT_WRITE_H
#define PALETTE_CONTENT_WRITE_H

#include <stdint.h>

#include "content_digests.h"
#include "content_list.h"
#include "ext4.h"
#include "lib/fail.h"
#include "medium.h"
#include "target.h"

/* Files that have blocks but no names. */
struct content_written {
	struct ext4 *fs;	 /* nothing of it is on the target before content_name() */
	struct ext4_file *files; /* in the list's order */
	size_t n_files;
};

/*
 * The file system begins at @offset_bytes of @target. This and the next count in the meter what
 * has passed, and which file they are at. -EBADMSG: a file on the medium is not as @sums says; -ENOSPC.
 * content_written_done() frees @ret, also after a failure.
 */
int content_write(const struct content_list *list, const struct content_sums *sums,
		  const struct medium *medium, struct target *target, uint64_t offset_bytes,
		  int64_t now_seconds, struct content_written *ret, struct fail *why);

/* -EBADMSG: the disk does not return what was written. */
int content_read_back(const struct content_list *list, const struct content_sums *sums,
		      const struct content_written *written, struct target *target,
		      struct fail *why);

/* Gives them their names and records, and writes the file system. */
int content_name(const struct content_list *list, struct content_written *written,
		 struct target *target, int64_t now_seconds, struct fail *why);

void content_written_done(struct content_written *written);

#endif
