/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seed - the second medium: answers beside the ISO, and the place where the result is written.
 *
 * It is known by its volume id: PALETTE_SEED (FAT, whose labels have 11 characters: PALETTESEED) has
 * answers.conf, cidata has cloud-init's user-data and meta-data. ISO 9660 and FAT are read; on FAT the result can be
 * written, by mtools, without a mount.
 */
#ifndef PALETTE_SEED_H
#define PALETTE_SEED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct seed {
	char device[80]; /* "/dev/sdb1"; a directory; empty: there is no seed medium */
	char disk[32];	 /* the kernel's name of the disk it is on: "sdb" */
	char label[24];	 /* as it was found */
	char type[12];	 /* the file system, as libblkid calls it; empty: a directory */
	bool user_data;	 /* cidata */
	bool directory;	 /* in place of a device */
};

/*
 * Looks at every block device. @directories (NULL: none): directories to take for media, "LABEL:DIR".
 * -ENOTUNIQ names both when there are two: which of them would win must not depend on their order.
 * -EMEDIUMTYPE: there is one, but its file system is none of the two.
 */
int seed_find(const char *root, const char *const directories[], size_t n_directories,
	      struct seed *ret, struct fail *why);

/* What a medium has; seed_files_done() it. Of what is not there the pointer is NULL. */
struct seed_files {
	char *text; /* answers.conf or user-data */
	size_t bytes;
	char *meta; /* meta-data beside user-data */
	size_t meta_bytes;
	bool network,
		vendor; /* beside user-data, not empty, and not read: network-config, vendor-data */
};

int seed_read(const struct seed *seed, struct seed_files *ret, struct fail *why);
/* Frees them, with their secrets overwritten; fine on zeroed ones. */
void seed_files_done(struct seed_files *files);

/* Writes @name onto it. -EROFS: it is not writable. */
int seed_write(const struct seed *seed, const char *name, const void *data, size_t bytes,
	       struct fail *why);

/* "/dev/sdb1 (PALETTE_SEED)". Returns @buf. */
const char *seed_title(const struct seed *seed, char *buf, size_t size);

#endif
