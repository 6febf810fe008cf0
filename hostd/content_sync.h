/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_sync - the store's side of linked hosts: /srv/content/sync, the folder that Syncthing sees.
 *
 *   sync/DIGEST     a file of the content by its SHA-256: a hard link, so it costs no room
 *   sync/manifest   which of them are content, and by what name (content_manifest.h)
 *
 * A leader's folder is made from its content, but for files that its disk has damaged. A follower's is
 * written by Syncthing, and what is in it is content only once palette-hostd has read it and found its
 * digest: then it gets a record and a second name below files/, and belongs to root. So nothing short
 * or damaged is ever listed, and what is listed is not changed by Syncthing, which puts other files in
 * the place of old ones.
 */
#ifndef PALETTE_CONTENT_SYNC_H
#define PALETTE_CONTENT_SYNC_H

#include <sys/stat.h>

#include "content.h"

#define CONTENT_SYNC	      CONTENT_DIR "/sync"
#define CONTENT_SYNC_MANIFEST CONTENT_SYNC "/manifest"
#define CONTENT_SYNC_USER     "palette-sync"
#define CONTENT_DAMAGED_MAX   16
#define CONTENT_DAMAGED_S     1 /* the time of a damaged file, since 1970: no file has it by itself */

struct content_role {
	char role[12];			   /* "", "leader", "follower" */
	char leader[CONTENT_LEADER_BYTES]; /* of a follower: its leader's host name */
};

/* What content_sync_check() found. */
struct content_sync {
	char manifest[CONTENT_DIGEST_BYTES]; /* that was looked at; "" none */
	uint32_t files, verified;
	uint64_t total_bytes, verified_bytes;
	uint64_t missing_bytes; /* that have to be written yet */
	uint64_t room_bytes;	/* that content may take of the file system */
	char damaged[CONTENT_DAMAGED_MAX][CONTENT_DIGEST_BYTES];
	size_t n_damaged;
	char trouble[300]; /* for a person; "" none */
	bool changed;	   /* the list of content is another one */
};

void content_role(const struct site *site, struct content_role *ret);

bool content_role_leads(const struct content_role *role);

/* Whether it is still @role. */
bool content_role_is(const struct site *site, const struct content_role *role);

/* -REFUSED on a follower: its content is the leader's. */
int content_role_allows_change(const struct site *site, struct fail *why);

/* Takes the role and makes the folder ready for it; "": removes it. What is content stays content. */
int content_sync_set(const struct site *site, const struct content_role *role, struct fail *why);

/*
 * After a change of the content, under the store's lock: on a leader, folder and manifest follow. The
 * change was made, whatever comes of this: a failure is logged, and content_sync_check() tries again.
 */
void content_sync_refresh(const struct site *site);

/*
 * Leader: folder and manifest follow the content. Follower: makes content of what has come whole, removes what the
 * leader has removed, where the manifest is the one that @manifest (hex SHA-256) says; nothing else is
 * looked at. With a @reread_s that is not UINT64_MAX: content_reread() and nothing else, for it may take
 * long and nobody is to wait for it.
 */
int content_sync_check(const struct site *site, const char *manifest, uint64_t reread_s,
		       struct content_sync *ret, struct fail *why);

/* content_follow.c: a follower's part of content_sync_check(). */
int content_follow(const struct site *site, const struct content_role *role, const char *manifest,
		   struct content_sync *ret, struct fail *why);

/*
 * Where files are that are not root's, no link is followed and nothing but a plain file opened.
 * -EINVAL: it is none.
 */
int content_open_plain(const struct site *site, const char *path, struct stat *st);

/*
 * Gives the file the time CONTENT_DAMAGED_S: Syncthing looks again at a file whose time is another one,
 * and fetches what is not as it should be. @digest: its name in the folder.
 */
void content_mark_damaged(struct content_sync *ret, int fd, const char *digest);

/* Takes a file from the list; the folder may still have it. */
int content_drop_listed(const struct site *site, const char *name, struct fail *why);

/*
 * content_reread.c: reads the file again that was not read for the longest time, at least @reread_s;
 * nothing where there is none. Leader: a damaged one gets that into its record, for good. Follower: it
 * is taken from the list and marked for Syncthing.
 */
int content_reread(const struct site *site, const struct content_role *role, uint64_t reread_s,
		   struct content_sync *ret, struct fail *why);

/* The digest of a text in memory, in hex. */
void content_digest_text(const char *text, size_t bytes, char ret[CONTENT_DIGEST_BYTES]);

#endif
