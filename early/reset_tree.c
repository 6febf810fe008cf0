/* SPDX-License-Identifier: Apache-2.0 */
#include "reset_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "reset_keep.h"

#define PATH_BYTES 1024

/* NULL: there is none, or it cannot be read (errno). Links are not followed. */
static DIR *open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static const char *next_name(DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return entry->d_name;
	}
	return NULL;
}

/* "a/b" of "a" and "b"; false: longer than any path of ours. */
static bool join(char buf[PATH_BYTES], const char *dir, const char *name)
{
	int n = snprintf(buf, PATH_BYTES, "%s%s%s", dir, *dir ? "/" : "", name);

	return n > 0 && n < PATH_BYTES;
}

/* What cannot be deleted takes its own room alone: all the rest goes. */
static void prune_below(const char *old, const char *dir)
{
	char path[PATH_BYTES], below[PATH_BYTES];
	const char *const remove[] = { "rm", "-rf", path, NULL };
	autoclosedir DIR *handle = NULL;
	struct fail why;
	const char *name;

	if (!join(path, old, dir))
		return;
	handle = open_dir(path);
	while (handle && (name = next_name(handle))) {
		if (!join(below, dir, name) || !join(path, old, below))
			continue;
		switch (reset_keep(below)) {
		case KEEP_NOTHING:
			if (proc_run(remove, NULL, 0, &why) < 0)
				log_warn("factory reset: %s", why.msg);
			break;
		case KEEP_BELOW:
			prune_below(old, below);
			break;
		case KEEP_ALL:
			break;
		}
	}
}

void reset_tree_prune(const char *old)
{
	prune_below(old, "");
}

/* A folder like @from, with its owner and mode; one that is there gets them. */
static int make_like(const char *from, const char *to, struct fail *why)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return fail_errno(why, errno, "look at %s", from);
	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		return fail_errno(why, errno, "make directory %s", to);
	if (lchown(to, st.st_uid, st.st_gid) < 0 || chmod(to, st.st_mode & 07777) < 0)
		return fail_errno(why, errno, "give %s its owner", to);
	return 0;
}

static int make_home(const char *from, const char *to, const char *image, struct fail *why)
{
	char skeleton[PATH_BYTES], owner[48];
	const char *const copy[] = { "cp", "-a", skeleton, to, NULL };
	const char *const own[] = { "chown", "-R", owner, to, NULL };
	struct stat st;
	int r = make_like(from, to, why);

	if (r < 0)
		return r;
	if (lstat(from, &st) < 0)
		return fail_errno(why, errno, "look at %s", from);
	snprintf(owner, sizeof(owner), "%u:%u", (unsigned)st.st_uid, (unsigned)st.st_gid);
	/* With "/." cp takes what is in it, and its mode for the home's: that is set again. */
	snprintf(skeleton, sizeof(skeleton), "%s/etc/skel/.", image);
	if (access(skeleton, F_OK) == 0)
		r = proc_run(copy, NULL, 0, why);
	if (r == 0)
		r = proc_run(own, NULL, 0, why);
	return r < 0 ? r : make_like(from, to, why);
}

int reset_tree_make_homes(const char *old, const char *made, const char *image, struct fail *why)
{
	char homes[PATH_BYTES], from[PATH_BYTES], to[PATH_BYTES];
	autoclosedir DIR *handle = NULL;
	const char *name;
	struct stat st;
	int r = 0;

	snprintf(homes, sizeof(homes), "%s/home", old);
	handle = open_dir(homes);
	while (handle && r == 0 && (name = next_name(handle))) {
		int n = snprintf(to, sizeof(to), "%s/home/%s", made, name);

		if (n < PATH_BYTES && join(from, homes, name) && lstat(from, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			r = make_home(from, to, image, why);
	}
	return r;
}

static int keep_below(const char *old, const char *made, const char *dir, struct reset_lost *lost,
		      struct fail *why);

static int keep_one(const char *old, const char *made, const char *path, struct reset_lost *lost,
		    struct fail *why)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	enum reset_keep keep = reset_keep(path);
	struct stat st;
	int r;

	if (keep == KEEP_NOTHING)
		return 0;
	if (!join(from, old, path) || !join(to, made, path))
		return fail_with(why, ENAMETOOLONG, "%s is too long a path", path);
	if (lstat(from, &st) < 0)
		return fail_errno(why, errno, "look at %s", from);
	if (S_ISDIR(st.st_mode)) {
		r = make_like(from, to, why);
		return r < 0 ? r : keep_below(old, made, path, lost, why);
	}
	if (keep == KEEP_BELOW)
		return 0; /* a file or a link where a folder should be: not ours */
	if (unlink(to) < 0 && errno != ENOENT)
		return fail_errno(why, errno, "replace %s", to);
	if (link(from, to) < 0)
		return fail_errno(why, errno, "keep %s", path);
	return 0;
}

/* One that cannot be kept does not stop the others: a machine that never starts again is worse. */
static int keep_below(const char *old, const char *made, const char *dir, struct reset_lost *lost,
		      struct fail *why)
{
	char path[PATH_BYTES];
	autoclosedir DIR *handle = NULL;
	struct fail keeping;
	const char *name;

	if (!join(path, old, dir))
		return fail_with(why, ENAMETOOLONG, "%s is too long a path", dir);
	handle = open_dir(path);
	if (!handle)
		return fail_errno(why, errno, "open directory %s", path);
	while ((name = next_name(handle))) {
		if (!join(path, dir, name))
			(void)fail_with(&keeping, ENAMETOOLONG, "%s/%s is too long a path", dir,
					name);
		else if (keep_one(old, made, path, lost, &keeping) == 0)
			continue;
		/* No room is for everything alike, and passes. */
		if (keeping.code == ENOSPC || keeping.code == EROFS)
			return fail_with(why, keeping.code, "%s", keeping.msg);
		log_error("factory reset: %s", keeping.msg);
		if (lost->n++ == 0)
			snprintf(lost->first, sizeof(lost->first), "%.200s", keeping.msg);
	}
	return 0;
}

int reset_tree_keep(const char *old, const char *made, struct reset_lost *lost, struct fail *why)
{
	return keep_below(old, made, "", lost, why);
}
