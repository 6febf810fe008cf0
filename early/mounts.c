/* SPDX-License-Identifier: Apache-2.0 */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"

static const struct {
	const char *type, *target, *options;
	unsigned long flags;
} kernel_mounts[] = {
	{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "devtmpfs", "/dev", "mode=755", MS_NOSUID },
	{ "devpts", "/dev/pts", "mode=620,gid=5,ptmxmode=666", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
};

int make_dir(const char *path, unsigned mode, struct fail *why)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return fail_errno(why, errno, "make directory %s", path);
}

int mount_at(const char *source, const char *target, const char *type, unsigned long flags,
	     const char *options, struct fail *why)
{
	if (mount(source, target, type, flags, options) == 0)
		return 0;
	if (flags & MS_MOVE)
		return fail_errno(why, errno, "move mount %s to %s", source, target);
	return fail_errno(why, errno, "mount %s%s%s at %s", source, type ? " as " : "",
			  type ? type : "", target);
}

bool is_mount_point(const char *path)
{
	char parent[PATH_MAX];
	struct stat here, above;

	snprintf(parent, sizeof(parent), "%s/..", path);
	return stat(path, &here) == 0 && stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

int mounts_kernel(struct fail *why)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(kernel_mounts); i++) {
		r = make_dir(kernel_mounts[i].target, 0755, why);
		if (r < 0)
			return r;
		r = mount_at(kernel_mounts[i].type, kernel_mounts[i].target, kernel_mounts[i].type,
			     kernel_mounts[i].flags, kernel_mounts[i].options, why);
		/* EBUSY: the kernel has mounted it (CONFIG_DEVTMPFS_MOUNT). */
		if (r < 0 && r != -EBUSY)
			return r;
	}
	return make_dir("/run/palette", 0755, why);
}

int write_attribute(const char *path, const char *text)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, n) != (ssize_t)n)
		return -errno;
	return 0;
}
