/* SPDX-License-Identifier: Apache-2.0 */
/* api_link.c - linked hosts: tokens, joining, the table. palette-linkd does it. */
#include <string.h>

#include "api.h"

/* A call with who does it, and up to one more string. */
static void ask(struct exchange *x, const char *member, const char *more, host_reply reply)
{
	sd_bus_message *m = link_message(x, member);
	int r = m ? sd_bus_message_append(m, "ss", x->user, x->origin) : 0;

	if (m && r >= 0 && more)
		r = sd_bus_message_append(m, "s", more);
	host_send(x, m, r, LIMIT_CALL_SECONDS, reply);
}

static void got_token(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "token", "token" },
		{ "interval", "interval" },
		{ "remaining", "remainingTime" },
		{ "address", "address" },
		{ 0 },
	};

	api_answer_renamed(x, m, keys);
}

/* The address by which the browser reached this host; "" where followers could not use it. */
static void own_address(struct exchange *x, char buf[INET6_ADDRSTRLEN])
{
	(void)exchange_local_address(x, buf);
	if (strchr(buf, ':') || strncmp(buf, "127.", 4) == 0)
		buf[0] = '\0';
}

void api_generate_link_token(struct exchange *x)
{
	const char *address = exchange_query(x, "address");
	char own[INET6_ADDRSTRLEN];

	own_address(x, own);
	ask(x, "GenerateToken", address && *address ? address : own, got_token);
}

void api_get_link_token(struct exchange *x)
{
	sd_bus_message *m = link_message(x, "Token");

	host_send(x, m, 0, LIMIT_CALL_SECONDS, got_token);
}

void api_stop_link_token(struct exchange *x)
{
	ask(x, "StopTokens", NULL, api_done);
}

static json_t *peer_json(const json_t *facts)
{
	static const struct host_key keys[] = {
		{ "id", "id" },
		{ "host-id", "uid" },
		{ "name", "hostName" },
		{ "address", "ip" },
		{ "role", "role" },
		{ "localui-port", "localUIPort" },
		{ "status", "status" },
		{ "status-reason", "statusReason" },
		{ "silent-seconds", "silentSeconds" },
		{ 0 },
	};
	static const struct host_key health[] = { { "health", "state" },
						  { "health-reason", "reason" },
						  { 0 } };
	static const struct host_key content[] = {
		{ "content", "state" },
		{ "content-reason", "reason" },
		{ "content-done-bytes", "doneBytes" },
		{ "content-total-bytes", "totalBytes" },
		{ "content-seconds-left", "secondsLeft" },
		{ 0 },
	};
	json_int_t seen = json_integer_value(json_object_get(facts, "last-seen"));
	json_t *peer = host_renamed(facts, keys);

	(void)json_object_set_new(peer, "nodeRole", json_string("unknown"));
	(void)json_object_set_new(peer, "overlayIP", json_string(""));
	(void)json_object_set_new(peer, "health", host_renamed(facts, health));
	(void)json_object_set_new(peer, "contentSyncStatus", host_renamed(facts, content));
	if (seen)
		api_set_time(peer, "lastSeen", seen);
	else
		(void)json_object_set_new(peer, "lastSeen", json_null());
	return peer;
}

json_t *api_link_json(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "role", "role" },
		{ "status", "status" },
		{ "error", "errorMessage" },
		{ "warning", "warning" },
		{ "generating", "generatingTokens" },
		{ "sync-port", "syncPort" },
		{ "tried", "tried" },
		{ 0 },
	};
	json_t *facts = api_value(x, m), *rows = facts ? api_value(x, m) : NULL, *peers, *row;
	json_t *status = NULL;
	size_t i;

	if (rows) {
		status = host_renamed(facts, keys);
		peers = json_array();
		json_array_foreach(rows, i, row)(void) json_array_append_new(peers, peer_json(row));
		(void)json_object_set_new(status, "peers", peers);
	}
	json_decref(facts);
	json_decref(rows);
	return status;
}

/* 404, as documented: not linked, and nothing to say of an attempt. */
static void got_status(struct exchange *x, sd_bus_message *m)
{
	json_t *status = api_link_json(x, m);
	const char *role = json_string_value(json_object_get(status, "role"));
	bool tried = json_is_true(json_object_get(status, "tried"));

	if (!status)
		return;
	(void)json_object_del(status, "tried");
	if (!tried && role && strcmp(role, "none") == 0) {
		json_decref(status);
		fail_answer(x, (struct refusal){ .status = 404, .code = "NotFound" },
			    "This host is not linked to others");
		return;
	}
	answer_json(x, 200, status);
}

static void got_begun(struct exchange *x, sd_bus_message *m)
{
	json_t *status = api_link_json(x, m);

	if (!status)
		return;
	(void)json_object_del(status, "tried");
	answer_json(x, 202, status);
}

static void ask_status(struct exchange *x, host_reply reply)
{
	sd_bus_message *m = link_message(x, "Status");

	host_send(x, m, 0, LIMIT_CALL_SECONDS, reply);
}

static void begun(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	ask_status(x, got_begun);
}

void api_link(struct exchange *x)
{
	ask(x, "Join", field_string(x->json, "token"), begun);
}

void api_link_status(struct exchange *x)
{
	ask_status(x, got_status);
}

void api_unlink(struct exchange *x)
{
	const char *peer = exchange_query(x, "peerId");

	ask(x, "Unlink", peer ? peer : "", api_done);
}
