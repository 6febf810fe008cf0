/* SPDX-License-Identifier: Apache-2.0 */
/* screens_tools.c - a shell, the log on a stick, the CD out of its drive. */
#include "screens_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/console_ask.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "lib/size.h"

#define JOURNAL_BYTES_MAX ((size_t)(16 * MIB)) /* its end is what one looks for */

static int shell_here(struct fail *why)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	pid_t pid;

	/* Ctrl+C in the shell is meant for what runs in it. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		signal(SIGHUP, SIG_DFL);
		execl("/bin/sh", "sh", "-i", (char *)NULL);
		_exit(127);
	}
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return pid < 0 ? fail_errno(why, errno, "start a shell") : 0;
}

int tool_shell(struct ui *ui, bool login, struct fail *why)
{
	const char *console = getenv("PALETTE_CONSOLE_SOCKET");
	struct fail opening = { 0 };
	int r;

	if (console && *console) {
		/* The others keep the screen. */
		r = console_ask(console, login ? "login" : "shell", &opening);
	} else if (login) {
		r = fail_with(&opening, ENOENT, "there is no console to log in on here");
	} else {
		ui->suspend(ui);
		printf("A shell of the installer. \"exit\" goes back to its screens.\n");
		fflush(stdout);
		r = shell_here(&opening);
	}
	if (r == 0)
		return 0;
	log_warn("%s", opening.msg);
	r = ui->message(ui, "shell", "No shell", opening.msg, NULL, why);
	return r < 0 ? r : 0;
}

/* *ret_fd is @device, open since before the first write: its fsync() hears of each that fails. */
static int copy_to(const char *device, const char *path, const char *name, int *ret_fd,
		   struct fail *why)
{
	char to[64];
	const char *const argv[] = { "mcopy", "-o", "-i", device, path, to, NULL };
	autoclose int fd = open(device, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", device);
	snprintf(to, sizeof(to), "::%s", name);
	r = proc_run(argv, NULL, 0, why);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int tool_save_log(const struct disk *disk, const char *path, const char *name, char *ret,
		  size_t size, struct fail *why)
{
	struct dirent **entries = NULL;
	autoclose int fd = -1;
	char dir[300];
	int n, r;

	/* Sticks with a partition table and without: the first file system that takes it. */
	setenv("MTOOLS_SKIP_CHECK", "1", 1);
	r = copy_to(disk->path, path, name, &fd, why);
	if (r == 0)
		snprintf(ret, size, "%s, file %s", disk->path, name);
	snprintf(dir, sizeof(dir), "/sys/block/%s", disk->name);
	n = r == 0 ? 0 : scandir(dir, &entries, NULL, versionsort);
	for (int i = 0; i < n; i++) {
		const char *part = entries[i]->d_name;
		char device[300];

		if (r < 0 && strncmp(part, disk->name, strlen(disk->name)) == 0) {
			snprintf(device, sizeof(device), "/dev/%s", part);
			r = copy_to(device, path, name, &fd, why);
			if (r == 0)
				snprintf(ret, size, "%.100s, file %s", device, name);
		}
		free(entries[i]);
	}
	free(entries);
	if (r < 0)
		return fail_wrap(why, "no FAT file system on %s took it", disk->path);
	if (fsync(fd) < 0)
		return fail_errno(why, errno, "%s did not keep the log", disk->path);
	return 0;
}

/* As text: whoever gets the stick need not have this version's journalctl. */
static void export_journal(const char *sysroot, const char *to)
{
	const char *const argv[] = { "chroot", sysroot,	    "journalctl", "--no-pager", "-q",
				     "-o",     "short-iso", "-n",	  "50000",	NULL };
	autofree char *text = xmalloc(JOURNAL_BYTES_MAX);
	struct fail why = { 0 };

	if (proc_run(argv, text, JOURNAL_BYTES_MAX, &why) < 0)
		snprintf(text, JOURNAL_BYTES_MAX, "%s\n", why.msg);
	if (file_write_atomic(to, text, strlen(text), 0600, &why) < 0)
		log_warn("%s", why.msg);
}

/* By the host's own tar, which can leave something out; busybox's cannot. */
static int pack_with_host(const char *sysroot, const char *archive, struct fail *why)
{
	const char *const argv[] = { "chroot", sysroot, "tar", "-czf", archive,
				     /* the journal is there as text */
				     "--exclude=var/log/journal", "-C", "/", "run/palette/init.log",
				     "run/palette/recovery.log", "run/palette/journal.txt",
				     "var/log", NULL };

	return proc_run(argv, NULL, 0, why);
}

static int pack_own(const char *archive, struct fail *why)
{
	const char *const argv[] = { "tar",
				     "-czf",
				     archive,
				     "-C",
				     "/",
				     "run/palette/init.log",
				     "run/palette/recovery.log",
				     NULL };

	return proc_run(argv, NULL, 0, why);
}

int tool_pack_logs(const char *sysroot, const char *archive, struct fail *why)
{
	static const char journal[] = "/run/palette/journal.txt";
	autofree char *tar = xasprintf("%s/usr/bin/tar", sysroot);
	int r;

	if (access(tar, X_OK) == 0) {
		export_journal(sysroot, journal);
		r = pack_with_host(sysroot, archive, why);
		(void)unlink(journal);
	} else {
		r = pack_own(archive, why);
	}
	return r < 0 ? fail_wrap(why, "pack the logs") : 0;
}

int tool_eject(const char *source, const char *drive, struct fail *why)
{
	autoclose int fd = -1;

	/* The drive refuses while its medium is mounted; a source that is no mount is fine. */
	if (umount2(source, 0) < 0 && errno != EINVAL)
		log_warn("unmount %s: %s", source, strerror(errno));
	fd = open(drive, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", drive);
	/* A virtual machine asks its operator when the tray is locked, and the drive stays full. */
	if (ioctl(fd, CDROM_LOCKDOOR, 0) < 0)
		log_warn("unlock the tray of %s: %s", drive, strerror(errno));
	if (ioctl(fd, CDROMEJECT, 0) < 0)
		return fail_errno(why, errno, "eject the medium in %s", drive);
	log_info("ejected the medium in %s", drive);
	return 0;
}
