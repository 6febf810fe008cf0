/* SPDX-License-Identifier: Apache-2.0 */
/* content_store - what the files of the content's store share. */
#ifndef PALETTE_CONTENT_STORE_H
#define PALETTE_CONTENT_STORE_H

#include "content.h"
#include "lib/text.h"

#define CONTENT_FILES	CONTENT_DIR "/files"
#define CONTENT_META	CONTENT_DIR "/meta"
#define CONTENT_PARTIAL CONTENT_DIR "/partial"

/* The second name of a file, under the store's lock, before it is renamed to where it belongs. */
#define CONTENT_BESIDE CONTENT_DIR "/link"

/* For a "%.*s" in a message, which has not the room for the longest name. */
#define SHOWN_NAME(name) text_cut((name), 60), (name)

/* Waits for the store's lock; closing the descriptor gives it back. */
int content_lock(const struct site *site, struct fail *why);

int content_write_record(const struct site *site, const struct content_entry *entry,
			 struct fail *why);

/*
 * The upload's file to read, which nobody else writes or claims as long as it is open. -EBUSY:
 * somebody does.
 */
int content_claim(const struct site *site, const char *id, struct fail *why);

/* SHA-256 of all of @fd, whose flush begins; fsync() ends it. */
int content_digest(int fd, char digest[CONTENT_DIGEST_BYTES], struct fail *why);

int content_flush_directory(const struct site *site, const char *path, struct fail *why);

/* -CONTENT_NOT_FOUND: there is none; anything else: nobody knows. */
int content_find_upload(const struct site *site, const char *id, struct content_upload *ret,
			struct fail *why);
int content_drop_upload(const struct site *site, const char *id, struct fail *why);
int content_no_upload(struct fail *why);

#endif
