/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot_limit - restart a machine whose system does not reach its goal.
 *
 * The kernel's software watchdog counts from here on: it needs neither disk nor process, so a system
 * whose every file is an I/O error is given up as well. A boot that is marked good takes it back.
 */
#ifndef PALETTE_BOOT_LIMIT_H
#define PALETTE_BOOT_LIMIT_H

#include "early.h"

/* As the kernel argument palette.goal-within=SECONDS says; without it there is no limit. */
int boot_limit_start(struct early *early, struct fail *why);

#endif
