/* SPDX-License-Identifier: Apache-2.0 */
/* A follower: from files that have come to content, and what has to go with the leader's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "content_store.h"
#include "content_sync.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "content_manifest.h"

int content_open_plain(const struct site *site, const char *path, struct stat *st)
{
	int fd = open(site_path(site, path).s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		return -EINVAL;
	}
	return fd < 0 ? -errno : fd;
}

void content_mark_damaged(struct content_sync *ret, int fd, const char *digest)
{
	static const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
						 { .tv_sec = CONTENT_DAMAGED_S } };

	(void)futimens(fd, times);
	if (ret->n_damaged < CONTENT_DAMAGED_MAX)
		snprintf(ret->damaged[ret->n_damaged++], CONTENT_DIGEST_BYTES, "%s", digest);
}

/* Read once is enough: what Syncthing puts in its place has another time. */
static bool is_damaged(const struct stat *st)
{
	return st->st_mtim.tv_sec == CONTENT_DAMAGED_S && st->st_mtim.tv_nsec == 0;
}

/*
 * The manifest that is here, where it is @wanted: how many rows. -ENOENT: there is none, or another one.
 * Syncthing does not flush it: after a power cut it may have its size and no bytes, and is fetched again.
 */
static int read_manifest(const struct site *site, const char *wanted, struct content_entry *rows,
			 struct content_sync *ret, struct fail *why)
{
	struct stat st = { 0 };
	autoclose int fd = content_open_plain(site, CONTENT_SYNC_MANIFEST, &st);
	char digest[CONTENT_DIGEST_BYTES];
	autofree char *text = NULL;
	bool is_text;
	int n;

	if (fd < 0 || (uint64_t)st.st_size > MANIFEST_BYTES_MAX || is_damaged(&st))
		return fail_with(why, ENOENT, "there is no manifest");
	text = calloc(1, (size_t)st.st_size + 1);
	if (!text)
		return fail_errno(why, ENOMEM, "read the manifest");
	if (file_read_all(fd, text, (size_t)st.st_size, 0) < 0)
		return fail_errno(why, EIO, "read the manifest");
	content_digest_text(text, (size_t)st.st_size, digest);
	is_text = strlen(text) == (size_t)st.st_size;
	n = content_manifest_read(text, rows, CONTENT_FILES_MAX, why);
	if (strcmp(digest, wanted) == 0)
		return n;
	if (n < 0 || !is_text)
		content_mark_damaged(ret, fd, "manifest");
	return fail_with(why, ENOENT, "another manifest is here");
}

/* Nobody may write into it any more, also not who has it open: the kernel gives a lease only then. */
static bool take_over(int fd)
{
	if (fchown(fd, 0, 0) < 0 || fchmod(fd, 0644) < 0)
		return false;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && (errno == EAGAIN || errno == EBUSY))
		return false;
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return true;
}

int content_drop_listed(const struct site *site, const char *name, struct fail *why)
{
	char path[320];
	int r;

	snprintf(path, sizeof(path), CONTENT_FILES "/%s", name);
	r = site_remove(site, path, why);
	snprintf(path, sizeof(path), CONTENT_META "/%s.conf", name);
	return r < 0 ? r : site_remove(site, path, why);
}

/*
 * Takes what is listed by that name away first: a record must never stand beside another file. Before
 * that, the file that was read gets a name of its own, whatever has its name in the folder by now: it may
 * have none any more, and then what is listed stays.
 */
static int publish(const struct site *site, int fd, const struct content_entry *entry,
		   struct fail *why)
{
	struct site_path to = site_pathf(site, CONTENT_FILES "/%s", entry->name);
	struct site_path beside = site_path(site, CONTENT_BESIDE);
	char self[32];
	int r;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	(void)unlink(beside.s);
	if (linkat(AT_FDCWD, self, AT_FDCWD, beside.s, AT_SYMLINK_FOLLOW) < 0)
		return fail_errno(why, errno, "put \"%.*s\" among the content",
				  SHOWN_NAME(entry->name));
	r = content_drop_listed(site, entry->name, why);
	if (r >= 0)
		r = content_write_record(site, entry, why);
	if (r >= 0 && rename(beside.s, to.s) < 0)
		r = fail_errno(why, errno, "put \"%.*s\" among the content",
			       SHOWN_NAME(entry->name));
	if (r < 0) {
		(void)unlink(beside.s);
		return r;
	}
	return content_flush_directory(site, CONTENT_FILES, why);
}

static bool is_content(const struct site *site, const struct content_entry *entry,
		       struct content_entry *there)
{
	return content_find(site, entry->name, there, NULL) == 0 && !there->damaged &&
	       strcmp(there->sha256, entry->sha256) == 0;
}

struct follow {
	const struct site *site;
	struct content_sync *ret;
	const struct content_role *role;
};

/* The kernel tells once of a write that failed: a second look would find all well. */
static int drop_unwritten(const struct follow *f, int fd, const char *path,
			  const struct content_entry *entry)
{
	log_warn("content: the disk did not take \"%s\": %s; it is fetched again", entry->name,
		 strerror(errno));
	content_mark_damaged(f->ret, fd, entry->sha256);
	(void)unlink(site_path(f->site, path).s);
	f->ret->missing_bytes += entry->size_bytes;
	return 0;
}

/* Reading takes long: this host may have been unlinked meanwhile, or have another leader. */
static int lock_as_follower(const struct follow *f, struct fail *why)
{
	autoclose int lock = content_lock(f->site, why);

	if (lock >= 0 && !content_role_is(f->site, f->role))
		return fail_with(why, CONTENT_NOT_FOUND, "this host is not linked to %s any more",
				 f->role->leader);
	return take_fd(&lock);
}

/* 1: it is content now, 0: not yet. */
static int take_in(const struct follow *f, struct content_entry *entry, struct fail *why)
{
	char path[128], digest[CONTENT_DIGEST_BYTES];
	struct content_entry there;
	autoclose int lock = -1;
	struct stat st = { 0 };
	int r;

	snprintf(path, sizeof(path), CONTENT_SYNC "/%s", entry->sha256);
	autoclose int fd = content_open_plain(f->site, path, &st);
	if (fd < 0 || (uint64_t)st.st_size != entry->size_bytes || is_damaged(&st)) {
		f->ret->missing_bytes += entry->size_bytes;
		return 0;
	}
	if (!take_over(fd))
		return 0;
	r = content_digest(fd, digest, why);
	if (r < 0)
		return r;
	if (strcmp(digest, entry->sha256) != 0) {
		log_warn("content: \"%s\" is damaged and fetched again", entry->name);
		content_mark_damaged(f->ret, fd, entry->sha256);
		f->ret->missing_bytes += entry->size_bytes;
		return 0;
	}
	if (fsync(fd) < 0)
		return drop_unwritten(f, fd, path, entry);
	entry->checked_s = (uint64_t)time(NULL);
	snprintf(entry->leader, sizeof(entry->leader), "%s", f->role->leader);
	lock = lock_as_follower(f, why);
	/* Another check may have been faster. */
	if (lock >= 0 && is_content(f->site, entry, &there))
		return 1;
	r = lock < 0 ? lock : publish(f->site, fd, entry, why);
	f->ret->changed = true;
	return r < 0 ? r : 1;
}

/* This host was linked before, to this leader or to one with the same file. */
static int adopt(const struct follow *f, struct content_entry *there, struct fail *why)
{
	autoclose int lock = lock_as_follower(f, why);
	int r;

	snprintf(there->leader, sizeof(there->leader), "%s", f->role->leader);
	f->ret->changed = true;
	r = lock < 0 ? lock : content_write_record(f->site, there, why);

	return r < 0 ? r : 1;
}

static int look_at(const struct follow *f, struct content_entry *entry, struct fail *why)
{
	struct content_entry there;
	int r = 1;

	f->ret->files++;
	f->ret->total_bytes += entry->size_bytes;
	if (!is_content(f->site, entry, &there))
		r = take_in(f, entry, why);
	else if (strcmp(there.origin, "leader") == 0 && !there.leader[0])
		r = adopt(f, &there, why);
	if (r > 0) {
		f->ret->verified++;
		f->ret->verified_bytes += entry->size_bytes;
	}
	return r < 0 ? r : 0;
}

static bool is_wanted(const struct content_entry *rows, int n, const struct content_entry *of)
{
	for (int i = 0; i < n; i++)
		if (strcmp(rows[i].name, of->name) == 0)
			return strcmp(rows[i].sha256, of->sha256) == 0;
	return false;
}

/* What came from a leader goes with it; what was this host's own before stays. */
static int drop_removed(const struct follow *f, const struct content_entry *wanted, int n_wanted,
			struct fail *why)
{
	autofree struct content_entry *rows = NULL;
	autoclose int lock = lock_as_follower(f, why);
	int n = lock < 0 ? lock : content_list(f->site, &rows, NULL, why), r = n;

	for (int i = 0; r >= 0 && i < n; i++) {
		/* No name: it came from a leader that this host was unlinked from. */
		if (!rows[i].leader[0] || is_wanted(wanted, n_wanted, &rows[i]))
			continue;
		log_info("content: \"%s\" was removed on the leader", rows[i].name);
		r = content_drop_listed(f->site, rows[i].name, why);
		f->ret->changed = true;
	}
	return r < 0 ? r : 0;
}

/* What Syncthing has of a file that is under way takes no more room. */
static uint64_t under_way(const struct site *site)
{
	autoclosedir DIR *dir = opendir(site_path(site, CONTENT_SYNC).s);
	const struct dirent *entry;
	uint64_t bytes = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		struct stat st;

		if (strncmp(entry->d_name, ".syncthing.", 11) == 0 &&
		    lstat(site_pathf(site, CONTENT_SYNC "/%s", entry->d_name).s, &st) == 0)
			bytes += (uint64_t)st.st_blocks * 512;
	}
	return bytes;
}

static int count_room(const struct site *site, struct content_sync *ret, struct fail *why)
{
	uint64_t there = under_way(site), missing = ret->missing_bytes;
	struct content_space space = { 0 };
	int r = content_space(site, &space, why);

	ret->missing_bytes = missing > there ? missing - there : 0;
	ret->room_bytes = space.available_bytes;
	if (r == 0 && ret->missing_bytes > ret->room_bytes)
		snprintf(ret->trouble, sizeof(ret->trouble),
			 "the disk is full: %" PRIu64 " MB are needed, %" PRIu64
			 " MB are free for content; delete content on the leader or other files "
			 "on the follower, or give it a larger disk",
			 ret->missing_bytes / 1000000 + 1, ret->room_bytes / 1000000);
	return r;
}

int content_follow(const struct site *site, const struct content_role *role, const char *manifest,
		   struct content_sync *ret, struct fail *why)
{
	struct follow f = { site, ret, role };
	autofree struct content_entry *rows = NULL;
	int n, r;

	rows = calloc(CONTENT_FILES_MAX, sizeof(*rows));
	if (!rows)
		return fail_errno(why, ENOMEM, "read the manifest");
	n = read_manifest(site, manifest, rows, ret, why);
	if (n == -ENOENT) {
		/* On a full disk there is no room for the list either. */
		ret->missing_bytes = 1;
		return count_room(site, ret, why);
	}
	/* Said only of one that was looked at: "all of no files" must not be read as all. */
	if (n >= 0)
		snprintf(ret->manifest, sizeof(ret->manifest), "%s", manifest);
	r = n < 0 ? n : drop_removed(&f, rows, n, why);
	for (int i = 0; r >= 0 && i < n; i++)
		r = look_at(&f, &rows[i], why);
	return r < 0 ? r : count_room(site, ret, why);
}
