/* SPDX-License-Identifier: Apache-2.0 */
/* efivar - the firmware's boot entries, through efivarfs. */
#ifndef PALETTE_EFIVAR_H
#define PALETTE_EFIVAR_H

#include "lib/fail.h"
#include "plan.h"

/*
 * Makes an entry for @plan's EFI system partition, first in BootOrder and named by BootNext. Entries
 * of earlier installations of ours are removed, all others stay as they are. @root is "/" or a test's
 * directory; efivarfs is mounted where it is not. The disk starts without it, by the removable path:
 * a failure is a warning.
 */
int efivar_register(const char *root, const struct plan *plan, struct fail *why);

#endif
