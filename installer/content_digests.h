/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_digests - the medium's content against its digests, before anything is written.
 *
 * What a copy of gigabytes lost on its way is found while the disk is still as it was. Several files are
 * hashed at a time where there are processors. Each goes through memory in chunks; what the machine has room for stays in its page cache, where
 * content_write() finds it again, and knows by the sums that it is the same.
 */
#ifndef PALETTE_CONTENT_DIGESTS_H
#define PALETTE_CONTENT_DIGESTS_H

#include "content_list.h"
#include "lib/fail.h"
#include "medium.h"
#include "sum.h"

/*
 * sum_of() each chunk of each file of a list, in the list's order: RING_CHUNK_BYTES, the last one with
 * the zeros that feed_ring() has behind it. They tell that a medium errs between two reads, as media
 * do; one that lies on purpose has a content.manifest that lies, too.
 */
struct content_sums {
	struct sum **files;
	size_t n_files;
};

void content_sums_done(struct content_sums *sums);

/*
 * Counts bytes and files in @medium's meter; the order is plan_content_file()'s. -EBADMSG names the
 * file and both digests; -ECANCELED. content_sums_done() frees @ret, also after a failure.
 */
int content_digests_check(const struct content_list *list, const struct medium *medium,
			  struct content_sums *ret, struct fail *why);

#endif
