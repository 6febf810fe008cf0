/* SPDX-License-Identifier: Apache-2.0 */
/* The role of this host's content, and a leader's folder. */
#include "content_sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content_store.h"
#include "encode.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "content_manifest.h"
#include "refuse.h"

#define ROLE_FILE     SITE_STATE "/content-role"
#define MANIFEST_FILE CONTENT_DIR "/manifest"

void content_role(const struct site *site, struct content_role *ret)
{
	autofree char *text = NULL;
	struct keyvalue kv;

	memset(ret, 0, sizeof(*ret));
	if (site_read(site, ROLE_FILE, &text, NULL) < 0)
		return;
	kv = keyvalue_of(text);
	while (keyvalue_next(&kv)) {
		if (kv.key && strcmp(kv.key, "role") == 0)
			snprintf(ret->role, sizeof(ret->role), "%s", kv.value);
		else if (kv.key && strcmp(kv.key, "leader") == 0)
			snprintf(ret->leader, sizeof(ret->leader), "%s", kv.value);
	}
}

bool content_role_leads(const struct content_role *role)
{
	return strcmp(role->role, "leader") == 0;
}

bool content_role_is(const struct site *site, const struct content_role *role)
{
	struct content_role now;

	content_role(site, &now);
	return strcmp(now.role, role->role) == 0 && strcmp(now.leader, role->leader) == 0;
}

int content_role_allows_change(const struct site *site, struct fail *why)
{
	struct content_role role;

	content_role(site, &role);
	if (strcmp(role.role, "follower") != 0)
		return 0;
	return refuse(why, FIELD_CONTENT, NULL,
		      "this host has the content of its leader %s: upload and delete it there, or "
		      "unlink this host",
		      role.leader);
}

void content_digest_text(const char *text, size_t bytes, char ret[CONTENT_DIGEST_BYTES])
{
	uint8_t sum[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, bytes, (const uint8_t *)text);
	sha256_digest(&ctx, sizeof(sum), sum);
	hex_encode(sum, sizeof(sum), ret);
}

/* Makes @to another name of @from, in the place of what was there. 1: it was another file. */
static int put_link(const struct site *site, const char *from, const char *to, struct fail *why)
{
	struct site_path source = site_path(site, from), target = site_path(site, to);
	struct site_path beside = site_path(site, CONTENT_BESIDE);
	struct stat a, b;

	if (lstat(source.s, &a) < 0)
		return fail_errno(why, errno, "look at %s", source.s);
	if (lstat(target.s, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev)
		return 0;
	(void)unlink(beside.s);
	if (link(source.s, beside.s) < 0 || rename(beside.s, target.s) < 0)
		return fail_errno(why, errno, "give %s the name %s", source.s, target.s);
	return 1;
}

static int link_content(const struct site *site, const struct content_entry *entry,
			struct fail *why)
{
	char from[320], to[128];

	snprintf(from, sizeof(from), CONTENT_FILES "/%s", entry->name);
	snprintf(to, sizeof(to), CONTENT_SYNC "/%s", entry->sha256);
	return put_link(site, from, to, why);
}

static int link_good(const struct site *site, const struct content_entry *rows, int n,
		     struct fail *why)
{
	int r = 0;

	for (int i = 0; r >= 0 && i < n; i++)
		r = rows[i].damaged ? 0 : link_content(site, &rows[i], why);
	return r;
}

static bool has_good(const struct content_entry *rows, size_t n, const char *digest)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i].damaged && strcmp(rows[i].sha256, digest) == 0)
			return true;
	return false;
}

/* A leader offers what is its content, whole, and nothing else. */
static void drop_others(const struct site *site, const struct content_entry *rows, size_t n)
{
	autoclosedir DIR *dir = opendir(site_path(site, CONTENT_SYNC).s);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "manifest") != 0 &&
		    !has_good(rows, n, entry->d_name))
			(void)unlink(site_pathf(site, CONTENT_SYNC "/%s", entry->d_name).s);
}

/* The manifest still names it: hosts that have it keep it. */
static void say_damaged(const struct content_entry *entry, struct content_sync *ret)
{
	ret->verified--;
	ret->verified_bytes -= entry->size_bytes;
	snprintf(ret->trouble, sizeof(ret->trouble),
		 "\"%.*s\" is damaged on this host's disk and is not sent to others; those that "
		 "have it keep it. Delete it here and upload it again",
		 text_cut(entry->name, 100), entry->name);
}

/* Followers remove what is not in the manifest: one that lacks a file for its record is not written. */
static int list_all(const struct site *site, struct content_entry **ret, struct fail *why)
{
	struct fail unreadable = { 0 };
	int n = content_list(site, ret, &unreadable, why);

	if (n < 0 || !unreadable.code)
		return n;
	return fail_with(why, unreadable.code,
			 "%s; linked hosts keep what they have: delete that content here and "
			 "upload it again",
			 unreadable.msg);
}

static int offer(const struct site *site, const struct content_entry *rows, int n,
		 const char *manifest, size_t bytes, struct fail *why)
{
	int r = link_good(site, rows, n, why);

	if (r >= 0)
		r = site_write_changed(site, MANIFEST_FILE, manifest, bytes, 0644, why);
	return r < 0 ? r : put_link(site, MANIFEST_FILE, CONTENT_SYNC_MANIFEST, why);
}

static int lead(const struct site *site, struct content_sync *ret, struct fail *why)
{
	autofree struct content_entry *rows = NULL;
	autofree char *text = NULL;
	size_t bytes = 0;
	int n = list_all(site, &rows, why), r;

	if (n < 0)
		return n;
	text = content_manifest_text(rows, (size_t)n, &bytes);
	if (!text)
		return fail_errno(why, ENOMEM, "write the manifest");
	r = offer(site, rows, n, text, bytes, why);
	/* What was deleted has its room here as long as it is in the folder. */
	if (r == -ENOSPC) {
		drop_others(site, rows, (size_t)n);
		r = offer(site, rows, n, text, bytes, why);
	}
	if (r < 0)
		return r;
	drop_others(site, rows, (size_t)n);
	if (!ret)
		return 0;
	content_digest_text(text, bytes, ret->manifest);
	for (int i = 0; i < n; i++)
		ret->total_bytes += rows[i].size_bytes;
	ret->verified_bytes = ret->total_bytes;
	ret->files = ret->verified = (uint32_t)n;
	for (int i = 0; i < n; i++)
		if (rows[i].damaged)
			say_damaged(&rows[i], ret);
	return 0;
}

void content_sync_refresh(const struct site *site)
{
	struct content_role role;
	struct fail why = { 0 };

	content_role(site, &role);
	if (content_role_leads(&role) && lead(site, NULL, &why) < 0)
		log_warn("content: linked hosts are not told of the change yet: %s", why.msg);
}

int content_sync_check(const struct site *site, const char *manifest, uint64_t reread_s,
		       struct content_sync *ret, struct fail *why)
{
	struct content_role role;
	autoclose int lock = -1;
	bool leads;

	memset(ret, 0, sizeof(*ret));
	content_role(site, &role);
	leads = content_role_leads(&role);
	if (!leads && strcmp(role.role, "follower") != 0)
		return fail_with(why, CONTENT_NOT_FOUND, "this host is not linked");
	if (reread_s != UINT64_MAX)
		return content_reread(site, &role, reread_s, ret, why);
	if (!leads)
		return content_follow(site, &role, manifest, ret, why);
	lock = content_lock(site, why);
	return lock < 0 ? lock : lead(site, ret, why);
}

static int remove_folder(const struct site *site, struct fail *why)
{
	struct site_path path = site_path(site, CONTENT_SYNC);
	const char *const argv[] = { "rm", "-rf", "--one-file-system", path.s, NULL };

	return proc_run(argv, NULL, 0, why);
}

/*
 * @owner 0: a leader's, which Syncthing only reads. The marker is what Syncthing looks for, so that it
 * does not take a file system that is not mounted for content that was deleted.
 */
static int make_folder(const struct site *site, uid_t owner, gid_t group, struct fail *why)
{
	struct site_path path = site_path(site, CONTENT_SYNC);
	struct site_path marker = site_path(site, CONTENT_SYNC "/.stfolder");

	if ((mkdir(path.s, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(marker.s, 0755) < 0 && errno != EEXIST) || chown(path.s, owner, group) < 0 ||
	    chmod(path.s, 0755) < 0)
		return fail_errno(why, errno, "make directory %s", path.s);
	return 0;
}

/* What this host has already need not be sent: what of it is not the leader's, Syncthing drops here. */
static int seed(const struct site *site, struct fail *why)
{
	autofree struct content_entry *rows = NULL;
	int n = content_list(site, &rows, NULL, why);

	return n < 0 ? n : link_good(site, rows, n, why);
}

static int follow(const struct site *site, bool anew, struct fail *why)
{
	const struct passwd *user = getpwnam(CONTENT_SYNC_USER);
	int r;

	if (!user)
		return fail_with(why, ENOENT, "there is no user " CONTENT_SYNC_USER);
	r = anew ? remove_folder(site, why) : 0;
	if (r == 0)
		r = make_folder(site, user->pw_uid, user->pw_gid, why);
	return r == 0 && anew ? seed(site, why) : r;
}

/* Nobody's leader any more: the next one, which may have nothing, must not take it away. */
static int forget_leader(const struct site *site, struct fail *why)
{
	autofree struct content_entry *rows = NULL;
	int n = content_list(site, &rows, NULL, why), r = n;

	for (int i = 0; r >= 0 && i < n; i++) {
		if (!rows[i].leader[0])
			continue;
		rows[i].leader[0] = '\0';
		r = content_write_record(site, &rows[i], why);
	}
	return r < 0 ? r : 0;
}

int content_sync_set(const struct site *site, const struct content_role *role, struct fail *why)
{
	autoclose int lock = content_lock(site, why);
	struct content_role now;
	char text[128];
	bool anew;
	int r;

	if (lock < 0)
		return lock;
	content_role(site, &now);
	anew = strcmp(now.role, role->role) != 0;
	/* Also from one leader to the next, when nobody said "none" between. */
	if (!*role->role || strcmp(now.leader, role->leader) != 0) {
		r = forget_leader(site, why);
		if (r < 0)
			return r;
	}
	/* A cut between the two leaves the folder of another role: the role is written last. */
	if (strcmp(role->role, "follower") == 0) {
		r = follow(site, anew, why);
	} else if (content_role_leads(role)) {
		r = anew ? remove_folder(site, why) : 0;
		if (r == 0)
			r = make_folder(site, 0, 0, why);
		if (r == 0)
			r = lead(site, NULL, why);
	} else {
		r = remove_folder(site, why);
		if (r == 0)
			r = site_remove(site, ROLE_FILE, why);
		return r < 0 ? r : 0;
	}
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "role = %s\nleader = %s\n", role->role, role->leader);
	r = site_write_changed(site, ROLE_FILE, text, strlen(text), 0600, why);
	return r < 0 ? r : 0;
}
