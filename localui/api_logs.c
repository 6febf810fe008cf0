/* SPDX-License-Identifier: Apache-2.0 */
/* api_logs.c - the journal, the archive of logs, the audit log. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api.h"
#include "events.h"
#include "lib/cleanup.h"
#include "stream.h"

json_t *api_log_entry(const json_t *row)
{
	static const struct host_key keys[] = {
		{ "cursor", "cursor" },
		{ "priority", "priority" },
		{ "unit", "unit" },
		{ "identifier", "identifier" },
		{ "pid", "pid" },
		{ "message", "message" },
		{ 0 },
	};
	json_t *entry = host_renamed(row, keys);

	/* The journal counts microseconds. */
	api_set_time(entry, "time", json_integer_value(json_object_get(row, "time")) / 1000000);
	return entry;
}

static void got_rows(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *items, *row;
	size_t i;

	if (!rows)
		return;
	items = json_array();
	json_array_foreach(rows, i, row)(void) json_array_append_new(items, api_log_entry(row));
	json_decref(rows);
	answer_json(x, 200, json_pack("{s:o}", "items", items));
}

enum filter_kind { FILTER_TEXT, FILTER_TIME, FILTER_U32 };

struct filter {
	const char *query, *key;
	enum filter_kind kind;
	uint64_t most;
};

/* Appends what the query has of @filter. -EDOM: the value is bad, and the exchange answered. */
static int append_filter(struct exchange *x, sd_bus_message *m, const struct filter *filter)
{
	const char *value = exchange_query(x, filter->query);
	char why[80];
	uint64_t n;

	if (!value || !*value)
		return 0;
	switch (filter->kind) {
	case FILTER_TEXT:
		return sd_bus_message_append(m, "{sv}", filter->key, "s", value);
	case FILTER_TIME:
		if (http_time(value, &n))
			return sd_bus_message_append(m, "{sv}", filter->key, "t", n);
		snprintf(why, sizeof(why), "%s must be a date like 2026-11-23T16:00:00Z",
			 filter->query);
		break;
	case FILTER_U32:
		if (http_number(value, filter->most, &n))
			return sd_bus_message_append(m, "{sv}", filter->key, "u", (uint32_t)n);
		snprintf(why, sizeof(why), "%s must be a whole number from 0 to %ju", filter->query,
			 (uintmax_t)filter->most);
		break;
	}
	fail_bad_request(x, why);
	return -EDOM;
}

/*
 * A call with the session and a filter; *@ret_r is how appending went, and more may be appended.
 * NULL: the exchange is answered.
 */
static sd_bus_message *filtered(struct exchange *x, const char *interface, const char *member,
				const struct filter *filters, int *ret_r)
{
	sd_bus_message *m = host_message(x, interface, member);
	int r = m ? sd_bus_message_append(m, "s", x->token) : -ENOMEM;

	if (!m)
		return NULL;
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "{sv}");
	for (; r >= 0 && filters->query; filters++)
		r = append_filter(x, m, filters);
	if (r == -EDOM)
		return sd_bus_message_unref(m);
	*ret_r = r < 0 ? r : sd_bus_message_close_container(m);
	return m;
}

static void call_filtered(struct exchange *x, const char *interface, const char *member,
			  const struct filter *filters, host_reply reply)
{
	int r = 0;
	sd_bus_message *m = filtered(x, interface, member, filters, &r);

	host_send(x, m, r, LIMIT_LONG_CALL_SECONDS, reply);
}

void api_logs(struct exchange *x)
{
	static const struct filter filters[] = {
		{ "unit", "unit", FILTER_TEXT, 0 },
		{ "identifier", "identifier", FILTER_TEXT, 0 },
		{ "priority", "priority", FILTER_U32, 7 },
		{ "contains", "contains", FILTER_TEXT, 0 },
		{ "startTime", "since", FILTER_TIME, 0 },
		{ "endTime", "until", FILTER_TIME, 0 },
		{ "before", "before", FILTER_TEXT, 0 },
		{ "after", "after", FILTER_TEXT, 0 },
		{ "limit", "limit", FILTER_U32, 500 },
		{ 0 },
	};

	call_filtered(x, HOST_LOGS, "Read", filters, got_rows);
}

void api_error_logs(struct exchange *x)
{
	sd_bus_message *m;
	uint64_t count;

	if (!api_query_number(x, "logCount", 1, 500, 100, &count))
		return;
	m = host_message(x, HOST_LOGS, "RecentErrors");
	host_send(x, m, m ? sd_bus_message_append(m, "su", x->token, (uint32_t)count) : 0,
		  LIMIT_LONG_CALL_SECONDS, got_rows);
}

static void got_as_it_is(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);

	if (facts)
		answer_json(x, 200, facts);
}

void api_log_sources(struct exchange *x)
{
	host_call(x, HOST_LOGS, "Sources", got_as_it_is, NULL);
}

/* The reply's file descriptor, ours. -1: the exchange is answered. */
static int reply_fd(struct exchange *x, sd_bus_message *m)
{
	int fd = -1;

	/* The message keeps its own. */
	if (sd_bus_message_read(m, "h", &fd) >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
	return fd;
}

static void follow(struct exchange *x, sd_bus_message *m)
{
	int fd = reply_fd(x, m);

	if (fd >= 0 && stream_open(x, STREAM_LINES, fd, "text/event-stream"))
		events_arm(x->server);
}

static void follow_checked(struct exchange *x)
{
	static const struct filter filters[] = {
		{ "unit", "unit", FILTER_TEXT, 0 },
		{ "identifier", "identifier", FILTER_TEXT, 0 },
		{ "priority", "priority", FILTER_U32, 7 },
		{ "contains", "contains", FILTER_TEXT, 0 },
		{ "limit", "limit", FILTER_U32, 500 },
		{ 0 },
	};

	call_filtered(x, HOST_LOGS, "Follow", filters, follow);
}

void api_follow_logs(struct exchange *x)
{
	/* The stream ends with its session, so its id is needed. */
	exchange_check_session(x, follow_checked);
}

static void begun(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	answer_empty(x, 202);
}

void api_generate_logs(struct exchange *x)
{
	host_call(x, HOST_LOGS, "Archive", begun, NULL);
}

static void got_status(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "state", "status" },
		{ "reason", "errorMessage" },
		{ "name", "fileName" },
		{ "size", "sizeBytes" },
		{ 0 },
	};
	json_t *facts = api_value(x, m), *body;
	json_int_t time;

	if (!facts)
		return;
	body = host_renamed(facts, keys);
	time = json_integer_value(json_object_get(facts, "time"));
	json_decref(facts);
	if (time > 0)
		api_set_time(body, "time", time);
	else
		(void)json_object_set_new(body, "time", json_string(""));
	answer_json(x, 200, body);
}

void api_logs_status(struct exchange *x)
{
	host_call(x, HOST_LOGS, "ArchiveStatus", got_status, NULL);
}

static void send_archive(struct exchange *x, sd_bus_message *m)
{
	struct MHD_Response *response = NULL;
	autoclose int fd = reply_fd(x, m);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		response = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
	if (!response) {
		fail_memory(x);
		return;
	}
	(void)take_fd(&fd);
	x->flows = true;
	(void)MHD_add_response_header(response, "Content-Type", "application/zstd");
	(void)MHD_add_response_header(response, "Content-Disposition",
				      "attachment; filename=\"palette-logs.tar.zst\"");
	answer(x, 200, response);
}

void api_download_logs(struct exchange *x)
{
	host_call(x, HOST_LOGS, "OpenArchive", send_archive, NULL);
}

static const struct filter audit_filters[] = {
	{ "startTime", "since", FILTER_TIME, 0 },   { "endTime", "until", FILTER_TIME, 0 },
	{ "user", "actor", FILTER_TEXT, 0 },	    { "action", "action", FILTER_TEXT, 0 },
	{ "from", "from", FILTER_TEXT, 0 },	    { "result", "result", FILTER_TEXT, 0 },
	{ "contains", "contains", FILTER_TEXT, 0 }, { 0 },
};

static json_t *audit_entry(const json_t *row)
{
	static const struct host_key keys[] = {
		{ "actor", "user" },
		{ "from", "from" },
		{ "action", "action" },
		{ "object", "object" },
		{ "result", "result" },
		{ "reason", "reason" },
		{ 0 },
	};
	json_t *entry = host_renamed(row, keys);

	api_set_time(entry, "time", json_integer_value(json_object_get(row, "time")));
	return entry;
}

static void got_audits(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *items, *row;
	uint64_t total = 0, page = 1, size = 50;
	size_t i;

	if (!rows)
		return;
	items = json_array();
	json_array_foreach(rows, i, row)(void) json_array_append_new(items, audit_entry(row));
	json_decref(rows);
	(void)sd_bus_message_read(m, "t", &total);
	(void)api_query_number(x, "page", 1, UINT32_MAX / 50, 1, &page);
	(void)api_query_number(x, "pageSize", 1, 50, 50, &size);
	answer_json(x, 200,
		    json_pack("{s:o, s:I, s:I, s:I}", "items", items, "page", (json_int_t)page,
			      "pageSize", (json_int_t)size, "total", (json_int_t)total));
}

void api_audits(struct exchange *x)
{
	uint64_t page, size;
	sd_bus_message *m;
	int r = 0;

	if (!api_query_number(x, "page", 1, UINT32_MAX / 50, 1, &page) ||
	    !api_query_number(x, "pageSize", 1, 50, 50, &size))
		return;
	m = filtered(x, HOST_AUDIT, "Query", audit_filters, &r);
	if (m && r >= 0)
		r = sd_bus_message_append(m, "uu", (uint32_t)((page - 1) * size), (uint32_t)size);
	host_send(x, m, r, LIMIT_LONG_CALL_SECONDS, got_audits);
}

static void got_audit_filters(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "actors", "users" },
		{ "actions", "actions" },
		{ "results", "results" },
		{ 0 },
	};

	api_answer_renamed(x, m, keys);
}

void api_audit_filters(struct exchange *x)
{
	host_call(x, HOST_AUDIT, "Filters", got_audit_filters, NULL);
}

static void send_audits(struct exchange *x, sd_bus_message *m)
{
	int fd = reply_fd(x, m);

	if (fd >= 0)
		(void)stream_open(x, STREAM_RAW, fd, "application/x-ndjson");
}

void api_download_audits(struct exchange *x)
{
	call_filtered(x, HOST_AUDIT, "Export", audit_filters, send_audits);
}
