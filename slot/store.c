/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"

#define PENDING_PREFIX "pending-"

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int open_env(const char *esp, int flags, char *path, size_t size, struct fail *why)
{
	int fd;

	snprintf(path, size, "%s/boot/grub/grubenv", esp);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? fail_errno(why, errno, "open %s", path) : fd;
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

static DIR *open_palette_dir(const char *esp)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/palette", esp);
	return opendir(path);
}

static bool is_pending_file(const struct dirent *entry)
{
	return strncasecmp(entry->d_name, PENDING_PREFIX, strlen(PENDING_PREFIX)) == 0;
}

bool store_is_pending(const char *esp)
{
	DIR *dir __attribute__((cleanup(cleanup_dir))) = open_palette_dir(esp);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (is_pending_file(entry))
			return true;
	}
	return false;
}

int store_remove_pending(const char *esp, struct fail *why)
{
	DIR *dir __attribute__((cleanup(cleanup_dir))) = open_palette_dir(esp);
	struct dirent *entry;
	bool removed = false;

	while (dir && (entry = readdir(dir))) {
		if (!is_pending_file(entry))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			return fail_errno(why, errno, "remove %s/palette/%s", esp, entry->d_name);
		removed = true;
	}
	if (removed && syncfs(dirfd(dir)) < 0)
		return fail_errno(why, errno, "flush %s", esp);
	return 0;
}
