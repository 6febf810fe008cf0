/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sessions - who is logged in. Pure: time and randomness come in as arguments.
 *
 * A token is never kept, only its SHA-256: neither the table nor its file gives one away. Times are
 * seconds of CLOCK_BOOTTIME, which no wrong clock moves.
 */
#ifndef PALETTE_SESSIONS_H
#define PALETTE_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "account_check.h"

#define SESSIONS_MAX	    512
#define SESSION_RANDOM	    40 /* bytes: 32 for the token, 8 for the id */
#define SESSION_TOKEN_BYTES 65 /* 64 hex digits and the NUL */
#define SESSION_ID_BYTES    17
#define ORIGIN_BYTES	    64
#define SESSION_HASH	    32

struct session {
	char id[SESSION_ID_BYTES]; /* "" in a free row */
	uint8_t hash[SESSION_HASH];
	char user[USER_NAME_MAX + 1];
	char origin[ORIGIN_BYTES];
	uid_t uid; /* of the process it was given to: nobody else can use it */
	bool extended;
	bool first_login;
	uint64_t created_s, used_s, expires_s;
};

struct sessions {
	struct session rows[SESSIONS_MAX];
};

/* What a new session gets. */
struct session_request {
	const char *user;
	const char *origin;
	uid_t uid;
	bool extended;
	bool first_login;
	uint64_t now_s, lifetime_s;
};

/*
 * Opens a session and writes its token; of a full table the one that was unused longest goes, and its
 * id is put into @ret_evicted ("" otherwise).
 */
const struct session *session_open(struct sessions *table, const struct session_request *request,
				   const uint8_t random[SESSION_RANDOM],
				   char token[SESSION_TOKEN_BYTES],
				   char ret_evicted[SESSION_ID_BYTES]);

/* The session of @token that @uid may use now; marks it used. NULL: there is none. */
struct session *session_find(struct sessions *table, const char *token, uid_t uid, uint64_t now_s);

struct session *session_find_id(struct sessions *table, const char *id, uint64_t now_s);

void session_close(struct session *session);

/* Closes the sessions of @user but @keep (NULL: all); calls @closed for each. Returns how many. */
size_t session_close_user(struct sessions *table, const char *user, const struct session *keep,
			  void (*closed)(const char *id, void *arg), void *arg);

/* Rows that are in use and not too old. */
size_t session_count(const struct sessions *table, uint64_t now_s);

/* For the file that lets sessions survive a restart of hostd. Caller frees; NULL: out of memory. */
char *session_save(const struct sessions *table, uint64_t now_s);

/* Reads it; @text is changed. Rows that are damaged or too old are left out. */
void session_load(struct sessions *table, char *text, uint64_t now_s);

#endif
