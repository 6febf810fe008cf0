/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wipe - make what was on the target invisible: boot code, tables and every signature that libblkid
 * would find, on the whole disk, in its old partitions and where the new ones will be.
 */
#ifndef PALETTE_WIPE_H
#define PALETTE_WIPE_H

#include "lib/fail.h"
#include "plan.h"
#include "target.h"

/*
 * Boot sector and tables go first and are flushed before anything else, so that from then on the
 * target does not start, whatever happens. Old data is not erased.
 */
int wipe_target(const struct plan *plan, struct target *target, struct fail *why);

/* The same for a whole disk that is not installed on. -EBUSY, -ESTALE: as target_open(). */
int wipe_disk(const struct disk *disk, struct fail *why);

#endif
