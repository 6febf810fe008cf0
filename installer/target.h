/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target - the disk, or the plain file, that is written to.
 *
 * While it is open it is ours: a disk is claimed (O_EXCL: fails while it is mounted or held) and both
 * are locked (flock, which udev and other installers respect). Programs that make file systems claim
 * and lock for themselves: target_lend() lets go for their time, target_take_back() makes sure that it
 * is still the same device.
 */
#ifndef PALETTE_TARGET_H
#define PALETTE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "disk.h"
#include "lib/fail.h"
#include "meter.h"

struct target {
	const char *path; /* borrowed */
	int fd;		  /* buffered, read and write; -1: not open */
	int direct_fd;	  /* O_DIRECT, read and write; -1: there is no such thing here */
	bool block;	  /* a block device, not a plain file */
	bool blank;	  /* a new file: all of it reads as zero */
	uint64_t size_bytes;
	unsigned sector_bytes;
	dev_t dev;	  /* device number, or the file system's of a file */
	ino_t ino;	  /* of a file */
	uint64_t diskseq; /* of a block device; 0: the kernel has none */
	struct meter *meter;
};

#define TARGET_ALIGN 4096 /* of buffers, offsets and lengths for direct_fd */

/* A run of the target's bytes. */
struct target_extent {
	uint64_t offset;
	uint64_t bytes;
};

/*
 * -EBUSY: in use; -ESTALE: size, sector size or diskseq are not those of @disk. Nothing is written.
 * @ret is closed after a failure.
 */
int target_open(const struct disk *disk, struct meter *meter, struct target *ret, struct fail *why);

/* Makes (or empties) the plain file @path of @bytes. Refuses anything that is no plain file. */
int target_make_file(const char *path, uint64_t bytes, struct fail *why);

int target_lend(struct target *target, struct fail *why);
int target_take_back(struct target *target, struct fail *why);

int target_write(struct target *target, const void *data, size_t bytes, uint64_t offset,
		 struct fail *why);
int target_read(struct target *target, void *data, size_t bytes, uint64_t offset, struct fail *why);

/*
 * Makes the range read as zero: the device does it, or a hole is punched, or zeros are written.
 * Ranges are cut to the target's end.
 */
int target_zero(struct target *target, uint64_t offset, uint64_t bytes, struct fail *why);

/* Returns when the medium has it. */
int target_flush(struct target *target, struct fail *why);

/* Drops what the kernel has in memory of it, so that the next read is from the disk. Best effort. */
void target_forget(struct target *target);

/* Destroys what makes it start: boot sector, both partition tables. Flushed. Best effort on failure. */
int target_unboot(struct target *target, struct fail *why);

/* Has the kernel read the new table of a disk; a disk whose table it keeps starts all the same. */
int target_reread_table(struct target *target, struct fail *why);

void target_done(struct target *target);

#endif
