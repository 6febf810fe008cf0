/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "mounts.h"
#include "sysroot.h"

static const char *const moved[] = { "/dev", "/proc", "/sys", "/run" };

/* Removes what @fd holds, on its own file system alone: the memory of the initrd. Closes @fd. */
static void remove_contents(int fd, dev_t device)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != device)
			continue;
		if (S_ISDIR(st.st_mode)) {
			int sub = openat(fd, entry->d_name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (sub >= 0)
				remove_contents(sub, device);
		}
		(void)unlinkat(fd, entry->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	closedir(dir);
}

/* NULL: there is none. */
static const char *find_init(void)
{
	static const char *const inits[] = { "/sbin/init", "/usr/lib/systemd/systemd" };
	struct stat st;
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(inits); i++) {
		/* Not access(): /sbin is a link that must be followed inside the new root. */
		snprintf(path, sizeof(path), SYSROOT "%s", inits[i]);
		if (lstat(path, &st) == 0)
			return inits[i];
	}
	return NULL;
}

/*
 * What the initrd did goes into the kernel's log, where the journal finds it: init.log itself is in
 * memory and gone with the next start.
 */
static void hand_over_log(void)
{
	static const char limit[] = "/proc/sys/kernel/printk_devkmsg";
	autofclose FILE *log = fopen(LOG_PATH, "re");
	autoclose int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[900];

	if (!log || kmsg < 0)
		return;
	/* The kernel takes ten lines in five seconds otherwise. It wants the newline. */
	(void)write_attribute(limit, "on\n");
	while (fgets(line, sizeof(line), log)) {
		if (dprintf(kmsg, "<6>palette-init: %s", line) < 0)
			break;
	}
	(void)write_attribute(limit, "ratelimit\n");
}

int sysroot_switch(struct early *early, struct fail *why)
{
	const char *init = find_init();
	struct stat st;
	int r;

	if (!init)
		return fail_with(why, ENOENT, "the system has no /sbin/init");
	modules_stop(&early->modules);
	notice_close(&early->notice);
	(void)umount2("/tmp", MNT_DETACH);
	autoclose int old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old_root < 0 || fstat(old_root, &st) < 0)
		return fail_errno(why, errno, "open the initrd's root");
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		char target[64];

		snprintf(target, sizeof(target), SYSROOT "%s", moved[i]);
		r = mount_at(moved[i], target, NULL, MS_MOVE, NULL, why);
		if (r < 0)
			return r;
	}
	if (chdir(SYSROOT) < 0)
		return fail_errno(why, errno, "enter " SYSROOT);
	r = mount_at(".", "/", NULL, MS_MOVE, NULL, why);
	if (r < 0)
		return r;
	if (chroot(".") < 0 || chdir("/") < 0)
		return fail_errno(why, errno, "make " SYSROOT " the root");
	log_info("initrd: done, starting %s", init);
	hand_over_log();
	remove_contents(take_fd(&old_root), st.st_dev);
	child_setup();
	(void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execl(init, init, (char *)NULL);
	return fail_errno(why, errno, "start %s", init);
}
