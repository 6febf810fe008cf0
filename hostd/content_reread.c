/* SPDX-License-Identifier: Apache-2.0 */
/* What is content is read again from time to time: a disk forgets, and says nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "content_store.h"
#include "content_sync.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define IOPRIO_IDLE (3 << 13)

static uint64_t read_at_s(const struct content_entry *entry)
{
	return entry->checked_s ? entry->checked_s : entry->added_s;
}

int content_write_record(const struct site *site, const struct content_entry *entry,
			 struct fail *why)
{
	char path[320], record[CONTENT_RECORD_BYTES];

	snprintf(path, sizeof(path), CONTENT_META "/%s.conf", entry->name);
	return site_write(site, path, record, content_record(entry, record), 0644, why);
}

/* A leader has nowhere to fetch it from: it says so, and does not offer it any more. */
static int keep_damaged(const struct site *site, struct content_entry *entry,
			struct content_sync *ret, struct fail *why)
{
	if (!entry->damaged) {
		log_warn("content: \"%s\" is damaged on this disk", entry->name);
		ret->changed = true;
	}
	entry->damaged = true;
	return content_write_record(site, entry, why);
}

static int drop_damaged(const struct site *site, int fd, const struct content_entry *entry,
			struct content_sync *ret, struct fail *why)
{
	log_warn("content: \"%s\" is damaged on this disk and fetched again", entry->name);
	content_mark_damaged(ret, fd, entry->sha256);
	ret->changed = true;
	return content_drop_listed(site, entry->name, why);
}

static int reread(const struct site *site, const struct content_role *role,
		  const struct content_entry *entry, struct content_sync *ret, struct fail *why)
{
	char path[320], digest[CONTENT_DIGEST_BYTES];
	struct content_entry now;
	autoclose int lock = -1;
	struct stat st = { 0 };
	bool is_good;
	int r;

	snprintf(path, sizeof(path), CONTENT_FILES "/%s", entry->name);
	autoclose int fd = content_open_plain(site, path, &st);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fail_errno(why, -fd, "open %s", path);
	/* From the disk, not from memory. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	r = content_digest(fd, digest, why);
	/* What the disk cannot read is damaged like what it reads wrong. */
	if (r < 0 && why->code != EIO)
		return r;
	is_good = r == 0 && strcmp(digest, entry->sha256) == 0;
	lock = content_lock(site, why);
	if (lock < 0)
		return lock;
	/*
	 * It took a while: this host may have been unlinked, the file deleted, and uploaded anew. What
	 * its record says by now, such as that no leader may take it away, stays.
	 */
	if (!content_role_is(site, role))
		return 0;
	r = content_find(site, entry->name, &now, why);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(now.sha256, entry->sha256) != 0 || now.added_s != entry->added_s)
		return 0;
	now.checked_s = (uint64_t)time(NULL);
	if (is_good) {
		ret->changed = ret->changed || now.damaged;
		now.damaged = false;
		return content_write_record(site, &now, why);
	}
	return content_role_leads(role) ? keep_damaged(site, &now, ret, why)
					: drop_damaged(site, fd, &now, ret, why);
}

int content_reread(const struct site *site, const struct content_role *role, uint64_t reread_s,
		   struct content_sync *ret, struct fail *why)
{
	autofree struct content_entry *rows = NULL;
	int n = content_list(site, &rows, NULL, why);
	uint64_t now_s = (uint64_t)time(NULL);
	const struct content_entry *oldest = NULL;

	for (int i = 0; i < n; i++) {
		uint64_t at_s = read_at_s(&rows[i]);

		/* What a follower has of its own, no leader can repair. */
		if (!content_role_leads(role) && strcmp(rows[i].origin, "leader") != 0)
			continue;
		/* A time to come is that of a clock that was wrong. */
		if ((at_s > now_s || now_s - at_s >= reread_s) &&
		    (!oldest || at_s < read_at_s(oldest)))
			oldest = &rows[i];
	}
	if (!oldest)
		return n < 0 ? n : 0;
	/* Whoever else reads this disk goes first. */
	(void)syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE);
	return reread(site, role, oldest, ret, why);
}
