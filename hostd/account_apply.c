/* SPDX-License-Identifier: Apache-2.0 */
/* Changing accounts: useradd, usermod, chpasswd; authorized_keys. Runs in jobs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "accounts.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "refuse.h"

/* In the GECOS field until the account is whole: what carries it may be made anew. */
#define UNFINISHED "palette unfinished"
#define FINISHED   "Palette Edge administrator"
#define LOCK	   "/run/palette-hostd/accounts.lock"
#define KEYS_BYTES ((size_t)256 * 1024)

/* The tools write each of their files anew, and a home; on a full disk they "cannot lock" one. */
#define ROOM_BYTES (UINT64_C(512) * 1024)

static const char groups[] = SITE_ADMIN_GROUP ",sudo";

/* The shadow tools take "--prefix DIR" first; without a root the two words are left out. */
static int run(const struct site *site, const char *tool, const char *const args[], size_t n_args,
	       const char *input, struct fail *why)
{
	const char *argv[16] = { tool };
	size_t n = 1;

	if (*site->root) {
		argv[n++] = "--prefix";
		argv[n++] = site->root;
	}
	for (size_t i = 0; i < n_args && n < ARRAY_SIZE(argv) - 1; i++)
		argv[n++] = args[i];
	if (!input)
		return proc_run(argv, NULL, 0, why);
	return proc_run_input(argv, input, strlen(input), NULL, 0, why);
}

#define RUN(site, why, input, tool, ...)                                                           \
	run(site, tool, (const char *const[]){ __VA_ARGS__ },                                      \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), input, why)

static int check_room(const struct site *site, struct fail *why)
{
	struct site_path etc = site_path(site, "/etc");
	struct statvfs fs;
	uint64_t free_bytes;

	if (statvfs(etc.s, &fs) < 0)
		return fail_errno(why, errno, "look for room in %s", etc.s);
	free_bytes = (uint64_t)fs.f_bfree * fs.f_frsize;
	if (free_bytes >= ROOM_BYTES && (fs.f_files == 0 || fs.f_ffree > 0))
		return 0;
	return fail_errno(why, ENOSPC, "%s has %ju KiB free, %ju are needed", etc.s,
			  (uintmax_t)free_bytes / 1024, (uintmax_t)ROOM_BYTES / 1024);
}

/* @line of passwd, up to its end or that of the text. */
static bool is_unfinished(const char *line)
{
	static const char mark[] = ":" UNFINISHED ":";

	return memmem(line, strcspn(line, "\n"), mark, sizeof(mark) - 1) != NULL;
}

bool account_is_unfinished(const struct site *site, const char *user)
{
	autofree char *passwd = NULL;
	char start[USER_NAME_MAX + 8];
	int n = snprintf(start, sizeof(start), "%s:", user);

	if (site_read(site, "/etc/passwd", &passwd, NULL) < 0)
		return false;
	for (char *line = passwd; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		if (strncmp(line, start, (size_t)n) == 0)
			return is_unfinished(line);
	return false;
}

int account_set_hash(const struct site *site, const char *user, const char *hash, struct fail *why)
{
	char line[USER_NAME_MAX + 512];
	int r = check_room(site, why);

	if (r < 0)
		return fail_wrap(why, "set the password of %s", user);
	snprintf(line, sizeof(line), "%s:%s\n", user, hash);
	r = RUN(site, why, line, "chpasswd", "-e");
	explicit_bzero(line, sizeof(line));
	return r < 0 ? fail_wrap(why, "set the password of %s", user) : 0;
}

static int finish_account(const struct site *site, const char *user, struct fail *why)
{
	return RUN(site, why, NULL, "usermod", "-c", FINISHED, user);
}

static int make_account(const struct site *site, const char *user, const char *hash,
			struct fail *why)
{
	int r = check_room(site, why);

	if (r < 0)
		return r;
	/* sysusers.d makes it at boot; a site without that still gets an administrator. */
	r = RUN(site, why, NULL, "groupadd", "-f", "-r", SITE_ADMIN_GROUP);
	if (r == 0)
		r = RUN(site, why, NULL, "useradd", "-m", "-U", "-s", "/bin/bash", "-c", UNFINISHED,
			user);
	if (r == 0)
		r = account_set_hash(site, user, hash, why);
	/* The groups, one file, make it an administrator; passwd is another file: only then the mark goes. */
	if (r == 0)
		r = RUN(site, why, NULL, "usermod", "-a", "-G", groups, user);
	if (r == 0)
		r = finish_account(site, user, why);
	return r;
}

static int finish_admins(const struct site *site, struct fail *why)
{
	struct account admins[ACCOUNTS_MAX];
	size_t n = account_admins(site, admins);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (account_is_unfinished(site, admins[i].user))
			r = finish_account(site, admins[i].user, why);
	return r;
}

/* No administrator: a login with a password that no screen shows, under whatever name. */
static int remove_unfinished(const struct site *site, struct fail *why)
{
	autofree char *passwd = NULL;
	char *save = NULL;
	int r = site_read(site, "/etc/passwd", &passwd, why);

	if (r < 0)
		return r;
	for (char *line = strtok_r(passwd, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *end = strchr(line, ':');

		if (!end || !is_unfinished(end))
			continue;
		*end = '\0';
		if (!account_is_admin(site, line) &&
		    RUN(site, why, NULL, "userdel", "-r", line) < 0)
			r = fail_wrap(why, "remove the unfinished account %s", line);
	}
	return r;
}

int account_repair(const struct site *site, struct fail *why)
{
	/* Not one that is being made at this moment. */
	autoclose int lock = site_lock(site, LOCK, why);
	int r = lock < 0 ? lock : finish_admins(site, why);

	return r < 0 ? r : remove_unfinished(site, why);
}

int account_create_first(const struct site *site, const char *user, const char *hash,
			 struct fail *why)
{
	autoclose int lock = site_lock(site, LOCK, why);
	struct fail ignored = { 0 };
	int r;

	if (lock < 0)
		return lock;
	if (account_admins(site, NULL) > 0)
		return fail_with(why, EEXIST, "there is an administrator already; log in");
	(void)remove_unfinished(site, &ignored);
	r = account_check_free(site, user, why);
	if (r < 0)
		return r;
	r = make_account(site, user, hash, why);
	if (r == 0)
		return 0;
	(void)remove_unfinished(site, &ignored);
	return fail_wrap(why, "create the account %s", user);
}

/* Opens ~/.ssh without following a symlink anywhere below the home directory's parent. */
static int open_ssh_directory(const struct site *site, const struct account *account, bool make,
			      struct fail *why)
{
	struct site_path home = site_path(site, account->home);
	autoclose int home_fd = open(home.s, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd;

	if (home_fd < 0)
		return fail_errno(why, errno, "open %s", home.s);
	if (make && mkdirat(home_fd, ".ssh", 0700) == 0 &&
	    fchownat(home_fd, ".ssh", account->uid, account->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_errno(why, errno, "give %s/.ssh to %s", home.s, account->user);
	fd = openat(home_fd, ".ssh", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? fail_errno(why, errno, "open %s/.ssh", home.s) : fd;
}

int account_set_ssh_keys(const struct site *site, const struct account *account, const char *text,
			 struct fail *why)
{
	autoclose int dir = open_ssh_directory(site, account, true, why);
	autoclose int fd = -1;
	int r = 0;

	if (dir < 0)
		return dir;
	(void)unlinkat(dir, "authorized_keys.palette", 0);
	fd = openat(dir, "authorized_keys.palette",
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(why, errno, "write the SSH keys of %s", account->user);
	r = file_write_all(fd, text, strlen(text), 0);
	if (r == 0 && (fchown(fd, account->uid, account->gid) < 0 || fsync(fd) < 0 ||
		       renameat(dir, "authorized_keys.palette", dir, "authorized_keys") < 0 ||
		       fsync(dir) < 0))
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, "authorized_keys.palette", 0);
	return r < 0 ? fail_errno(why, -r, "write the SSH keys of %s", account->user) : 0;
}

int account_get_ssh_keys(const struct site *site, const struct account *account, char **ret,
			 struct fail *why)
{
	autoclose int dir = -1;
	autoclose int fd = -1;
	autofree char *text = calloc(1, KEYS_BYTES + 1);
	struct fail ours = { 0 };
	ssize_t n = 0;

	if (!text)
		return fail_errno(why, ENOMEM, "read the SSH keys of %s", account->user);
	dir = open_ssh_directory(site, account, false, &ours);
	if (dir >= 0)
		fd = openat(dir, "authorized_keys", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		n = pread(fd, text, KEYS_BYTES, 0);
	if (n < 0)
		return fail_errno(why, errno, "read the SSH keys of %s", account->user);
	*ret = take_ptr(text);
	return 0;
}
