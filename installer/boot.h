/* SPDX-License-Identifier: Apache-2.0 */
/* boot - what makes the target start by legacy BIOS: GRUB's core image, and last the boot sector. */
#ifndef PALETTE_BOOT_H
#define PALETTE_BOOT_H

#include "lib/fail.h"
#include "medium.h"
#include "plan.h"
#include "target.h"

/* The core image into its partition; read back and compared. */
int boot_write_core(const struct plan *plan, const struct medium *medium, struct target *target,
		    struct fail *why);

/* One write of 512 bytes, flushed: from here on the target starts. Needs the partition table. */
int boot_write_sector(const struct plan *plan, const struct medium *medium, struct target *target,
		      struct fail *why);

#endif
