/* SPDX-License-Identifier: Apache-2.0 */
/* data - make the data partition: ext4 in place, with the log so far and a random seed in its root. */
#ifndef PALETTE_DATA_H
#define PALETTE_DATA_H

#include "lib/fail.h"
#include "plan.h"
#include "target.h"

/*
 * "install.log" is a copy of @log_path (NULL or empty file: left out), "random-seed" 512 bytes.
 * @target is lent out meanwhile and ours again on return; after a failure it may be closed.
 */
int data_make(const struct plan *plan, struct target *target, const char *log_path,
	      struct fail *why);

#endif
