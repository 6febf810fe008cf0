/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seed - the second medium: answers beside the ISO, and the place where the result is written.
 *
 * It is known by its volume id: PALETTE_SEED (FAT, whose labels have 11 characters: PALETTESEED) has
 * answers.conf, cidata has cloud-init's user-data. ISO 9660 and FAT are read; on FAT the result can be
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
	bool user_data;	 /* cidata */
	bool fat;	 /* results can be written */
	bool directory;	 /* in place of a device */
};

/*
 * Looks at every block device. @directories (NULL: none): directories to take for media, "LABEL:DIR".
 * -ENOTUNIQ names both when there are two: which of them would win must not depend on their order.
 */
int seed_find(const char *root, const char *const directories[], size_t n_directories,
	      struct seed *ret, struct fail *why);

/*
 * The text of answers.conf or user-data; caller frees. @ret_network: there is cloud-init's network-config
 * beside it, which is not read.
 */
int seed_read(const struct seed *seed, char **ret, size_t *ret_bytes, bool *ret_network,
	      struct fail *why);

/* Writes @name onto it. -EROFS: it is not writable. */
int seed_write(const struct seed *seed, const char *name, const void *data, size_t bytes,
	       struct fail *why);

/* "/dev/sdb1 (PALETTE_SEED)". Returns @buf. */
const char *seed_title(const struct seed *seed, char *buf, size_t size);

#endif
