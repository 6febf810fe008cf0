/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/size.h"

/* Zero runs are looked for in blocks of this. */
#define ZERO_BLOCK_BYTES (64 * KIB)

static bool is_zero(const uint8_t *data, size_t bytes)
{
	return data[0] == 0 && memcmp(data, data + 1, bytes - 1) == 0;
}

static int write_data(struct target *target, const uint8_t *data, size_t bytes, uint64_t offset,
		      struct fail *why)
{
	int r = -EINVAL;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	/* Past the page cache: less work, and memory stays free on a small machine. */
	if (target->direct_fd >= 0)
		r = file_write_all(target->direct_fd, data, bytes, offset);
	/* Some file systems let O_DIRECT open and refuse the transfer. */
	if (r == -EINVAL) {
		r = file_write_all(target->fd, data, bytes, offset);
		/* Starts the writing now; fsync() at the end finds little left. */
		if (r == 0)
			(void)sync_file_range(target->fd, (off_t)offset, (off_t)bytes,
					      SYNC_FILE_RANGE_WRITE);
	}
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "write %s at byte %ju", target->path, (uintmax_t)offset);
	return 0;
}

int span_write(struct target *target, const uint8_t *data, size_t bytes, uint64_t offset,
	       struct fail *why)
{
	size_t at = 0;

	while (at < bytes) {
		size_t end = at;
		bool zero = false;
		int r = 0;

		while (end < bytes) {
			size_t n = bytes - end < ZERO_BLOCK_BYTES ? bytes - end : ZERO_BLOCK_BYTES;
			bool this_zero = is_zero(data + end, n);

			if (end == at)
				zero = this_zero;
			else if (this_zero != zero)
				break;
			end += n;
		}
		if (!zero)
			r = write_data(target, data + at, end - at, offset + at, why);
		else if (!target->blank)
			r = target_zero(target, offset + at, end - at, why);
		if (r < 0)
			return r;
		at = end;
	}
	return 0;
}

int span_read(struct target *target, uint8_t *data, size_t bytes, uint64_t offset, bool *cached,
	      struct fail *why)
{
	int r = -EINVAL;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	if (target->direct_fd >= 0)
		r = file_read_all(target->direct_fd, data, bytes, offset);
	if (r == -EINVAL) {
		*cached = true;
		r = file_read_all(target->fd, data, bytes, offset);
	}
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "read %s back at byte %ju", target->path,
				  (uintmax_t)offset);
	return meter_check(target->meter, why);
}

/* Where byte @at is on the target, and for how many of *@bytes. */
static uint64_t find(const struct target_extent *extents, uint64_t at, size_t *bytes)
{
	while (at >= extents->bytes)
		at -= extents++->bytes;
	if (*bytes > extents->bytes - at)
		*bytes = (size_t)(extents->bytes - at);
	return extents->offset + at;
}

int span_write_in(struct target *target, const struct target_extent *extents, const uint8_t *data,
		  size_t bytes, uint64_t at, struct fail *why)
{
	int r = 0;

	for (size_t done = 0, n; r == 0 && done < bytes; done += n) {
		uint64_t to;

		n = bytes - done;
		to = find(extents, at + done, &n);
		r = span_write(target, data + done, n, to, why);
	}
	return r;
}

int span_read_in(struct target *target, const struct target_extent *extents, uint8_t *data,
		 size_t bytes, uint64_t at, bool *cached, struct fail *why)
{
	int r = 0;

	for (size_t done = 0, n; r == 0 && done < bytes; done += n) {
		uint64_t from;

		n = bytes - done;
		from = find(extents, at + done, &n);
		r = span_read(target, data + done, n, from, cached, why);
	}
	return r;
}
