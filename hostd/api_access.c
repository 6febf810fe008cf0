/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Access: what everybody may know, logging in, sessions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts.h"
#include "api.h"
#include "audit.h"
#include "endpoint.h"
#include "lib/cleanup.h"
#include "lib/utf8.h"
#include "login.h"
#include "names.h"
#include "request.h"

#define SEEN SITE_STATE "/seen/%s"

/* Nobody may be asked for an account while the settings file is making one. */
static bool presets_pending(const struct hostd *h)
{
	return h->starting && access(site_path(&h->site, SETTINGS_FILE).s, F_OK) == 0;
}

static int method_public(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct fail why = { 0 };
	char name[HOSTNAME_MAX + 1];
	struct hostd *h = userdata;
	struct info info;
	int r;

	(void)error;
	if (presets_pending(h)) {
		fail_with(&why, BUSY, "the settings file is being applied");
		return answer_fail(m, &why);
	}
	info_read(&h->site, &info);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = api_string(reply, "hostname", hostname_read(&h->site, name));
	if (r >= 0)
		r = api_string(reply, "version", info.version);
	if (r >= 0)
		r = api_bool(reply, "has-account", account_admins(&h->site, NULL) > 0);
	if (r >= 0)
		r = api_u32(reply, "localui-port", info.localui_port);
	if (r >= 0)
		r = api_string(reply, "localui-fingerprint", info.localui_fingerprint);
	if (r >= 0)
		r = api_string(reply, "settings-error", h->settings_error);
	return api_dict_send(reply, r);
}

static int append_session(sd_bus_message *m, const struct session *s, bool current)
{
	uint64_t now_s = hostd_now_s();
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	if (r >= 0)
		r = api_string(m, "id", s->id);
	if (r >= 0)
		r = api_string(m, "user", s->user);
	if (r >= 0)
		r = api_string(m, "origin", s->origin);
	if (r >= 0)
		r = api_bool(m, "extended", s->extended);
	if (r >= 0)
		r = api_bool(m, "first-login", s->first_login);
	if (r >= 0)
		r = api_u64(m, "age", now_s - s->created_s);
	if (r >= 0)
		r = api_u64(m, "idle", now_s - s->used_s);
	if (r >= 0)
		r = api_u64(m, "remaining", s->expires_s - now_s);
	if (r >= 0)
		r = api_bool(m, "current", current);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

struct login_data {
	struct site site;
	char user[USER_NAME_MAX + 1];
	char password[PASSWORD_BYTES_MAX +
		      2]; /* one more than is good, so that too long stays so */
	char origin[ORIGIN_BYTES];
	bool extended;
	uid_t uid;
};

static void free_login(void *data)
{
	if (data)
		explicit_bzero(data, sizeof(struct login_data));
	free(data);
}

static int work_login(void *data, struct fail *why)
{
	struct login_data *login = data;

	return login_check(&login->site, login->user, login->password, why);
}

/*
 * Whether @user has never logged in from the network before, which is the Local UI: the console's own
 * login, which made the account, is not what the page welcomes.
 */
static bool is_first_login(struct hostd *h, const char *user, const char *origin)
{
	struct fail why = { 0 };
	struct endpoint from;
	char path[128];

	if (endpoint_check(origin, false, &from, &why) < 0 || !from.is_address)
		return false;
	snprintf(path, sizeof(path), SEEN, user);
	return site_write_changed(&h->site, path, "1\n", 2, 0600, &why) == 1;
}

static int answer_login(struct request *request)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct login_data *login = request->data;
	struct hostd *h = request->h;
	struct session_request wanted = {
		.user = login->user,
		.origin = login->origin,
		.uid = login->uid,
		.extended = login->extended,
		.first_login = is_first_login(h, login->user, login->origin),
		.now_s = hostd_now_s(),
		.lifetime_s =
			login->extended ? h->policy.extended_seconds : h->policy.session_seconds,
	};
	char token[SESSION_TOKEN_BYTES], evicted[SESSION_ID_BYTES];
	uint8_t random[SESSION_RANDOM];
	const struct session *s;
	int r;

	hostd_random(random, sizeof(random));
	s = session_open(&h->sessions, &wanted, random, token, evicted);
	explicit_bzero(random, sizeof(random));
	if (evicted[0])
		hostd_session_ended(evicted, h);
	hostd_save_sessions(h);
	r = sd_bus_message_new_method_return(request->message, &reply);
	if (r >= 0)
		r = sd_bus_message_sensitive(reply);
	if (r >= 0)
		r = sd_bus_message_append(reply, "s", token);
	if (r >= 0)
		r = append_session(reply, s, true);
	explicit_bzero(token, sizeof(token));
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static void after_login(struct request *request, int result)
{
	struct login_data *login = request->data;
	struct throttle *throttle = &request->h->throttle;

	if (result == 0 || result == -BAD_LOGIN)
		throttle_end(throttle, &request->h->policy.login, login->user, login->origin,
			     result == 0, hostd_now_ms());
	else
		throttle_cancel(throttle, login->user, login->origin);
}

/* It does not count as a failure. */
static void cancel_login(struct request *request)
{
	const struct login_data *login = request->data;

	throttle_cancel(&request->h->throttle, login->user, login->origin);
}

static struct request *new_login_request(struct hostd *h, sd_bus_message *m, const char *user,
					 const char *origin)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->h = h;
	request->message = sd_bus_message_ref(m);
	request->action = "login";
	/* Of a name that is no account here only that: a password typed one field too early. */
	snprintf(request->actor, sizeof(request->actor), "%s",
		 account_find(&h->site, user, NULL) ? user : "unknown");
	snprintf(request->origin, sizeof(request->origin), "%s", origin);
	return request;
}

static int start_login(struct request *request, struct login_data *login, struct fail *why)
{
	uint64_t wait_ms =
		throttle_begin(&request->h->throttle, login->user, login->origin, hostd_now_ms());

	if (wait_ms == UINT64_MAX)
		return fail_with(why, BUSY,
				 "another login of this user is being checked; try again");
	if (wait_ms)
		return fail_with(why, BLOCKED, "too many failed logins; try again in %ju s",
				 (uintmax_t)(wait_ms + 999) / 1000);
	request->unstarted = cancel_login;
	return caller_uid(request->message, &login->uid, why);
}

static int method_login(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *user, *password, *origin;
	struct hostd *h = userdata;
	struct login_data *login;
	struct request *request;
	struct fail why = { 0 };
	int r, extended;

	(void)error;
	r = sd_bus_message_read(m, "sssb", &user, &password, &origin, &extended);
	if (r < 0)
		return r;
	request = new_login_request(h, m, user, utf8_is_plain(origin) ? origin : "?");
	login = request ? request_data(request, sizeof(*login)) : NULL;
	if (!login)
		return -ENOMEM;
	request->free_data = free_login;
	request->after = after_login;
	request->answer = answer_login;
	login->site = h->site;
	login->extended = extended;
	snprintf(login->user, sizeof(login->user), "%s", user);
	snprintf(login->password, sizeof(login->password), "%s", password);
	snprintf(login->origin, sizeof(login->origin), "%s", request->origin);
	r = start_login(request, login, &why);
	return request_run(request, r, &why, JOB_LOGIN, work_login);
}

/* The session of the call itself: for calls that are about it. */
static int read_own_session(struct hostd *h, sd_bus_message *m, struct caller *ret,
			    struct fail *why)
{
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	memset(ret, 0, sizeof(*ret));
	if (r < 0)
		return fail_errno(why, -r, "read the call");
	r = caller_admit(h, m, token, ret, why);
	if (r == 0 && !ret->session)
		return fail_with(why, NO_SESSION, "there is no session in the call");
	return r;
}

static int method_get_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct caller caller;
	int r;

	(void)error;
	if (read_own_session(h, m, &caller, &why) < 0 || !caller.session)
		return answer_fail(m, &why);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = append_session(reply, caller.session, true);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_renew(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct caller caller;
	int r;

	(void)error;
	if (read_own_session(h, m, &caller, &why) < 0 || !caller.session)
		return answer_fail(m, &why);
	caller.session->expires_s =
		hostd_now_s() +
		(caller.session->extended ? h->policy.extended_seconds : h->policy.session_seconds);
	hostd_save_sessions(h);
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = append_session(reply, caller.session, true);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int end_session(struct request *request, struct session *s)
{
	char id[SESSION_ID_BYTES];

	memcpy(id, s->id, sizeof(id));
	session_close(s);
	hostd_session_ended(id, request->h);
	return request_done(request);
}

static int method_logout(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token;
	struct request *request;
	struct caller caller;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(userdata, m, token, "logout", "", &caller, &r);
	if (!request)
		return r;
	if (caller.session)
		return end_session(request, caller.session);
	fail_with(&why, NO_SESSION, "there is no session in the call");
	return request_fail(request, &why);
}

static int method_list_sessions(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; r >= 0 && i < SESSIONS_MAX; i++) {
		const struct session *s = &h->sessions.rows[i];

		if (s->id[0] && s->expires_s > hostd_now_s())
			r = append_session(reply, s, s == caller.session);
	}
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_revoke_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	const char *token, *id;
	struct session *s;
	int r = sd_bus_message_read(m, "ss", &token, &id);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "revoke-session", id, NULL, &r);
	if (!request)
		return r;
	s = session_find_id(&h->sessions, id, hostd_now_s());
	if (s)
		return end_session(request, s);
	fail_with(&why, NOT_FOUND, "there is no such session");
	return request_fail(request, &why);
}

const sd_bus_vtable hostd_access_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Public", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", facts),
				method_public, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Login",
				SD_BUS_ARGS("s", user, "s", password, "s", origin, "b", extended),
				SD_BUS_RESULT("s", session, "a{sv}", facts), method_login,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("Logout", SD_BUS_ARGS("s", session), SD_BUS_NO_RESULT,
				method_logout,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("Renew", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_renew, SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("GetSession", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("a{sv}", facts), method_get_session,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("ListSessions", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("aa{sv}", sessions), method_list_sessions,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD_WITH_ARGS("RevokeSession", SD_BUS_ARGS("s", session, "s", id),
				SD_BUS_NO_RESULT, method_revoke_session,
				SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_SIGNAL_WITH_ARGS("SessionEnded", SD_BUS_ARGS("s", id), 0),
	SD_BUS_VTABLE_END,
};
