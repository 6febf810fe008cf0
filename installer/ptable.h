/* SPDX-License-Identifier: Apache-2.0 */
/* ptable - the GPT of a plan, written by libfdisk onto a disk or a plain file. */
#ifndef PALETTE_PTABLE_H
#define PALETTE_PTABLE_H

#include "lib/fail.h"
#include "plan.h"
#include "target.h"

/*
 * Writes and flushes the table of @plan: backup, primary, protective MBR, in this order. Sector 0
 * carries no boot code afterwards. Nothing outside the tables is touched.
 */
int ptable_write(const struct plan *plan, struct target *target, struct fail *why);

/* Reads the table back and compares it with the plan. -EBADMSG names the partition that differs. */
int ptable_check(const struct plan *plan, struct target *target, struct fail *why);

/*
 * The partitions of an installed disk into @ret, by number. -EBADMSG: there is no GPT, or one that is
 * not ours: a partition is missing or has another name.
 */
int ptable_read(struct target *target, struct plan_part ret[PLAN_PARTS], struct fail *why);

#endif
