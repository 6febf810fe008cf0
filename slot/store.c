/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define PENDING_PREFIX "pending-"

static int open_env(const char *esp, int flags, char *path, size_t size, struct fail *why)
{
	int fd;

	snprintf(path, size, "%s/boot/grub/grubenv", esp);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? fail_errno(why, errno, "open %s", path) : fd;
}

int store_lock(const char *esp, struct fail *why)
{
	char path[4096];
	/* The file itself: it is written in place and never another one. */
	autoclose int fd = open_env(esp, O_RDONLY, path, sizeof(path), why);
	int r;

	if (fd < 0)
		return fd;
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	return r < 0 ? fail_errno(why, errno, "lock %s", path) : take_fd(&fd);
}

int store_read(const char *esp, struct grubenv *ret, struct fail *why)
{
	char path[4096], block[GRUBENV_BYTES + 1];
	autoclose int fd = open_env(esp, O_RDONLY, path, sizeof(path), why);
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	n = read(fd, block, sizeof(block));
	if (n < 0)
		return fail_errno(why, errno, "read %s", path);
	r = grubenv_parse(block, (size_t)n, ret, why);
	return r < 0 ? fail_wrap(why, "read %s", path) : 0;
}

int store_write(const char *esp, const struct grubenv *env, struct fail *why)
{
	char path[4096], block[GRUBENV_BYTES];
	autoclose int fd = open_env(esp, O_WRONLY, path, sizeof(path), why);
	int r;

	if (fd < 0)
		return fd;
	grubenv_format(env, block);
	r = file_write_all(fd, block, sizeof(block), 0);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r < 0 ? fail_errno(why, -r, "write %s", path) : 0;
}

/* The folder "palette", opened. *ret_fd belongs to what is returned; NULL: there is none. */
static DIR *open_palette_dir(const char *esp, int *ret_fd)
{
	char path[4096];
	DIR *dir = NULL;

	snprintf(path, sizeof(path), "%s/palette", esp);
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd >= 0)
		dir = fdopendir(*ret_fd);
	if (*ret_fd >= 0 && !dir)
		close(*ret_fd);
	return dir;
}

static bool is_pending_file(const struct dirent *entry)
{
	return strncasecmp(entry->d_name, PENDING_PREFIX, strlen(PENDING_PREFIX)) == 0;
}

bool store_is_pending(const char *esp)
{
	int fd;
	autoclosedir DIR *dir = open_palette_dir(esp, &fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (is_pending_file(entry))
			return true;
	}
	return false;
}

int store_remove_pending(const char *esp, struct fail *why)
{
	int fd;
	autoclosedir DIR *dir = open_palette_dir(esp, &fd);
	struct dirent *entry;
	bool removed = false;

	while (dir && (entry = readdir(dir))) {
		if (!is_pending_file(entry))
			continue;
		if (unlinkat(fd, entry->d_name, 0) < 0)
			return fail_errno(why, errno, "remove %s/palette/%s", esp, entry->d_name);
		removed = true;
	}
	if (removed && syncfs(fd) < 0)
		return fail_errno(why, errno, "flush %s", esp);
	return 0;
}
