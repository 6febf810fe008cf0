/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_check - names, digests and sizes of content, the room it may take, and its records. Pure.
 */
#ifndef PALETTE_CONTENT_CHECK_H
#define PALETTE_CONTENT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define CONTENT_NAME_MAX       200 /* bytes; a record's name is longer by its ending */
#define CONTENT_ID_BYTES       17
#define CONTENT_DIGEST_BYTES   65
#define CONTENT_LEADER_BYTES   65
#define CONTENT_RECORD_BYTES   512
#define CONTENT_UPLOAD_SECONDS (UINT64_C(7) * 24 * 3600)
#define CONTENT_KEEP_BYTES_MAX (UINT64_C(2) * 1024 * 1024 * 1024)

/* A file of the store, or what an upload is to become. */
struct content_entry {
	char name[CONTENT_NAME_MAX + 1];
	uint64_t size_bytes;
	char sha256[CONTENT_DIGEST_BYTES]; /* lower case; "" not known yet */
	char origin[16];		   /* "upload", "medium", "leader" */
	uint64_t added_s;		   /* since 1970; of an upload: when it began */
	char leader[CONTENT_LEADER_BYTES]; /* the host it came from, where the origin is "leader" */
	uint64_t checked_s;		   /* since 1970, when all of it was last read; 0: then */
	bool damaged;			   /* then it was not what its digest says */
};

/*
 * @name, @size_bytes and @sha256 as they came; the digest is made lower case. The rest of @ret is
 * left as it is.
 */
int content_check(const char *name, uint64_t size_bytes, const char *sha256,
		  struct content_entry *ret, struct fail *why);

/* A name that may stand in a path: the rules of content_check(). */
bool content_name_is_valid(const char *name);

/* 16 lower case hex digits. */
bool content_id_is_valid(const char *id);

/* Of a file system of @total_bytes, what content leaves to the system. */
uint64_t content_keep_bytes(uint64_t total_bytes);

/* What a job may take that reads @bytes of content: an hour, and as long as 10 MB/s need for them. */
#define CONTENT_READ_LEAST_SECONDS 3600
#define CONTENT_READ_RATE	   10000000 /* bytes a second */
unsigned content_read_seconds(uint64_t bytes);

/* Writes the record into @buf of CONTENT_RECORD_BYTES; returns its length. */
size_t content_record(const struct content_entry *entry, char *buf);

/* Reads one; @text is changed. False: it is damaged. */
bool content_read_record(char *text, struct content_entry *ret);

#endif
