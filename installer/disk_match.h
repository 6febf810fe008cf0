/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk_match - which disk the answers mean. Pure.
 *
 * "/dev/sda", a link of /dev/disk/by-id, by-path or by-diskseq, or conditions with commas between,
 * each once, that all must hold: serial=TEXT, model=TEXT ('*' stands for any characters),
 * transport=NAME, size>=SIZE, smallest, largest.
 */
#ifndef PALETTE_DISK_MATCH_H
#define PALETTE_DISK_MATCH_H

#include "disk.h"
#include "lib/fail.h"

/* -EINVAL: @text is none of these. */
int disk_match_check(const char *text, struct fail *why);

/*
 * The one judged disk of @disks that @text means, borrowed. -ENODEV: none, or it is not offered;
 * -ENOTUNIQ: several, also where disks share a link. The message lists what there is, or what matched,
 * as far as it has room, and says how many more. Sets @matched of each disk.
 */
int disk_match(const char *text, struct disks *disks, const struct disk **ret, struct fail *why);

#endif
