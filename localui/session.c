/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - is the request's session good? From the cache, or from the host service. */
#include <stdio.h>

#include "exchange.h"
#include "host.h"

static void checked(struct exchange *x, sd_bus_message *m)
{
	void (*then)(struct exchange *x) = x->then;
	json_t *facts = host_json(m);
	const char *id = json_string_value(json_object_get(facts, "id"));
	const char *user = json_string_value(json_object_get(facts, "user"));

	if (!id || !user) {
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
		json_decref(facts);
		return;
	}
	snprintf(x->session_id, sizeof(x->session_id), "%s", id);
	snprintf(x->user, sizeof(x->user), "%s", user);
	session_cache_put(&x->server->sessions, x->token, id, user, now_ms());
	json_decref(facts);
	x->then = NULL;
	then(x);
}

void exchange_check_session(struct exchange *x, void (*then)(struct exchange *x))
{
	const struct session_row *row =
		session_cache_find(&x->server->sessions, x->token, now_ms());

	if (row) {
		snprintf(x->session_id, sizeof(x->session_id), "%s", row->id);
		snprintf(x->user, sizeof(x->user), "%s", row->user);
		then(x);
		return;
	}
	x->then = then;
	host_call(x, HOST_ACCESS, "GetSession", checked, NULL);
}
