/* SPDX-License-Identifier: Apache-2.0 */
/* api_users.c - logging in, sessions, the own account. */
#include <string.h>

#include "api.h"
#include "hostd/bus.h"
#include "lib/cleanup.h"

json_t *api_session_json(const json_t *facts)
{
	static const struct host_key keys[] = {
		{ "id", "id" },
		{ "user", "userName" },
		{ "origin", "origin" },
		{ "extended", "extended" },
		{ "first-login", "firstLogin" },
		{ "age", "ageSeconds" },
		{ "idle", "idleSeconds" },
		{ "remaining", "remainingSeconds" },
		{ "current", "current" },
		{ 0 },
	};

	return host_renamed(facts, keys);
}

/* A switch of the login: the body's field, else the query's, else @fallback. */
static bool login_switch(const struct exchange *x, const char *name, bool fallback)
{
	const json_t *field = json_object_get(x->json, name);
	const char *query = exchange_query(x, name);

	if (field)
		return json_is_true(field);
	return query ? strcmp(query, "true") == 0 : fallback;
}

static void set_session_cookie(struct exchange *x, struct MHD_Response *response, const char *token,
			       const json_t *session)
{
	json_int_t left = json_integer_value(json_object_get(session, "remainingSeconds"));

	answer_cookie(response, x->server, token, (uint64_t)left);
}

static void logged_in(struct exchange *x, sd_bus_message *m)
{
	struct MHD_Response *response;
	json_t *facts, *session;
	const char *token;

	if (sd_bus_message_read(m, "s", &token) < 0 || !http_is_token(token)) {
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
		return;
	}
	facts = api_value(x, m);
	if (!facts)
		return;
	session = api_session_json(facts);
	json_decref(facts);
	/* Whatever token the client brought along plays no part: this one was made just now. */
	response = response_of_json(
		json_pack("{s:{s:s}, s:O, s:O}", "Token", "Authorization", token, "IsFirstLogin",
			  json_object_get(session, "firstLogin"), "session", session));
	if (response && login_switch(x, "setCookie", true))
		set_session_cookie(x, response, token, session);
	json_decref(session);
	if (response)
		answer(x, 200, response);
	else
		fail_memory(x);
}

void api_login(struct exchange *x)
{
	sd_bus_message *m = host_message(x, HOST_ACCESS, "Login");
	int r = m ? sd_bus_message_append(m, "sssb", field_string(x->json, "username"),
					  field_string(x->json, "password"), x->origin,
					  (int)login_switch(x, "extendedSession", false))
		  : 0;

	host_send(x, m, r, LIMIT_CALL_SECONDS, logged_in);
}

static void logged_out(struct exchange *x, sd_bus_message *m)
{
	struct MHD_Response *response = MHD_create_response_from_buffer_static(0, "");

	(void)m;
	if (!response) {
		fail_memory(x);
		return;
	}
	answer_cookie(response, x->server, "", 0);
	answer(x, 204, response);
}

void api_logout(struct exchange *x)
{
	host_call(x, HOST_ACCESS, "Logout", logged_out, NULL);
}

static void renewed(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m), *session, *body;
	struct MHD_Response *response;

	if (!facts)
		return;
	session = api_session_json(facts);
	json_decref(facts);
	body = json_pack("{s:O}", "session", session);
	/* Scripts of a page cannot read the cookie, and shall not read it here either. */
	if (!x->by_cookie)
		(void)json_object_set_new(body, "Token",
					  json_pack("{s:s}", "Authorization", x->token));
	response = response_of_json(body);
	if (response && x->by_cookie)
		set_session_cookie(x, response, x->token, session);
	json_decref(session);
	if (response)
		answer(x, 200, response);
	else
		fail_memory(x);
}

void api_renew(struct exchange *x)
{
	host_call(x, HOST_ACCESS, "Renew", renewed, NULL);
}

static void got_session(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	answer_json(x, 200, api_session_json(facts));
	json_decref(facts);
}

void api_get_session(struct exchange *x)
{
	host_call(x, HOST_ACCESS, "GetSession", got_session, NULL);
}

static void listed_sessions(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *items, *row;
	size_t i;

	if (!rows)
		return;
	items = json_array();
	json_array_foreach(rows, i, row)(void) json_array_append_new(items, api_session_json(row));
	json_decref(rows);
	answer_json(x, 200, json_pack("{s:o}", "items", items));
}

void api_list_sessions(struct exchange *x)
{
	host_call(x, HOST_ACCESS, "ListSessions", listed_sessions, NULL);
}

void api_revoke_session(struct exchange *x)
{
	host_call(x, HOST_ACCESS, "RevokeSession", api_done,
		  (const char *[]){ x->params[0], NULL });
}

static void change_password(struct exchange *x)
{
	host_call(x, HOST_ACCOUNTS, "ChangePassword", api_done,
		  (const char *[]){ x->user, field_string(x->json, "oldPassword"),
				    field_string(x->json, "newPassword"), NULL });
}

void api_reset_password(struct exchange *x)
{
	exchange_check_session(x, change_password);
}

static void got_rules(struct exchange *x, sd_bus_message *m)
{
	json_t *rules = api_value(x, m);

	if (rules)
		answer_json(x, 200,
			    json_pack("{s:s, s:O, s:b, s:o}", "userName", x->user, "sshKeys",
				      x->scratch, "disablePasswordUpdate", 0, "passwordRules",
				      rules));
}

static void got_keys(struct exchange *x, sd_bus_message *m)
{
	x->scratch = api_value(x, m);
	if (x->scratch)
		host_call(x, HOST_ACCOUNTS, "PasswordRules", got_rules, NULL);
}

void api_get_user(struct exchange *x)
{
	host_call(x, HOST_ACCOUNTS, "GetSshKeys", got_keys, (const char *[]){ x->user, NULL });
}

void api_patch_user(struct exchange *x)
{
	sd_bus_message *m = host_message(x, HOST_ACCOUNTS, "SetSshKeys");
	const json_t *keys = json_object_get(x->json, "sshKeys"), *key;
	int r = m ? sd_bus_message_append(m, "ss", x->token, x->user) : 0;
	size_t i;

	if (m && r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	json_array_foreach(keys, i, key) if (m && r >= 0) r =
		sd_bus_message_append(m, "s", json_string_value(key));
	if (m && r >= 0)
		r = sd_bus_message_close_container(m);
	host_send(x, m, r, LIMIT_CALL_SECONDS, api_done);
}
