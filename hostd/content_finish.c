/* SPDX-License-Identifier: Apache-2.0 */
/* From an upload to content, and the store's order after a cut. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "content_digest.h"
#include "content_store.h"
#include "content_sync.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "refuse.h"

#define CLOSE_TRIES    40
#define CLOSE_TRIES_US 50000
#define RECORD_ENDING  ".conf"
#define TRIMMED	       "/run/palette-hostd/content-trimmed" /* since the boot */
#define TRIM_BYTES     ((off_t)1024 * 1024)

int content_lock(const struct site *site, struct fail *why)
{
	return site_lock(site, CONTENT_DIR "/lock", why);
}

int content_no_upload(struct fail *why)
{
	return fail_with(why, CONTENT_NOT_FOUND,
			 "there is no such upload: it was finished, cancelled or given up");
}

int content_claim(const struct site *site, const char *id, struct fail *why)
{
	struct site_path path = site_pathf(site, CONTENT_PARTIAL "/%s", id);
	autoclose int fd = open(path.s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return content_no_upload(why);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", path.s);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return fail_with(why, EBUSY, "this upload is being verified; try again");
	/* The kernel leases a file for reading only where nobody has it open for writing. */
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && (errno == EAGAIN || errno == EBUSY))
		return fail_with(
			why, EBUSY,
			"somebody is still sending this file; try again when that has ended");
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return take_fd(&fd);
}

/* A sender's last close may be a moment behind its call. */
static int claim_patiently(const struct site *site, const char *id, struct fail *why)
{
	int fd = -EBUSY;

	for (int i = 0; fd == -EBUSY && i < CLOSE_TRIES; i++) {
		if (i)
			usleep(CLOSE_TRIES_US);
		fd = content_claim(site, id, why);
	}
	return fd;
}

int content_drop_upload(const struct site *site, const char *id, struct fail *why)
{
	char path[80];
	int r;

	snprintf(path, sizeof(path), CONTENT_PARTIAL "/%s", id);
	r = site_remove(site, path, why);
	snprintf(path, sizeof(path), CONTENT_PARTIAL "/%s" RECORD_ENDING, id);
	return r < 0 ? r : site_remove(site, path, why);
}

int content_digest(int fd, char digest[CONTENT_DIGEST_BYTES], struct fail *why)
{
	uint64_t bytes;
	int r;

	/* The disk writes while the processor sums. */
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	r = content_digest_fd(fd, digest, &bytes);
	if (r == -ENOMEM)
		return fail_errno(why, ENOMEM, "verify a file");
	return r < 0 ? fail_errno(why, -r, "read the file again") : 0;
}

/* @entry gets the digest where it had none. */
static int verify(const struct site *site, int fd, const char *id, struct content_entry *entry,
		  struct fail *why)
{
	char digest[CONTENT_DIGEST_BYTES];
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return fail_errno(why, errno, "look at the upload");
	if ((uint64_t)st.st_size < entry->size_bytes)
		return refuse(why, FIELD_CONTENT, NULL,
			      "%jd of %" PRIu64 " bytes are there; send the rest",
			      (intmax_t)st.st_size, entry->size_bytes);
	if ((uint64_t)st.st_size > entry->size_bytes) {
		(void)content_drop_upload(site, id, NULL);
		return refuse(why, FIELD_SIZE, NULL,
			      "%jd bytes came and %" PRIu64 " were announced; upload it again",
			      (intmax_t)st.st_size, entry->size_bytes);
	}
	r = content_digest(fd, digest, why);
	if (r < 0)
		return r;
	if (entry->sha256[0] && strcmp(entry->sha256, digest) != 0) {
		(void)content_drop_upload(site, id, NULL);
		return refuse(why, FIELD_SHA256, NULL,
			      "what came has %s, announced was %s; upload it again", digest,
			      entry->sha256);
	}
	/* The kernel tells once of a write that failed: a second try would find all well. */
	if (fsync(fd) < 0) {
		r = errno;
		(void)content_drop_upload(site, id, NULL);
		return fail_with(why, r, "the disk did not take it (%s); upload it again",
				 strerror(r));
	}
	memcpy(entry->sha256, digest, sizeof(digest));
	return 0;
}

int content_flush_directory(const struct site *site, const char *path, struct fail *why)
{
	autoclose int fd = open(site_path(site, path).s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? fail_errno(why, errno, "flush %s", path) : 0;
}

/* The record, flushed; then the file by rename, flushed; the upload's record is of no use then. */
static int publish(const struct site *site, int fd, const char *id, struct content_entry *entry,
		   struct fail *why)
{
	struct site_path from = site_pathf(site, CONTENT_PARTIAL "/%s", id);
	struct site_path to = site_pathf(site, CONTENT_FILES "/%s", entry->name);
	char record[CONTENT_RECORD_BYTES], path[320];
	autoclose int lock = content_lock(site, why);
	struct content_entry there;
	int r;

	if (lock < 0)
		return lock;
	r = content_find(site, entry->name, &there, why);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		return fail_with(why, CONTENT_EXISTS, "there is \"%.*s\" already; delete it first",
				 SHOWN_NAME(entry->name));
	if (fchmod(fd, 0644) < 0)
		return fail_errno(why, errno, "open %s to readers", from.s);
	snprintf(path, sizeof(path), CONTENT_META "/%s" RECORD_ENDING, entry->name);
	r = site_write(site, path, record, content_record(entry, record), 0644, why);
	if (r < 0)
		return r;
	if (rename(from.s, to.s) < 0)
		return errno == ENOENT ? content_no_upload(why)
				       : fail_errno(why, errno, "move %s to %s", from.s, to.s);
	r = content_flush_directory(site, CONTENT_FILES, why);
	if (r == 0)
		r = content_flush_directory(site, CONTENT_PARTIAL, why);
	if (r == 0)
		r = content_drop_upload(site, id, why);
	if (r < 0)
		return r;
	content_sync_refresh(site);
	return 0;
}

int content_finish(const struct site *site, const char *id, struct content_entry *ret,
		   struct fail *why)
{
	struct content_upload upload;
	autoclose int fd = -1;
	int r;

	r = content_find_upload(site, id, &upload, why);
	if (r == 0)
		r = content_role_allows_change(site, why);
	if (r < 0)
		return r;
	*ret = upload.entry;
	ret->added_s = (uint64_t)time(NULL);
	fd = claim_patiently(site, id, why);
	if (fd < 0)
		return fd;
	r = verify(site, fd, id, ret, why);
	return r < 0 ? r : publish(site, fd, id, ret, why);
}

/*
 * A file system gives a file its size before its bytes are on the disk: after a power cut the end may
 * read as zeros. What was written without a gap, and a step less, is there; without a digest nobody
 * would find a gap. Times stay: how long an upload is kept counts from its last byte.
 */
static int trim(const struct site *site, const struct content_upload *upload, struct fail *why)
{
	struct site_path path = site_pathf(site, CONTENT_PARTIAL "/%s", upload->id);
	autoclose int claim = content_claim(site, upload->id, why);
	autoclose int fd = claim < 0 ? -1 : open(path.s, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	off_t written, keep = 0;
	struct stat st;

	if (claim < 0)
		return claim;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(why, errno, "open %s", path.s);
	if (st.st_size == 0)
		return 0;
	written = lseek(fd, 0, SEEK_HOLE);
	if (written < 0)
		return fail_errno(why, errno, "look for gaps in %s", path.s);
	if (upload->entry.sha256[0] && written > TRIM_BYTES)
		keep = (written - TRIM_BYTES) / TRIM_BYTES * TRIM_BYTES;
	log_info("content: \"%s\" goes on at %jd of %jd bytes after the start", upload->entry.name,
		 (intmax_t)keep, (intmax_t)st.st_size);
	/* The room that was promised goes with the rest. */
	if (ftruncate(fd, keep) < 0 ||
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)upload->entry.size_bytes) < 0 ||
	    futimens(fd, (const struct timespec[]){ st.st_atim, st.st_mtim }) < 0)
		return fail_errno(why, errno, "shorten %s", path.s);
	return 0;
}

void content_trim_uploads(const struct site *site)
{
	struct content_upload uploads[CONTENT_UPLOADS_MAX];
	struct fail why = { 0 };
	size_t n;

	if (access(site_path(site, TRIMMED).s, F_OK) == 0)
		return;
	n = content_uploads(site, uploads);
	for (size_t i = 0; i < n; i++)
		if (trim(site, &uploads[i], &why) < 0)
			log_warn("content: %s", why.msg);
	if (site_write(site, TRIMMED, "", 0, 0600, &why) < 0)
		log_warn("content: %s", why.msg);
}

/* Removes what @keep does not want of a directory. */
static void sweep(const struct site *site, const char *path, uint64_t now_s,
		  bool (*keep)(const struct site *site, const char *name, uint64_t now_s))
{
	autoclosedir DIR *dir = opendir(site_path(site, path).s);
	const struct dirent *entry;
	struct fail why = { 0 };

	while (dir && (entry = readdir(dir)) != NULL) {
		char full[400];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    keep(site, entry->d_name, now_s))
			continue;
		snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
		log_info("content: removes %s", full);
		if (site_remove(site, full, &why) < 0)
			log_warn("content: %s", why.msg);
	}
}

/* The name before ".conf"; "" where it does not end so. */
static void without_ending(const char *name, char *buf, size_t size)
{
	size_t n = strlen(name), ending = strlen(RECORD_ENDING);

	buf[0] = '\0';
	if (n > ending && n - ending < size && strcmp(name + n - ending, RECORD_ENDING) == 0)
		snprintf(buf, size, "%.*s", (int)(n - ending), name);
}

static bool keep_record(const struct site *site, const char *name, uint64_t now_s)
{
	char of[CONTENT_NAME_MAX + 1];

	(void)now_s;
	without_ending(name, of, sizeof(of));
	/* What the disk cannot say is no reason to remove anything. */
	return of[0] &&
	       (access(site_pathf(site, CONTENT_FILES "/%s", of).s, F_OK) == 0 || errno != ENOENT);
}

static bool keep_upload(const struct site *site, const char *name, uint64_t now_s)
{
	struct content_upload upload;
	struct fail ours = { 0 };
	char id[CONTENT_NAME_MAX + 1];
	int fd, r;

	without_ending(name, id, sizeof(id));
	r = content_find_upload(site, id[0] ? id : name, &upload, NULL);
	if (r < 0)
		return r != -CONTENT_NOT_FOUND && r != -EBADMSG;
	/* A clock that was set back must not drop anything. */
	if (upload.changed_s > now_s || now_s - upload.changed_s < CONTENT_UPLOAD_SECONDS)
		return true;
	fd = content_claim(site, upload.id, &ours);
	if (fd >= 0)
		close(fd);
	return fd == -EBUSY;
}

int content_tidy(const struct site *site, uint64_t now_s, struct fail *why)
{
	static const char *const directories[] = { CONTENT_DIR, CONTENT_FILES, CONTENT_META,
						   CONTENT_PARTIAL };
	autoclose int lock = -1;

	(void)mkdir(site_path(site, "/srv").s, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		struct site_path path = site_path(site, directories[i]);

		if (mkdir(path.s, strcmp(directories[i], CONTENT_PARTIAL) == 0 ? 0700 : 0755) < 0 &&
		    errno != EEXIST)
			return fail_errno(why, errno, "make directory %s", path.s);
	}
	lock = content_lock(site, why);
	if (lock < 0)
		return lock;
	(void)unlink(site_path(site, CONTENT_BESIDE).s);
	sweep(site, CONTENT_META, now_s, keep_record);
	sweep(site, CONTENT_PARTIAL, now_s, keep_upload);
	content_sync_refresh(site);
	return 0;
}
