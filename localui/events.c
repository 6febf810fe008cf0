/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "lib/cleanup.h"
#include "snapshot.h"
#include "stream.h"

#define TICK_US	    UINT64_C(2000000)
#define CHECK_MS    15000
#define EVENT_BYTES 1024

static void put_event(struct stream *stream, const char *name, json_t *data)
{
	char text[EVENT_BYTES];
	char *json = json_dumps(data, JSON_COMPACT);
	int n = json ? snprintf(text, sizeof(text), "event: %s\ndata: %s\n\n", name, json) : -1;

	free(json);
	if (n < 0 || (size_t)n >= sizeof(text) || !stream_put(stream, text, (size_t)n))
		stream->lost = !stream->ending;
}

/* To all pages; takes @data. */
static void broadcast(struct server *s, const char *name, json_t *data)
{
	for (struct stream *stream = s->streams; stream; stream = stream->next)
		if (stream->kind == STREAM_EVENTS)
			put_event(stream, name, data);
	json_decref(data);
}

void events_hello(struct stream *stream)
{
	json_t *nothing = json_object();

	put_event(stream, "hello", nothing);
	json_decref(nothing);
}

static void end_session(struct stream *stream)
{
	json_t *nothing = json_object();

	if (stream->kind == STREAM_EVENTS)
		put_event(stream, "session-end", nothing);
	json_decref(nothing);
	stream_end(stream);
}

static void session_ended(struct server *s, const char *id)
{
	session_cache_drop(&s->sessions, id);
	for (struct stream *stream = s->streams; stream; stream = stream->next)
		if (stream->kind != STREAM_RAW && strcmp(stream->session_id, id) == 0)
			end_session(stream);
}

void events_signal(struct server *s, sd_bus_message *m)
{
	static const struct {
		const char *member, *event, *keys[2];
	} signals[] = {
		{ "Changed", "host", { NULL } },
		{ "AdaptersChanged", "adapters", { NULL } },
		{ "DnsChanged", "dns", { NULL } },
		{ "ProxyChanged", "proxy", { "state" } },
		{ "ChangeEnded", "change", { "changeId", "outcome" } },
		{ "ContentChanged", "content", { NULL } },
		{ "ArchiveChanged", "logs", { "status" } },
	};
	const char *member = sd_bus_message_get_member(m), *value;

	if (member && strcmp(member, "SessionEnded") == 0 &&
	    sd_bus_message_read(m, "s", &value) > 0)
		session_ended(s, value);
	for (size_t i = 0; member && i < ARRAY_SIZE(signals); i++) {
		json_t *data;

		if (strcmp(signals[i].member, member) != 0)
			continue;
		data = json_object();
		for (size_t k = 0; k < 2 && signals[i].keys[k]; k++)
			if (sd_bus_message_read(m, "s", &value) > 0)
				(void)json_object_set_new(data, signals[i].keys[k],
							  json_string(value));
		snapshot_stale(s);
		broadcast(s, signals[i].event, data);
	}
}

void events_link(struct server *s)
{
	broadcast(s, "link", json_object());
}

void events_host_service(struct server *s, bool available)
{
	broadcast(s, "service", json_pack("{s:b}", "available", available));
	/* Signals went by while it was away. */
	if (available)
		broadcast(s, "hello", json_object());
}

static int on_metrics(sd_bus_message *m, void *server, sd_bus_error *error)
{
	struct server *s = server;
	json_t *stats = sd_bus_message_is_method_error(m, NULL) ? NULL : host_json(m);
	json_int_t total = json_integer_value(json_object_get(stats, "memory-total"));
	json_int_t left = json_integer_value(json_object_get(stats, "memory-available"));
	json_int_t busy = json_integer_value(json_object_get(stats, "cpu-busy"));
	json_int_t ticks = json_integer_value(json_object_get(stats, "cpu-total"));

	(void)error;
	if (stats)
		broadcast(s, "metrics",
			  json_pack("{s:O, s:f, s:O, s:I, s:I}", "uptimeSeconds",
				    json_object_get(stats, "uptime"), "cpuPercent",
				    snapshot_cpu(&s->snapshot, (uint64_t)busy, (uint64_t)ticks),
				    "load", json_object_get(stats, "load"), "memoryTotalBytes",
				    total, "memoryUsedBytes", total > left ? total - left : 0));
	json_decref(stats);
	return 0;
}

static int on_checked(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct stream *stream = arg;

	(void)error;
	stream->check = sd_bus_slot_unref(stream->check);
	if (sd_bus_message_is_method_error(m, "internal.palette.Error.NoSession") ||
	    sd_bus_message_is_method_error(m, "internal.palette.Error.Denied"))
		end_session(stream);
	return 0;
}

/* No signal tells that a session became too old: each is asked for from time to time. */
static void check_session(struct stream *stream, uint64_t now)
{
	if (stream->check || now - stream->checked_ms < CHECK_MS)
		return;
	stream->checked_ms = now;
	(void)host_ask(stream->server, HOST_ACCESS, "GetSession", stream->token, &stream->check,
		       on_checked, stream);
	/* A comment: the client and what is between us see that the connection lives. */
	(void)stream_put(stream, ":\n\n", 3);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *server)
{
	struct server *s = server;
	const struct stream *asker = NULL;
	uint64_t now = now_ms();

	(void)usec;
	for (struct stream *stream = s->streams; stream; stream = stream->next) {
		if (stream->kind == STREAM_RAW)
			continue;
		check_session(stream, now);
		if (stream->kind == STREAM_EVENTS && !stream->ending)
			asker = stream;
	}
	if (asker && s->host_there)
		(void)host_ask(s, HOST_HOST, "Stats", asker->token, NULL, on_metrics, s);
	if (s->n_streams) {
		(void)sd_event_source_set_time_relative(source, TICK_US);
		(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	return 0;
}

void events_arm(struct server *s)
{
	int on = SD_EVENT_OFF;

	if (!s->metrics_timer) {
		(void)sd_event_add_time_relative(s->event, &s->metrics_timer, CLOCK_MONOTONIC,
						 TICK_US / 4, 0, on_tick, s);
		return;
	}
	(void)sd_event_source_get_enabled(s->metrics_timer, &on);
	if (on != SD_EVENT_OFF)
		return;
	(void)sd_event_source_set_time_relative(s->metrics_timer, TICK_US / 4);
	(void)sd_event_source_set_enabled(s->metrics_timer, SD_EVENT_ONESHOT);
}

void events_answer(struct exchange *x)
{
	struct stream *stream = stream_open(x, STREAM_EVENTS, -1, "text/event-stream");

	if (!stream)
		return;
	events_hello(stream);
	events_arm(x->server);
}

bool events_put_line(struct stream *stream, const char *line, size_t bytes)
{
	json_t *row = json_loadb(line, bytes, 0, NULL), *entry = row ? api_log_entry(row) : NULL;
	char *json = entry ? json_dumps(entry, JSON_COMPACT) : NULL;
	bool fits = true;
	size_t n = json ? strlen(json) : 0;

	if (json && n + 8 <= sizeof(stream->buf)) {
		fits = n + 8 <= sizeof(stream->buf) - stream->used;
		if (fits) {
			(void)stream_put(stream, "data: ", 6);
			(void)stream_put(stream, json, n);
			(void)stream_put(stream, "\n\n", 2);
		}
	}
	free(json);
	json_decref(entry);
	json_decref(row);
	return fits;
}

void events_stop(struct server *s)
{
	for (struct stream *stream = s->streams; stream; stream = stream->next)
		stream_end(stream);
	s->metrics_timer = sd_event_source_disable_unref(s->metrics_timer);
}
