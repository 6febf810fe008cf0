/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - the store of content below /srv/content.
 *
 *   files/NAME, meta/NAME.conf        a whole file and its record
 *   partial/ID, partial/ID.conf       an upload under way and what it is to become
 *
 * A file is part of the content where both are there and the record's size is the file's. Records
 * are written first and files come by rename, so a cut at any moment leaves the upload or the
 * content. What changes the store holds a lock on it and runs in jobs.
 */
#ifndef PALETTE_CONTENT_H
#define PALETTE_CONTENT_H

#include "content_check.h"
#include "site.h"

#define CONTENT_DIR	    "/srv/content"
#define CONTENT_FILES_MAX   4096
#define CONTENT_UPLOADS_MAX 32

#define CONTENT_EXISTS	  EEXIST
#define CONTENT_NOT_FOUND ENODEV
#define CONTENT_NO_ROOM	  EDQUOT

struct content_upload {
	char id[CONTENT_ID_BYTES];
	struct content_entry entry;
	uint64_t offset_bytes; /* that are there */
	uint64_t changed_s;
};

struct content_space {
	uint64_t total_bytes, free_bytes, keep_bytes;
	uint64_t reserved_bytes;  /* promised to uploads and taken from @free_bytes already */
	uint64_t available_bytes; /* for a new upload */
};

/*
 * By name. Returns how many, in *@ret, which the caller frees; -errno. A file whose record cannot be
 * read is left out, and *@unreadable, which may be NULL, says why.
 */
int content_list(const struct site *site, struct content_entry **ret, struct fail *unreadable,
		 struct fail *why);

/* One of them. -ENOENT: there is none; anything else: nobody knows. */
int content_find(const struct site *site, const char *name, struct content_entry *ret,
		 struct fail *why);

/* Returns how many, at most CONTENT_UPLOADS_MAX. */
size_t content_uploads(const struct site *site, struct content_upload *ret);

int content_space(const struct site *site, struct content_space *ret, struct fail *why);

/*
 * Finds or makes the upload of @entry (checked). @id: of a new one; else it is overwritten. All room
 * is allocated before it returns. 1: new, 0: goes on. -CONTENT_EXISTS, -CONTENT_NO_ROOM (also of
 * files: CONTENT_FILES_MAX with the uploads), -EBUSY.
 */
int content_begin(const struct site *site, const struct content_entry *entry,
		  char id[CONTENT_ID_BYTES], struct fail *why);

/* A file to append to, and where. -EBUSY: somebody has it open already. Does not block. */
int content_open_upload(const struct site *site, const char *id, uint64_t *ret_offset,
			struct fail *why);

/* Verifies the upload and puts it among the content. */
int content_finish(const struct site *site, const char *id, struct content_entry *ret,
		   struct fail *why);

int content_cancel(const struct site *site, const char *id, struct content_entry *ret,
		   struct fail *why);

int content_delete(const struct site *site, const char *name, struct fail *why);

/*
 * The first time after a boot, before anybody goes on with an upload: shortens each to what is surely
 * on the disk.
 */
void content_trim_uploads(const struct site *site);

/* Makes the store's directories; removes what a cut left behind and uploads that were given up. */
int content_tidy(const struct site *site, uint64_t now_s, struct fail *why);

#endif
