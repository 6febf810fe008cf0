/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ext4 - folders and files in an ext4 file system that is not mounted, at an offset of a disk or a
 * plain file, by libext2fs.
 *
 * A file's blocks are allocated first; whoever has its bytes writes them where they belong, past this
 * module; it gets a name last. So a file that has a name is whole. Nothing here is flushed but by
 * ext4_close().
 */
#ifndef PALETTE_EXT4_H
#define PALETTE_EXT4_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/fail.h"
#include "target.h"

#define EXT4_BLOCK_BYTES 4096

struct ext4;

struct ext4_file {
	uint32_t ino;
	/* Its blocks, in order and without gaps. */
	struct target_extent *extents;
	size_t n_extents;
};

/*
 * Opens the file system of @path that begins at @offset_bytes and has blocks of EXT4_BLOCK_BYTES.
 * Files get the time @now_seconds.
 */
int ext4_open(const char *path, uint64_t offset_bytes, int64_t now_seconds, struct ext4 **ret,
	      struct fail *why);

/* Bytes that can still be allocated, all but what is reserved for root. */
uint64_t ext4_free_bytes(const struct ext4 *fs);

/* Makes the folder @name of root's in @parent (0: the file system's root). */
int ext4_make_dir(struct ext4 *fs, uint32_t parent, const char *name, mode_t mode, uint32_t *ret,
		  struct fail *why);

/*
 * Allocates a file of @bytes without a name. The blocks hold what was there before until they are
 * written. ext4_file_done() frees what @ret points to.
 */
int ext4_alloc(struct ext4 *fs, uint64_t bytes, mode_t mode, struct ext4_file *ret,
	       struct fail *why);
void ext4_file_done(struct ext4_file *file);

/* Gives a file its name. */
int ext4_link(struct ext4 *fs, uint32_t dir, const char *name, uint32_t ino, struct fail *why);

/* A whole small file. */
int ext4_put(struct ext4 *fs, uint32_t dir, const char *name, mode_t mode, const void *data,
	     size_t bytes, struct fail *why);

/* -EBADMSG: the file @path ("keep/settings.conf") is not these @bytes of @data. */
int ext4_compare(struct ext4 *fs, const char *path, const void *data, size_t bytes,
		 struct fail *why);

/* Writes all of it and frees @fs, also after a failure. */
int ext4_close(struct ext4 *fs, struct fail *why);

/* Frees @fs; what was not written is lost. NULL is fine. */
void ext4_drop(struct ext4 *fs);

#endif
