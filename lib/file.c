/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "memory.h"

int file_read(const char *path, size_t max_bytes, char **ret, size_t *ret_bytes, struct fail *why)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autofree char *buf = NULL;
	size_t used = 0;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	buf = xmalloc(max_bytes + 2);
	for (;;) {
		ssize_t n = read(fd, buf + used, max_bytes + 1 - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(why, errno, "read %s at byte %zu", path, used);
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max_bytes)
			return fail_with(why, EFBIG, "%s has more than %zu bytes", path, max_bytes);
	}
	buf[used] = '\0';
	*ret = take_ptr(buf);
	if (ret_bytes)
		*ret_bytes = used;
	return 0;
}

int file_read_line(const char *path, char *buf, size_t size)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0) {
		n = -errno;
		buf[0] = '\0';
		return (int)n;
	}
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

int file_write_all(int fd, const void *data, size_t bytes, uint64_t offset)
{
	const char *p = data;

	while (bytes > 0) {
		ssize_t n = pwrite(fd, p, bytes, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENOSPC;
		p += n;
		bytes -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int file_read_all(int fd, void *data, size_t bytes, uint64_t offset)
{
	char *p = data;

	while (bytes > 0) {
		ssize_t n = pread(fd, p, bytes, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		p += n;
		bytes -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int flush_directory_of(const char *path, struct fail *why)
{
	autofree char *copy = xstrdup(path);
	const char *dir = dirname(copy);
	autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, errno, "open directory %s", dir);
	if (fsync(fd) < 0)
		return fail_errno(why, errno, "flush directory %s", dir);
	return 0;
}

int file_flush(const char *path, struct fail *why)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	if (fsync(fd) < 0)
		return fail_errno(why, errno, "flush %s", path);
	return flush_directory_of(path, why);
}

int file_write_atomic(const char *path, const void *data, size_t bytes, mode_t mode,
		      struct fail *why)
{
	autofree char *temp = xasprintf("%s.XXXXXX", path);
	autoclose int fd = mkostemp(temp, O_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "make a file beside %s", path);
	r = file_write_all(fd, data, bytes, 0);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && rename(temp, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(temp);
		return fail_errno(why, -r, "write %s", path);
	}
	return flush_directory_of(path, why);
}

int file_remove(const char *path, struct fail *why)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return fail_errno(why, errno, "remove %s", path);
	return flush_directory_of(path, why);
}
