/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - one D-Bus call: who makes it, what it does in a job, its answer and its audit entry.
 *
 * A request is made by request_new(), which has the caller's right checked; it ends in exactly one
 * of request_done(), request_fail() or request_run(), which frees it.
 */
#ifndef PALETTE_REQUEST_H
#define PALETTE_REQUEST_H

#include "hostd.h"

/* The link daemon's; it may call HOSTD_SYNC and HOSTD_LINK by its credentials, and nothing else. */
#define LINK_USER "palette-link"

/* Codes of struct fail that have an error of their own on the bus; REFUSED is in refuse.h. */
#define DENIED	   ENOKEY
#define NO_SESSION EKEYEXPIRED
#define BAD_LOGIN  EKEYREJECTED
#define BLOCKED	   EKEYREVOKED
#define EXISTS	   EEXIST
#define NOT_FOUND  ENODEV
#define BUSY	   EBUSY
#define NO_SPACE   EDQUOT /* not ENOSPC: a full disk elsewhere is a failure */

struct caller {
	uid_t uid;
	char user[USER_NAME_MAX + 1]; /* "" for a uid without an account */
	char origin[ORIGIN_BYTES];
	struct session
		*session; /* NULL: by its credentials; good until the next turn of the loop */
};

struct request;
struct request {
	struct hostd *h;
	sd_bus_message *message;
	char actor[USER_NAME_MAX + 1];
	char origin[ORIGIN_BYTES];
	char session_id[SESSION_ID_BYTES]; /* where the call has one */
	const char *action;		   /* of the audit log; NULL: not in it (a read) */
	char object[256];
	struct request *next; /* of those that wait for the start */
	enum job_kind kind;
	unsigned seconds;    /* the job's limit; 0: that of its kind */
	job_work work;	     /* gets @data */
	void *data;	     /* freed by @free_data, or free() where that is NULL */
	size_t shared_bytes; /* of @data, where the job writes into it; else 0 */
	void (*free_data)(void *data);
	/* Where request_run() starts no job: takes back what was begun for it; may be NULL. */
	void (*unstarted)(struct request *request);
	/* After the job, good or bad, before the answer; may be NULL. */
	void (*after)(struct request *request, int result);
	/* Sends the answer of a good end; NULL: an empty one. */
	int (*answer)(struct request *request);
};

/* uid 0 or an administrator by credentials (@session ""), or a session that is good. */
int caller_admit(struct hostd *h, sd_bus_message *m, const char *session, struct caller *ret,
		 struct fail *why);

/*
 * For a call whose one argument is the session: reads it and admits the caller. Not 0: what the
 * method returns, 1 where the call was answered with an error.
 */
int caller_admit_read(struct hostd *h, sd_bus_message *m, struct caller *ret);

/* The uid of the sender. */
int caller_uid(sd_bus_message *m, uid_t *ret, struct fail *why);

/*
 * Admits the caller and makes the request. @action NULL: a read. Where it returns NULL the call was
 * answered, and *@ret_result is what the method returns.
 */
struct request *request_new(struct hostd *h, sd_bus_message *m, const char *session,
			    const char *action, const char *object, struct caller *ret_caller,
			    int *ret_result);

/* Zeroed, freed with the request. NULL: out of memory. */
void *request_data(struct request *request, size_t bytes);

/* The same, but what the job writes there is seen here; for answers. Untouched pages cost nothing. */
void *request_shared(struct request *request, size_t bytes);

int request_done(struct request *request);
int request_fail(struct request *request, const struct fail *why);

/*
 * Fails where @result is negative, else runs @work on request->data in a job. While hostd starts, what
 * changes the host's name, network, names or proxy waits for the end of its first job: one of each kind.
 */
int request_run(struct request *request, int result, struct fail *why, enum job_kind kind,
		job_work work);

/* Runs those that waited. */
void request_run_waiting(struct hostd *h);

/*
 * Fails where @result is negative, else answers with the reading end of a pipe at once, and runs
 * @work with the writing end in *@fd (part of request->data) until that is closed or it returns.
 */
int request_stream(struct request *request, int result, struct fail *why, int *fd, job_work work);

/* Ends the streams of a session that is over. */
void request_end_streams(struct hostd *h, const char *session_id);

/* Answers @m itself with the error; returns 1. For calls that have no request. */
int answer_fail(sd_bus_message *m, const struct fail *why);

#endif
