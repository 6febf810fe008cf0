/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the store, and its changes that are short: begin, cancel, delete. */
#include "content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "content_store.h"
#include "content_sync.h"
#include "lib/cleanup.h"

/* -ENOENT: there is none; -EBADMSG: it is damaged. */
static int read_record(const struct site *site, const char *path, struct content_entry *ret,
		       struct fail *why)
{
	autofree char *text = NULL;
	int r = site_read(site, path, &text, why);

	if (r < 0)
		return r;
	if (!*text)
		return fail_with(why, ENOENT, "there is no %s", path);
	if (!content_read_record(text, ret))
		return fail_with(why, EBADMSG, "%s is damaged", path);
	return 0;
}

/* -ENOENT: there is no plain file. */
static int check_file(const struct site_path *path, uint64_t *ret_bytes, uint64_t *ret_changed_s,
		      struct fail *why)
{
	struct stat st;

	if (lstat(path->s, &st) < 0)
		return fail_errno(why, errno, "look at %s", path->s);
	if (!S_ISREG(st.st_mode))
		return fail_with(why, ENOENT, "%s is no file", path->s);
	*ret_bytes = (uint64_t)st.st_size;
	*ret_changed_s = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
	return 0;
}

int content_find(const struct site *site, const char *name, struct content_entry *ret,
		 struct fail *why)
{
	struct site_path file = site_pathf(site, CONTENT_FILES "/%s", name);
	uint64_t bytes = 0, changed_s;
	struct content_entry entry;
	char path[320];
	int r;

	if (!content_name_is_valid(name))
		return fail_with(why, ENOENT, "there is no such content");
	snprintf(path, sizeof(path), CONTENT_META "/%s.conf", name);
	r = read_record(site, path, &entry, why);
	if (r == 0 && strcmp(entry.name, name) != 0)
		r = fail_with(why, EBADMSG, "%s has another file's name", path);
	if (r == 0)
		r = check_file(&file, &bytes, &changed_s, why);
	if (r == 0 && bytes != entry.size_bytes)
		r = fail_with(why, ENOENT, "%s has another size than its record", file.s);
	if (r == 0)
		*ret = entry;
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct content_entry *)a)->name,
		      ((const struct content_entry *)b)->name);
}

int content_list(const struct site *site, struct content_entry **ret, struct fail *unreadable,
		 struct fail *why)
{
	autoclosedir DIR *dir = opendir(site_path(site, CONTENT_FILES).s);
	autofree struct content_entry *rows = NULL;
	struct dirent *entry;
	struct fail ours = { 0 };
	size_t n = 0, room = 0;
	int r = 0, found;

	if (!dir && errno != ENOENT)
		return fail_errno(why, errno, "list the content");
	while (n < CONTENT_FILES_MAX &&
	       (r = site_next_entry(dir, "the content", &entry, why)) > 0) {
		if (n == room) {
			void *more = realloc(rows, (room = room ? 2 * room : 16) * sizeof(*rows));

			if (!more)
				return fail_errno(why, ENOMEM, "list the content");
			rows = more;
		}
		found = content_find(site, entry->d_name, &rows[n], &ours);
		if (found == 0)
			n++;
		else if (found != -ENOENT && unreadable)
			*unreadable = ours;
	}
	if (r < 0)
		return r;
	if (n)
		qsort(rows, n, sizeof(*rows), by_name);
	*ret = take_ptr(rows);
	return (int)n;
}

int content_find_upload(const struct site *site, const char *id, struct content_upload *ret,
			struct fail *why)
{
	struct site_path file = site_pathf(site, CONTENT_PARTIAL "/%s", id);
	char path[80];
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!content_id_is_valid(id))
		return content_no_upload(why);
	snprintf(path, sizeof(path), CONTENT_PARTIAL "/%s.conf", id);
	r = read_record(site, path, &ret->entry, why);
	if (r == 0)
		r = check_file(&file, &ret->offset_bytes, &ret->changed_s, why);
	if (r == -ENOENT)
		return content_no_upload(why);
	memcpy(ret->id, id, sizeof(ret->id));
	return r;
}

size_t content_uploads(const struct site *site, struct content_upload *ret)
{
	autoclosedir DIR *dir = opendir(site_path(site, CONTENT_PARTIAL).s);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && n < CONTENT_UPLOADS_MAX && (entry = readdir(dir)) != NULL)
		n += content_find_upload(site, entry->d_name, &ret[n], NULL) == 0;
	return n;
}

int content_space(const struct site *site, struct content_space *ret, struct fail *why)
{
	struct content_upload uploads[CONTENT_UPLOADS_MAX];
	struct site_path dir = site_path(site, CONTENT_DIR);
	size_t n = content_uploads(site, uploads);
	struct statvfs fs;

	if (statvfs(dir.s, &fs) < 0)
		return fail_errno(why, errno, "ask for the room in %s", dir.s);
	ret->total_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
	ret->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	ret->keep_bytes = content_keep_bytes(ret->total_bytes);
	ret->reserved_bytes = 0;
	for (size_t i = 0; i < n; i++)
		if (uploads[i].offset_bytes < uploads[i].entry.size_bytes)
			ret->reserved_bytes +=
				uploads[i].entry.size_bytes - uploads[i].offset_bytes;
	ret->available_bytes =
		ret->free_bytes > ret->keep_bytes ? ret->free_bytes - ret->keep_bytes : 0;
	return 0;
}

/* A list has no more rows: what is not in it would be nobody's, and a follower would remove it. */
static int check_count(const struct site *site, struct fail *why)
{
	struct content_upload uploads[CONTENT_UPLOADS_MAX];
	size_t n_uploads = content_uploads(site, uploads);
	autofree struct content_entry *rows = NULL;
	int n = content_list(site, &rows, NULL, why);

	if (n < 0 || (size_t)n + n_uploads < CONTENT_FILES_MAX)
		return n < 0 ? n : 0;
	return fail_with(why, CONTENT_NO_ROOM,
			 "a host has %d files of content at most; %d are there, uploads "
			 "under way: %zu; delete some",
			 CONTENT_FILES_MAX, n, n_uploads);
}

static int check_room(const struct site *site, const struct content_entry *entry, struct fail *why)
{
	struct content_space space = { 0 };
	int r = content_space(site, &space, why);

	if (r < 0 || entry->size_bytes <= space.available_bytes)
		return r;
	return fail_with(why, CONTENT_NO_ROOM,
			 "\"%.*s\" has %" PRIu64 " MiB; %" PRIu64 " MiB are free, of which %" PRIu64
			 " MiB are kept for the system: delete content, or take a larger disk",
			 SHOWN_NAME(entry->name), (entry->size_bytes >> 20) + 1,
			 space.free_bytes >> 20, space.keep_bytes >> 20);
}

/* An upload of the same file goes on; another of its name is in the way. 1: @id is it. */
static int find_same(const struct site *site, const struct content_entry *entry,
		     char id[CONTENT_ID_BYTES], struct fail *why)
{
	struct content_upload uploads[CONTENT_UPLOADS_MAX];
	size_t n = content_uploads(site, uploads);

	for (size_t i = 0; i < n; i++) {
		const struct content_entry *other = &uploads[i].entry;

		if (strcmp(other->name, entry->name) != 0)
			continue;
		if (other->size_bytes != entry->size_bytes ||
		    strcmp(other->sha256, entry->sha256) != 0)
			return fail_with(why, CONTENT_EXISTS,
					 "an upload of another file \"%.*s\" (%" PRIu64
					 " bytes) is under way; cancel it first",
					 SHOWN_NAME(entry->name), other->size_bytes);
		memcpy(id, uploads[i].id, CONTENT_ID_BYTES);
		return 1;
	}
	if (n >= CONTENT_UPLOADS_MAX)
		return fail_with(why, EBUSY, "%zu uploads are under way; cancel one first", n);
	return 0;
}

/* The file first: a record without one is removed by the next content_tidy(), as is the opposite. */
static int make_upload(const struct site *site, const struct content_entry *entry, const char *id,
		       struct fail *why)
{
	struct site_path data = site_pathf(site, CONTENT_PARTIAL "/%s", id);
	char record[CONTENT_RECORD_BYTES], path[80];
	autoclose int fd = open(data.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = 0;

	if (fd < 0)
		return fail_errno(why, errno, "make %s", data.s);
	/* Room that is promised is taken now: an upload does not fail when it is nearly done. */
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)entry->size_bytes) < 0)
		r = errno == ENOSPC
			    ? fail_with(why, CONTENT_NO_ROOM, "there is no room for \"%.*s\"",
					SHOWN_NAME(entry->name))
			    : fail_errno(why, errno, "take %" PRIu64 " bytes for \"%.*s\"",
					 entry->size_bytes, SHOWN_NAME(entry->name));
	snprintf(path, sizeof(path), CONTENT_PARTIAL "/%s.conf", id);
	if (r == 0)
		r = site_write(site, path, record, content_record(entry, record), 0600, why);
	if (r < 0)
		(void)unlink(data.s);
	return r;
}

int content_begin(const struct site *site, const struct content_entry *entry,
		  char id[CONTENT_ID_BYTES], struct fail *why)
{
	autoclose int lock = content_lock(site, why);
	struct content_entry there = { 0 };
	int r;

	r = lock < 0 ? lock : content_role_allows_change(site, why);
	if (r < 0)
		return r;
	r = content_find(site, entry->name, &there, why);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		return fail_with(why, CONTENT_EXISTS,
				 "there is \"%.*s\" already (%" PRIu64 " bytes%s); delete it first",
				 SHOWN_NAME(entry->name), there.size_bytes,
				 strcmp(there.sha256, entry->sha256) == 0 ? ", the same" : "");
	r = find_same(site, entry, id, why);
	if (r != 0)
		return r < 0 ? r : 0;
	r = check_count(site, why);
	if (r == 0)
		r = check_room(site, entry, why);
	if (r == 0)
		r = make_upload(site, entry, id, why);
	return r < 0 ? r : 1;
}

int content_open_upload(const struct site *site, const char *id, uint64_t *ret_offset,
			struct fail *why)
{
	struct site_path path = site_pathf(site, CONTENT_PARTIAL "/%s", id);
	autoclose int claim = content_claim(site, id, why);
	struct stat st;
	int fd;

	if (claim < 0)
		return claim;
	fd = open(path.s, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail_errno(why, errno, "open %s", path.s);
		if (fd >= 0)
			close(fd);
		return -why->code;
	}
	*ret_offset = (uint64_t)st.st_size;
	return fd;
}

int content_cancel(const struct site *site, const char *id, struct content_entry *ret,
		   struct fail *why)
{
	autoclose int lock = content_lock(site, why);
	struct content_upload upload;
	int r = lock < 0 ? lock : content_find_upload(site, id, &upload, why);

	if (r < 0)
		return r;
	*ret = upload.entry;
	return content_drop_upload(site, id, why);
}

int content_delete(const struct site *site, const char *name, struct fail *why)
{
	autoclose int lock = content_lock(site, why);
	char path[320];
	int r;

	r = lock < 0 ? lock : content_role_allows_change(site, why);
	if (r < 0)
		return r;
	if (!content_name_is_valid(name))
		return fail_with(why, CONTENT_NOT_FOUND, "there is no such content");
	snprintf(path, sizeof(path), CONTENT_FILES "/%s", name);
	r = site_remove(site, path, why);
	if (r == 0)
		return fail_with(why, CONTENT_NOT_FOUND, "there is no content \"%.*s\"",
				 SHOWN_NAME(name));
	snprintf(path, sizeof(path), CONTENT_META "/%s.conf", name);
	if (r > 0)
		r = site_remove(site, path, why);
	if (r < 0)
		return r;
	content_sync_refresh(site);
	return 0;
}
