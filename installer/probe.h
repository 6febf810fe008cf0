/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe - look at the machine: its disks and its name.
 *
 * Reads sysfs, procfs and the first and last MiB of each disk; opens disks read-only, never writes.
 * Everything is read below a given root, so that a tree recorded on a machine is a fixture:
 * ROOT/sys, ROOT/proc, and for a root other than "/" ROOT/heads/<disk>.img, a sparse file of the
 * disk's size, in place of the disk itself.
 */
#ifndef PALETTE_PROBE_H
#define PALETTE_PROBE_H

#include <stdbool.h>

#include "disk.h"
#include "lib/fail.h"

struct probe_options {
	const char *root;   /* "/" for this machine */
	const char *source; /* the medium's directory; NULL: there is none to keep off the list */
	const char *key;    /* of the medium's signature, a file; NULL: the built-in one, if any */
};

/*
 * Every block device that is not a partition, unjudged: call disks_judge(). Loop devices and the like
 * that nobody has set up are left out. A disk that cannot be read is in the list and says so in
 * @content. Caller: disks_done(). Fails only when sysfs is missing.
 */
int probe_disks(const struct probe_options *options, struct disks *ret, struct fail *why);

/*
 * One target by path: a whole disk (-EINVAL for a partition, which names its disk) or a plain file.
 * @ret is unjudged. A loop or network block device named by path is taken for a disk.
 */
int probe_target(const struct probe_options *options, const char *path, struct disk *ret,
		 struct fail *why);

struct machine {
	char vendor[64];
	char model[64];
	char serial[64]; /* empty where the firmware has only a placeholder */
	bool uefi;
	bool secure_boot;
	bool virtual_machine; /* its processors are a hypervisor's: they take no microcode */
};

/* Never fails: what the firmware does not say stays empty. */
void probe_machine(const char *root, struct machine *ret);

#endif
