/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_digests - the medium's content against its digests, before anything is written.
 *
 * What a copy of gigabytes lost on its way is found while the disk is still as it was. Each file goes
 * through memory in chunks; what the machine has room for stays in its page cache, where
 * content_write() finds it again.
 */
#ifndef PALETTE_CONTENT_DIGESTS_H
#define PALETTE_CONTENT_DIGESTS_H

#include "content_list.h"
#include "lib/fail.h"
#include "medium.h"

/*
 * Counts bytes and files in @medium's meter; the order is plan_content_file()'s. -EBADMSG names the
 * file and both digests; -ECANCELED.
 */
int content_digests_check(const struct content_list *list, const struct medium *medium,
			  struct fail *why);

#endif
