/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fat_tree - many files for a FAT file system that is not mounted, kept in memory until they were read
 * back from it. mtools is started once for writing and once for reading, however many there are.
 */
#ifndef PALETTE_FAT_TREE_H
#define PALETTE_FAT_TREE_H

#include <stddef.h>

#include "lib/fail.h"

#define FAT_TREE_MAX 32

struct fat_file {
	char to[96]; /* "EFI/BOOT/BOOTX64.EFI" */
	int fd;	     /* a file in memory */
	size_t bytes;
};

struct fat_tree {
	struct fat_file files[FAT_TREE_MAX];
	size_t n;
};

/* Fine on a zeroed one. */
void fat_tree_done(struct fat_tree *tree);

/* The bytes are copied, once for all of the places @to, of which the second may be NULL. */
int fat_tree_add(struct fat_tree *tree, const void *data, size_t bytes, const char *const to[2],
		 struct fail *why);

/* Writes all with their folders, in place of what is there. @image as of fat.h. */
int fat_tree_write(const struct fat_tree *tree, const char *image, struct fail *why);

/* Reads all and compares every byte. -EBADMSG: "<path> on <disk> is not what was written; ...". */
int fat_tree_check(const struct fat_tree *tree, const char *image, const char *disk,
		   struct fail *why);

#endif
