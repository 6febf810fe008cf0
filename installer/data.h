/* SPDX-License-Identifier: Apache-2.0 */
/* data - make the data partition: ext4 in place, with the log so far and a random seed in its root. */
#ifndef PALETTE_DATA_H
#define PALETTE_DATA_H

#include "lib/fail.h"
#include "plan.h"
#include "target.h"

struct data_options {
	const char *log_path; /* NULL or empty file: left out */
	const char *settings; /* text of the host's settings file (docs/SETTINGS.md); NULL: none */
};

/*
 * "install.log" is a copy of the log, "random-seed" 512 bytes, "keep/settings.conf" the settings.
 * They are read back from the disk and compared: -EBADMSG. @target is lent out meanwhile and ours
 * again on return; after a failure it may be closed.
 */
int data_make(const struct plan *plan, struct target *target, const struct data_options *options,
	      struct fail *why);

/*
 * Has e2fsck read all the tables of the file system, whose checksums tell them from others, from the
 * disk. For when the last file is in it. Changes nothing.
 */
int data_check(const struct plan *plan, struct target *target, struct fail *why);

#endif
