/* SPDX-License-Identifier: Apache-2.0 */
/* api.c - internal.palette.Link1 (link.xml). Who may call at all is the bus's policy. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/api.h"
#include "lib/cleanup.h"
#include "linkd.h"

#define ERROR "internal.palette.Error."

static int answer_fail(sd_bus_message *m, const struct fail *why)
{
	static const struct {
		int code;
		const char *name;
	} errors[] = {
		{ EINVAL, ERROR "Refused" },
		{ EPROTO, ERROR "Refused" },
		{ EBUSY, ERROR "Busy" },
		{ ENODEV, ERROR "NotFound" },
	};
	const char *name = ERROR "Failed";
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == why->code)
			name = errors[i].name;
	r = sd_bus_reply_method_errorf(m, name, "%s", why->msg);
	return r < 0 ? r : 1;
}

/*
 * Who does it, for the audit log: palette-localui and root say whose session it is; anybody else is
 * who they are.
 */
static int read_who(struct linkd *l, sd_bus_message *m, struct who *ret)
{
	autobuscreds sd_bus_creds *creds = NULL;
	const char *user, *origin;
	const struct passwd *account;
	uid_t uid = (uid_t)-1;
	int r = sd_bus_message_read(m, "ss", &user, &origin);

	if (r < 0)
		return r;
	if (sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds) < 0 ||
	    sd_bus_creds_get_euid(creds, &uid) < 0)
		return -EACCES;
	if (*user && (uid == 0 || uid == l->door_uid)) {
		snprintf(ret->user, sizeof(ret->user), "%s", user);
		snprintf(ret->origin, sizeof(ret->origin), "%s", origin);
		return 0;
	}
	account = getpwuid(uid);
	if (account)
		snprintf(ret->user, sizeof(ret->user), "%s", account->pw_name);
	else
		snprintf(ret->user, sizeof(ret->user), "uid %u", (unsigned)uid);
	snprintf(ret->origin, sizeof(ret->origin), "local");
	return 0;
}

static int append_peer(sd_bus_message *m, const struct linkd *l, const struct linked *linked,
		       bool is_leader)
{
	const struct sync_status *content = is_leader ? sync_status(l->sync) : &linked->content;
	struct view view;
	int r;

	view_of(l, linked, is_leader, &view);
	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	r = api_string(m, "id", linked->id);
	r = r < 0 ? r : api_string(m, "host-id", linked->host.host_id);
	r = r < 0 ? r : api_string(m, "name", linked->host.name);
	r = r < 0 ? r : api_string(m, "address", linked->address);
	r = r < 0 ? r : api_u32(m, "localui-port", linked->host.ui_port);
	r = r < 0 ? r : api_string(m, "role", is_leader ? "leader" : "follower");
	r = r < 0 ? r : api_string(m, "status", view.status);
	r = r < 0 ? r : api_string(m, "status-reason", view.status_reason);
	r = r < 0 ? r : api_string(m, "health", view.health);
	r = r < 0 ? r : api_string(m, "health-reason", view.health_reason);
	r = r < 0 ? r : api_string(m, "content", view.content);
	r = r < 0 ? r : api_string(m, "content-reason", view.content_reason);
	r = r < 0 ? r : api_u64(m, "content-done-bytes", content->done_bytes);
	r = r < 0 ? r : api_u64(m, "content-total-bytes", content->total_bytes);
	r = r < 0 ? r : api_u64(m, "content-seconds-left", content->seconds_left);
	r = r < 0 ? r : api_u64(m, "last-seen", linked->heard_s);
	r = r < 0 ? r : api_u64(m, "silent-seconds", view.silent_s);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_status(sd_bus_message *m, const struct linkd *l)
{
	const char *error = linkd_follows(l) ? "" : l->joining.error;
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	r = r < 0 ? r : api_string(m, "role", view_role(l));
	r = r < 0 ? r : api_string(m, "status", view_join(l));
	r = r < 0 ? r : api_string(m, "error", error);
	r = r < 0 ? r : api_bool(m, "tried", l->joining.status != JOIN_NONE);
	r = r < 0 ? r : api_bool(m, "generating", l->issuer.on);
	r = r < 0 ? r : api_string(m, "name", l->self.name);
	r = r < 0 ? r : api_string(m, "id", l->identity.id);
	r = r < 0 ? r : api_string(m, "warning", view_warning(l));
	r = r < 0 ? r : api_u32(m, "sync-port", l->config.sync_port);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int method_status(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	const struct linkd *l = linkd;
	int r = sd_bus_message_new_method_return(m, &reply);

	(void)error;
	r = r < 0 ? r : append_status(reply, l);
	r = r < 0 ? r : sd_bus_message_open_container(reply, 'a', "a{sv}");
	if (r >= 0 && linkd_follows(l))
		r = append_peer(reply, l, &l->leader, true);
	for (size_t i = 0; r >= 0 && i < l->n_followers; i++)
		r = append_peer(reply, l, l->followers[i], false);
	r = r < 0 ? r : sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int answer_token(sd_bus_message *m, struct linkd *l)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct fail why = { 0 };
	unsigned left_s = 0;
	char *token = leader_token(l, &left_s);
	int r;

	if (!token) {
		(void)fail_with(&why, ENODEV, "This host generates no tokens");
		return answer_fail(m, &why);
	}
	r = sd_bus_message_new_method_return(m, &reply);
	r = r < 0 ? r : sd_bus_message_sensitive(reply);
	r = r < 0 ? r : sd_bus_message_open_container(reply, 'a', "{sv}");
	r = r < 0 ? r : api_string(reply, "token", token);
	r = r < 0 ? r : api_u32(reply, "interval", l->issuer.interval_s);
	r = r < 0 ? r : api_u32(reply, "remaining", left_s);
	r = r < 0 ? r : api_string(reply, "address", l->token_address);
	r = r < 0 ? r : sd_bus_message_close_container(reply);
	explicit_bzero(token, strlen(token));
	free(token);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_token(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	(void)error;
	return answer_token(m, linkd);
}

static void record(struct linkd *l, const struct who *who, const char *action, const char *object,
		   const struct fail *why)
{
	host_record(l, (struct record){ .user = who->user,
					.origin = who->origin,
					.action = action,
					.object = object,
					.result = why->code ? "refused" : "ok",
					.reason = why->code ? why->msg : "" });
}

static int method_generate(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	struct linkd *l = linkd;
	bool was_on = l->issuer.on;
	struct who who = { 0 };
	struct fail why = { 0 };
	const char *address;
	int r = read_who(l, m, &who);

	(void)error;
	r = r < 0 ? r : sd_bus_message_read(m, "s", &address);
	if (r < 0)
		return r;
	r = leader_generate(l, address, &why);
	/* Asked again while it is on, it only shows the token. */
	if (r < 0 || !was_on)
		record(l, &who, "link-generate-token", "", &why);
	linkd_news(l);
	return r < 0 ? answer_fail(m, &why) : answer_token(m, l);
}

static int method_stop(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	struct linkd *l = linkd;
	struct who who = { 0 };
	struct fail why = { 0 };
	int r = read_who(l, m, &who);

	(void)error;
	if (r < 0)
		return r;
	if (l->issuer.on)
		record(l, &who, "link-stop-token", "", &why);
	issuer_stop(&l->issuer);
	linkd_tell_sync(l);
	linkd_news(l);
	r = sd_bus_reply_method_return(m, "");
	return r < 0 ? r : 1;
}

static int method_join(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	struct linkd *l = linkd;
	struct who who = { 0 };
	struct fail why = { 0 };
	const char *token;
	int r = read_who(l, m, &who);

	(void)error;
	r = r < 0 ? r : sd_bus_message_read(m, "s", &token);
	if (r < 0)
		return r;
	if (follower_join(l, token, &who, &why) < 0) {
		record(l, &who, "link-follow", "", &why);
		return answer_fail(m, &why);
	}
	r = sd_bus_reply_method_return(m, "");
	return r < 0 ? r : 1;
}

static int method_unlink(sd_bus_message *m, void *linkd, sd_bus_error *error)
{
	struct linkd *l = linkd;
	struct who who = { 0 };
	struct fail why = { 0 };
	const char *peer;
	int r = read_who(l, m, &who);

	(void)error;
	r = r < 0 ? r : sd_bus_message_read(m, "s", &peer);
	if (r < 0)
		return r;
	if (linkd_follows(l) &&
	    (!*peer || strcmp(peer, l->leader.id) == 0 || strcmp(peer, l->leader.host.name) == 0))
		r = follower_unlink(l, &who, &why);
	else if (!*peer && l->n_followers)
		r = fail_with(&why, EINVAL,
			      "peer: this host leads %zu linked hosts; name the one to unlink",
			      l->n_followers);
	else if (!*peer)
		r = fail_with(&why, ENODEV, "This host is not linked to another one");
	else
		r = leader_unlink(l, peer, &who, &why);
	if (r < 0) {
		record(l, &who, "link-unlink", peer, &why);
		return answer_fail(m, &why);
	}
	r = sd_bus_reply_method_return(m, "");
	return r < 0 ? r : 1;
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Status", SD_BUS_NO_ARGS,
				SD_BUS_RESULT("a{sv}", facts, "aa{sv}", peers), method_status,
				FLAGS),
	SD_BUS_METHOD_WITH_ARGS("GenerateToken", SD_BUS_ARGS("s", user, "s", origin, "s", address),
				SD_BUS_RESULT("a{sv}", token), method_generate, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Token", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", token),
				method_token, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("StopTokens", SD_BUS_ARGS("s", user, "s", origin), SD_BUS_NO_RESULT,
				method_stop, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Join", SD_BUS_ARGS("s", user, "s", origin, "s", token),
				SD_BUS_NO_RESULT, method_join, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Unlink", SD_BUS_ARGS("s", user, "s", origin, "s", peer),
				SD_BUS_NO_RESULT, method_unlink, FLAGS),
	SD_BUS_SIGNAL("Changed", "", 0),
	SD_BUS_VTABLE_END,
};

int api_start(struct linkd *l, struct fail *why)
{
	int r = sd_bus_add_object_vtable(l->bus, NULL, LINKD_PATH, LINKD_NAME, vtable, l);

	if (r >= 0)
		r = sd_bus_request_name(l->bus, LINKD_NAME, 0);
	return r < 0 ? fail_errno(why, -r, "take the bus name " LINKD_NAME) : 0;
}
