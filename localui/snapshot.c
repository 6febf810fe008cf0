/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "host_facts.h"
#include "lib/cleanup.h"

static const struct {
	const char *interface, *member, *key;
} questions[] = {
	{ HOST_HOST, "Info", "info" },
	{ HOST_HOST, "Stats", "stats" },
	{ HOST_NETWORK, "ListAdapters", "adapters" },
	{ HOST_NETWORK, "GetDns", "dns" },
	{ HOST_NETWORK, "GetNtp", "ntp" },
	{ HOST_NETWORK, "GetProxy", "proxy" },
};

struct question {
	struct server *server;
	size_t number;
};

static void begin(struct server *s);

double snapshot_cpu(struct snapshot *snapshot, uint64_t busy, uint64_t total)
{
	uint64_t d_busy = busy - snapshot->cpu_busy, d_total = total - snapshot->cpu_total;

	/* Two looks in the same moment say nothing: keep what was. */
	if (total > snapshot->cpu_total && busy >= snapshot->cpu_busy && d_total >= 20) {
		uint64_t permille = d_busy * 1000 / d_total;

		snapshot->cpu_percent = (double)permille / 10;
		snapshot->cpu_busy = busy;
		snapshot->cpu_total = total;
	}
	return snapshot->cpu_percent;
}

static struct exchange *take_first(struct snapshot *snapshot)
{
	struct exchange *x = snapshot->first;

	if (x) {
		snapshot->first = x->next;
		x->next = NULL;
		x->waits_snapshot = false;
	}
	return x;
}

static void share(struct server *s)
{
	struct snapshot *snapshot = &s->snapshot;
	json_t *host = host_facts(snapshot->parts, snapshot, (uint64_t)time(NULL));
	struct MHD_Response *response = response_of_json(json_incref(host));
	struct exchange *x;

	if (response)
		headers_common(response);
	if (snapshot->response)
		MHD_destroy_response(snapshot->response);
	json_decref(snapshot->host);
	snapshot->response = response;
	snapshot->host = host;
	snapshot->made_ms = now_ms();
	while ((x = take_first(snapshot))) {
		if (x->then)
			x->then(x);
		else if (response)
			answer_shared(x, 200, response);
		else
			fail_memory(x);
	}
}

static int on_part(sd_bus_message *m, void *question, sd_bus_error *ignored)
{
	autofree struct question *q = question;
	struct snapshot *snapshot = &q->server->snapshot;
	const sd_bus_error *error = sd_bus_message_get_error(m);
	json_t *value = error ? NULL : host_json(m);

	(void)ignored;
	if (value)
		(void)json_object_set_new(snapshot->parts, questions[q->number].key, value);
	else if (!snapshot->error.name)
		(void)sd_bus_error_copy(&snapshot->error, error);
	if (--snapshot->waiting)
		return 0;
	snapshot->running = false;
	if (json_object_size(snapshot->parts) == ARRAY_SIZE(questions)) {
		share(q->server);
		return 0;
	}
	/* Whose session ended meanwhile is told so; the next one asks with its own. */
	if (sd_bus_error_has_name(&snapshot->error, "internal.palette.Error.NoSession")) {
		struct exchange *x = take_first(snapshot);

		if (x)
			host_refuse(x, &snapshot->error);
	} else {
		struct exchange *x;

		while ((x = take_first(snapshot)))
			host_refuse(x, &snapshot->error);
	}
	if (snapshot->first)
		begin(q->server);
	return 0;
}

static void ask_part(struct server *s, size_t number, const char *token)
{
	struct question *q = malloc(sizeof(*q));
	int r = -1;

	s->snapshot.waiting++;
	if (q) {
		*q = (struct question){ s, number };
		r = host_ask(s, questions[number].interface, questions[number].member, token, NULL,
			     on_part, q);
	}
	if (r >= 0)
		return;
	s->snapshot.waiting--;
	free(q);
}

static void begin(struct server *s)
{
	struct snapshot *snapshot = &s->snapshot;
	struct exchange *x;

	snapshot->stale = false;
	sd_bus_error_free(&snapshot->error);
	json_decref(snapshot->parts);
	snapshot->parts = json_object();
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		ask_part(s, i, snapshot->first->token);
	snapshot->running = snapshot->waiting > 0;
	while (!snapshot->running && (x = take_first(snapshot)))
		host_refuse(x, &SD_BUS_ERROR_MAKE_CONST(SD_BUS_ERROR_NO_SERVER, "no bus"));
}

static bool is_fresh(const struct snapshot *snapshot)
{
	return snapshot->response && !snapshot->stale && now_ms() - snapshot->made_ms < SNAPSHOT_MS;
}

static void wait_for_it(struct exchange *x)
{
	struct snapshot *snapshot = &x->server->snapshot;
	struct exchange **end = &snapshot->first;

	while (*end)
		end = &(*end)->next;
	*end = x;
	x->next = NULL;
	x->waits_snapshot = true;
	exchange_wait(x);
	if (!snapshot->running)
		begin(x->server);
}

void snapshot_answer(struct exchange *x)
{
	x->then = NULL;
	if (is_fresh(&x->server->snapshot))
		answer_shared(x, 200, x->server->snapshot.response);
	else
		wait_for_it(x);
}

void snapshot_with(struct exchange *x, void (*then)(struct exchange *x))
{
	x->then = then;
	if (is_fresh(&x->server->snapshot))
		then(x);
	else
		wait_for_it(x);
}

void snapshot_leave(struct exchange *x)
{
	struct exchange **at = &x->server->snapshot.first;

	if (!x->waits_snapshot)
		return;
	while (*at && *at != x)
		at = &(*at)->next;
	if (*at)
		*at = x->next;
	x->waits_snapshot = false;
}

void snapshot_stale(struct server *s)
{
	s->snapshot.stale = true;
}

void snapshot_done(struct server *s)
{
	struct snapshot *snapshot = &s->snapshot;

	if (snapshot->response)
		MHD_destroy_response(snapshot->response);
	json_decref(snapshot->host);
	json_decref(snapshot->parts);
	sd_bus_error_free(&snapshot->error);
}
