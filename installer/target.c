/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"

#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR(0x12, 128, uint64_t)
#endif

#define LOCK_TRIES    50
#define LOCK_PAUSE_MS 100

static void pause_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

static int look_at(struct target *target, struct fail *why)
{
	struct stat st;
	int sector_bytes = 0;

	if (fstat(target->fd, &st) < 0)
		return fail_errno(why, errno, "look at %s", target->path);
	if (S_ISREG(st.st_mode)) {
		target->dev = st.st_dev;
		target->ino = st.st_ino;
		target->size_bytes = (uint64_t)st.st_size;
		target->blank = st.st_blocks == 0;
		return 0;
	}
	if (!S_ISBLK(st.st_mode))
		return fail_with(why, EINVAL, "%s is neither a disk nor a plain file",
				 target->path);
	target->block = true;
	target->dev = st.st_rdev;
	if (ioctl(target->fd, BLKGETSIZE64, &target->size_bytes) < 0)
		return fail_errno(why, errno, "ask %s for its size", target->path);
	if (ioctl(target->fd, BLKSSZGET, &sector_bytes) < 0)
		return fail_errno(why, errno, "ask %s for its sector size", target->path);
	target->sector_bytes = (unsigned)sector_bytes;
	if (ioctl(target->fd, BLKGETDISKSEQ, &target->diskseq) < 0)
		target->diskseq = 0; /* before Linux 5.15 */
	return 0;
}

/* O_EXCL on a block device means: nobody has it mounted or claimed; it keeps others off, too. */
static int open_claimed(const char *path, struct fail *why)
{
	struct stat st;
	int excl = stat(path, &st) == 0 && S_ISBLK(st.st_mode) ? O_EXCL : 0;
	int fd = -1;

	/* A device's last user may be just letting go: a probe by udev takes milliseconds. */
	for (int i = 0; i < LOCK_TRIES; i++) {
		fd = open(path, O_RDWR | O_CLOEXEC | excl);
		if (fd >= 0 || errno != EBUSY)
			break;
		pause_ms(LOCK_PAUSE_MS);
	}
	if (fd < 0 && errno == EBUSY)
		return fail_with(why, EBUSY, "%s is in use by another program or mounted", path);
	if (fd < 0)
		return fail_errno(why, errno, "open %s for writing", path);
	return fd;
}

static int lock(const struct target *target, struct fail *why)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(target->fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(why, errno, "lock %s", target->path);
		pause_ms(LOCK_PAUSE_MS);
	}
	return fail_with(why, EBUSY, "%s is locked by another program", target->path);
}

static int take(struct target *target, struct fail *why)
{
	int r;

	r = open_claimed(target->path, why);
	if (r < 0)
		return r;
	target->fd = r;
	r = look_at(target, why);
	if (r == 0)
		r = lock(target, why);
	if (r < 0)
		return r;
	/* Not O_EXCL: the claim above is this process's own, a second one would be refused. */
	target->direct_fd = open(target->path, O_RDWR | O_DIRECT | O_CLOEXEC);
	return 0;
}

int target_open(const struct disk *disk, struct meter *meter, struct target *ret, struct fail *why)
{
	int r;

	*ret = (struct target){
		.path = disk->path,
		.fd = -1,
		.direct_fd = -1,
		.sector_bytes = disk->logical_bytes,
		.meter = meter,
	};
	r = take(ret, why);
	if (r == 0 &&
	    (ret->size_bytes != disk->size_bytes || ret->sector_bytes != disk->logical_bytes))
		r = fail_with(why, ESTALE,
			      "%s is no longer what was chosen: it had %ju bytes in %u-byte "
			      "sectors and has %ju in %u-byte ones",
			      disk->path, (uintmax_t)disk->size_bytes, disk->logical_bytes,
			      (uintmax_t)ret->size_bytes, ret->sector_bytes);
	if (r == 0 && disk->diskseq && ret->diskseq && disk->diskseq != ret->diskseq)
		r = fail_with(why, ESTALE, "%s is another disk than the one that was chosen",
			      disk->path);
	if (r < 0)
		target_done(ret);
	return r;
}

int target_make_file(const char *path, uint64_t bytes, struct fail *why)
{
	autoclose int fd = -1;
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fail_with(why, EINVAL, "%s is no plain file: only those are given a size",
				 path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail_errno(why, errno, "make %s", path);
	if (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)bytes) < 0)
		return fail_errno(why, errno, "give %s its size of %ju bytes", path,
				  (uintmax_t)bytes);
	return 0;
}

static void close_both(struct target *target)
{
	if (target->direct_fd >= 0)
		close(target->direct_fd);
	if (target->fd >= 0)
		close(target->fd);
	target->fd = target->direct_fd = -1;
}

int target_lend(struct target *target, struct fail *why)
{
	int r = target_flush(target, why);

	close_both(target);
	return r;
}

int target_take_back(struct target *target, struct fail *why)
{
	struct target before = *target;
	int r;

	r = take(target, why);
	if (r == 0 &&
	    (before.dev != target->dev || before.ino != target->ino ||
	     before.diskseq != target->diskseq || before.size_bytes != target->size_bytes))
		r = fail_with(why, ESTALE, "%s was exchanged during the installation",
			      target->path);
	if (r < 0) {
		/* Whatever it is now, it must not be written to, not even to clean up. */
		close_both(target);
		*target = before;
		target->fd = target->direct_fd = -1;
	}
	return r;
}

int target_write(struct target *target, const void *data, size_t bytes, uint64_t offset,
		 struct fail *why)
{
	int r;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	r = file_write_all(target->fd, data, bytes, offset);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "write %s at byte %ju", target->path, (uintmax_t)offset);
	return 0;
}

int target_read(struct target *target, void *data, size_t bytes, uint64_t offset, struct fail *why)
{
	int r;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	r = file_read_all(target->fd, data, bytes, offset);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "read %s at byte %ju", target->path, (uintmax_t)offset);
	return 0;
}

/* The device or the file system does it. False: it cannot. */
static bool zero_by_kernel(const struct target *target, uint64_t offset, uint64_t bytes)
{
	uint64_t range[2] = { offset, bytes };

	if (target->block)
		return ioctl(target->fd, BLKZEROOUT, range) == 0;
	return fallocate(target->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
			 (off_t)bytes) == 0;
}

int target_zero(struct target *target, uint64_t offset, uint64_t bytes, struct fail *why)
{
	autofree char *zeros = NULL;
	bool done;
	int r = 0;

	if (offset >= target->size_bytes)
		return 0;
	if (bytes > target->size_bytes - offset)
		bytes = target->size_bytes - offset;
	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	done = zero_by_kernel(target, offset, bytes);
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (done)
		return 0;
	zeros = xcalloc(1, MIB);
	for (uint64_t at = 0; at < bytes && r == 0; at += MIB) {
		size_t n = bytes - at < MIB ? (size_t)(bytes - at) : MIB;

		r = target_write(target, zeros, n, offset + at, why);
	}
	return r;
}

int target_flush(struct target *target, struct fail *why)
{
	int r = 0;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	if (fsync(target->fd) < 0)
		r = -errno;
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "flush %s", target->path);
	return 0;
}

void target_forget(struct target *target)
{
	(void)posix_fadvise(target->fd, 0, 0, POSIX_FADV_DONTNEED);
	/* Needs CAP_SYS_ADMIN; drops what fadvise leaves because it is mapped or just busy. */
	if (target->block)
		(void)ioctl(target->fd, BLKFLSBUF, 0);
}

int target_unboot(struct target *target, struct fail *why)
{
	uint64_t tail = target->size_bytes > MIB ? target->size_bytes - MIB : 0;
	int r, r_tail, r_flush;

	/* The boot sector and the primary table first: what firmware looks at. */
	r = target_zero(target, 0, MIB, why);
	r_flush = target_flush(target, r < 0 ? NULL : why);
	r_tail = target_zero(target, tail, MIB, r < 0 || r_flush < 0 ? NULL : why);
	if (r == 0)
		r = r_flush;
	if (r == 0)
		r = r_tail;
	r_flush = target_flush(target, r < 0 ? NULL : why);
	return r < 0 ? r : r_flush;
}

int target_reread_table(struct target *target, struct fail *why)
{
	if (!target->block)
		return 0;
	for (int i = 0; i < LOCK_TRIES / 5; i++) {
		if (ioctl(target->fd, BLKRRPART) == 0 || errno == EINVAL) /* a loop without -P */
			return 0;
		if (errno != EBUSY)
			break;
		pause_ms(LOCK_PAUSE_MS);
	}
	return fail_errno(why, errno, "have the kernel read the table of %s", target->path);
}

void target_done(struct target *target)
{
	close_both(target);
}
