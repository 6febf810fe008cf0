/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "accounts.h"
#include "api.h"
#include "audit.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/utf8.h"
#include "origin.h"
#include "refuse.h"

#define ERROR "internal.palette.Error."

static const struct {
	int code;
	const char *name, *result;
} errors[] = {
	{ REFUSED, ERROR "Refused", "refused" },     { DENIED, ERROR "Denied", "denied" },
	{ NO_SESSION, ERROR "NoSession", "denied" }, { BAD_LOGIN, ERROR "BadLogin", "denied" },
	{ BLOCKED, ERROR "Blocked", "denied" },	     { EXISTS, ERROR "Exists", "refused" },
	{ NOT_FOUND, ERROR "NotFound", "refused" },  { BUSY, ERROR "Busy", "refused" },
	{ NO_SPACE, ERROR "NoSpace", "refused" },
};

static const char *error_name(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == code)
			return errors[i].name;
	return ERROR "Failed";
}

static const char *result_name(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == code)
			return errors[i].result;
	return code ? "failed" : "ok";
}

int answer_fail(sd_bus_message *m, const struct fail *why)
{
	struct fail clean = *why;
	int r;

	/* A bus takes UTF-8 alone, and a message that is too long is cut between any two bytes. */
	utf8_clean(clean.msg);
	r = sd_bus_reply_method_errorf(m, error_name(why->code), "%s", clean.msg);
	return r < 0 ? r : 1;
}

int caller_uid(sd_bus_message *m, uid_t *ret, struct fail *why)
{
	autobuscreds sd_bus_creds *creds = NULL;
	int r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);

	if (r >= 0)
		r = sd_bus_creds_get_euid(creds, ret);
	return r < 0 ? fail_with(why, DENIED, "who calls could not be found out: %s", strerror(-r))
		     : 0;
}

static int admit_by_session(struct hostd *h, const char *token, struct caller *ret,
			    struct fail *why)
{
	struct session *s = session_find(&h->sessions, token, ret->uid, hostd_now_s());
	char id[SESSION_ID_BYTES];

	if (!s)
		return fail_with(why, NO_SESSION, "the session is over; log in again");
	/* Rights may have gone since the login. */
	if (!account_is_admin(&h->site, s->user)) {
		memcpy(id, s->id, sizeof(id));
		session_close(s);
		hostd_session_ended(id, h);
		return fail_with(why, NO_SESSION, "the account is no administrator any more");
	}
	snprintf(ret->user, sizeof(ret->user), "%s", s->user);
	snprintf(ret->origin, sizeof(ret->origin), "%s", s->origin);
	ret->session = s;
	return 0;
}

int caller_admit(struct hostd *h, sd_bus_message *m, const char *session, struct caller *ret,
		 struct fail *why)
{
	struct account account;
	int r;

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->origin, sizeof(ret->origin), "local");
	r = caller_uid(m, &ret->uid, why);
	if (r < 0)
		return r;
	if (*session)
		return admit_by_session(h, session, ret, why);
	if (account_find_uid(&h->site, ret->uid, &account))
		snprintf(ret->user, sizeof(ret->user), "%s", account.user);
	if (ret->uid == 0 || account_is_admin(&h->site, ret->user))
		return 0;
	if (strcmp(ret->user, LINK_USER) == 0 &&
	    (sd_bus_message_is_method_call(m, HOSTD_SYNC, NULL) ||
	     sd_bus_message_is_method_call(m, HOSTD_LINK, NULL)))
		return 0;
	return fail_with(why, DENIED,
			 "only root and members of the group " SITE_ADMIN_GROUP
			 " may do this without a login");
}

int caller_admit_read(struct hostd *h, sd_bus_message *m, struct caller *ret)
{
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	if (r < 0)
		return r;
	return caller_admit(h, m, token, ret, &why) < 0 ? answer_fail(m, &why) : 0;
}

static void request_free(struct request *request)
{
	if (request->shared_bytes)
		munmap(request->data, request->shared_bytes);
	else if (request->free_data)
		request->free_data(request->data);
	else
		free(request->data);
	sd_bus_message_unref(request->message);
	free(request);
}

static void write_audit(const struct request *request, const struct fail *why)
{
	struct audit_event event = { .actor = request->actor,
				     .from = request->origin,
				     .action = request->action,
				     .object = request->object,
				     .result = result_name(why->code),
				     .reason = why->code ? why->msg : "" };

	if (request->action)
		audit(&request->h->site, event);
}

int request_fail(struct request *request, const struct fail *why)
{
	int r;

	write_audit(request, why);
	r = answer_fail(request->message, why);
	request_free(request);
	return r;
}

int request_done(struct request *request)
{
	static const struct fail none = { 0 };
	struct fail why = { 0 };
	int r;

	write_audit(request, &none);
	if (request->answer)
		r = request->answer(request);
	else
		r = sd_bus_reply_method_return(request->message, "");
	/* After a job nobody else answers: the caller would wait until its own limit. */
	if (r < 0) {
		(void)fail_with(&why, EIO, "the answer could not be made: %s", strerror(-r));
		log_warn("%s: %s", sd_bus_message_get_member(request->message), why.msg);
		r = answer_fail(request->message, &why);
	}
	request_free(request);
	return r < 0 ? r : 1;
}

static void find_origin(struct hostd *h, sd_bus_message *m, struct caller *caller)
{
	autobuscreds sd_bus_creds *creds = NULL;
	pid_t pid;

	if (sd_bus_query_sender_creds(m, SD_BUS_CREDS_PID, &creds) >= 0 &&
	    sd_bus_creds_get_pid(creds, &pid) >= 0)
		origin_of_process(&h->site, pid, caller->origin);
}

struct request *request_new(struct hostd *h, sd_bus_message *m, const char *session,
			    const char *action, const char *object, struct caller *ret_caller,
			    int *ret_result)
{
	struct request *request = calloc(1, sizeof(*request));
	struct fail why = { 0 };
	struct caller caller;
	int r;

	if (!request) {
		*ret_result = -ENOMEM;
		return NULL;
	}
	request->h = h;
	request->message = sd_bus_message_ref(m);
	request->action = action;
	snprintf(request->object, sizeof(request->object), "%s", object);
	r = caller_admit(h, m, session, &caller, &why);
	if (action && !caller.session)
		find_origin(h, m, &caller);
	snprintf(request->origin, sizeof(request->origin), "%s", caller.origin);
	if (caller.user[0])
		snprintf(request->actor, sizeof(request->actor), "%s", caller.user);
	else
		snprintf(request->actor, sizeof(request->actor), "uid %u", (unsigned)caller.uid);
	if (r < 0) {
		*ret_result = request_fail(request, &why);
		return NULL;
	}
	if (caller.session)
		memcpy(request->session_id, caller.session->id, SESSION_ID_BYTES);
	if (ret_caller)
		*ret_caller = caller;
	return request;
}

void *request_data(struct request *request, size_t bytes)
{
	request->data = calloc(1, bytes);
	return request->data;
}

void *request_shared(struct request *request, size_t bytes)
{
	void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return NULL;
	request->shared_bytes = bytes;
	request->data = data;
	return data;
}

static int in_job(void *data, struct fail *why)
{
	struct request *request = data;

	return request->work(request->data, why);
}

static void after_job(int result, const struct fail *why, void *data)
{
	struct request *request = data;

	if (request->after)
		request->after(request, result);
	if (result < 0)
		(void)request_fail(request, why);
	else
		(void)request_done(request);
}

static int fail_unstarted(struct request *request, const struct fail *why)
{
	if (request->unstarted)
		request->unstarted(request);
	return request_fail(request, why);
}

static int start_job(struct request *request, struct fail *why)
{
	struct jobs *jobs = &request->h->jobs;
	int r;

	jobs->seconds = request->seconds;
	r = job_start(jobs, request->h->event, request->kind, in_job, after_job, request, why);
	jobs->seconds = 0;
	return r == 0 ? 1 : fail_unstarted(request, why);
}

/* Asks services that are later than this one, or writes what the first job writes. */
static bool waits_for_start(enum job_kind kind)
{
	return kind == JOB_HOST || kind == JOB_NETWORK || kind == JOB_NAMES || kind == JOB_PROXY;
}

static int wait_for_start(struct request *request, struct fail *why)
{
	struct request **end = &request->h->waiting;

	for (; *end; end = &(*end)->next) {
		if ((*end)->kind != request->kind)
			continue;
		(void)fail_with(why, BUSY,
				"another change of this kind waits until the system has started; "
				"try again");
		return fail_unstarted(request, why);
	}
	*end = request;
	return 1;
}

void request_run_waiting(struct hostd *h)
{
	struct fail why = { 0 };

	while (h->waiting) {
		struct request *request = h->waiting;

		h->waiting = request->next;
		(void)start_job(request, &why);
	}
}

int request_run(struct request *request, int result, struct fail *why, enum job_kind kind,
		job_work work)
{
	if (result < 0)
		return fail_unstarted(request, why);
	request->work = work;
	request->kind = kind;
	if (request->h->starting && waits_for_start(kind))
		return wait_for_start(request, why);
	return start_job(request, why);
}

static int in_stream(void *data, struct fail *why)
{
	struct request *request = data;

	signal(SIGPIPE, SIG_DFL);
	return request->work(request->data, why);
}

static void after_stream(int result, const struct fail *why, void *data)
{
	(void)result;
	(void)why;
	request_free(data);
}

int request_stream(struct request *request, int result, struct fail *why, int *fd, job_work work)
{
	autoclose int read_fd = -1, write_fd = -1;
	static const struct fail none = { 0 };
	int fds[2];

	if (result < 0)
		return request_fail(request, why);
	if (pipe2(fds, O_CLOEXEC) < 0) {
		(void)fail_errno(why, errno, "make a pipe");
		return request_fail(request, why);
	}
	read_fd = fds[0];
	write_fd = fds[1];
	*fd = write_fd;
	request->work = work;
	request->h->jobs.keep_fd = write_fd;
	result = job_start(&request->h->jobs, request->h->event, JOB_STREAM, in_stream,
			   after_stream, request, why);
	request->h->jobs.keep_fd = 0;
	if (result < 0)
		return request_fail(request, why);
	write_audit(request, &none);
	result = sd_bus_reply_method_return(request->message, "h", read_fd);
	return result < 0 ? result : 1;
}

static bool is_of_session(const void *data, const void *session_id)
{
	const struct request *request = data;

	return strcmp(request->session_id, session_id) == 0;
}

void request_end_streams(struct hostd *h, const char *session_id)
{
	job_kill(&h->jobs, JOB_STREAM, is_of_session, session_id);
}

int api_list_begin(sd_bus_message *m, void *hostd, const char *type, sd_bus_message **ret)
{
	struct caller caller;
	int r = caller_admit_read(hostd, m, &caller);

	*ret = NULL;
	if (r != 0)
		return r;
	r = sd_bus_message_new_method_return(m, ret);
	return r < 0 ? r : sd_bus_message_open_container(*ret, 'a', type);
}
