/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair - make an installed disk start again: everything that leads from firmware to a slot.
 *
 * What boots is compared with what it should be, and written where it differs: a disk in order is not
 * written to. The loaders come from the running OS image, which verity checks; kernel and initrd from
 * the slot that this machine was started from, on the disk's own EFI system partition. Partitions and
 * what is in them are not touched; nothing is formatted.
 */
#ifndef PALETTE_REPAIR_H
#define PALETTE_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

#define REPAIR_FILES "/usr/lib/palette/boot" /* in the OS image: laid out as on the medium */

struct repair_options {
	const char *disk;  /* path of the whole disk, or of a plain file */
	const char *files; /* folder with palette/boot.img and the others */
	const char *root;  /* "/": where image.conf and the firmware's variables are */
	char slot;	   /* 'a' or 'b': the good one */
	bool firmware;	   /* make the UEFI boot entry anew */
};

struct repair_report {
	char done[2000]; /* a line for each thing that was written; "" nothing was wrong */
	char left[1000]; /* a line for each that could not be helped */
};

/*
 * -EBADMSG and others: it could not be begun, or a write failed; @ret says what was done before. Safe
 * to run again.
 */
int repair_boot(const struct repair_options *options, struct repair_report *ret, struct fail *why);

#endif
