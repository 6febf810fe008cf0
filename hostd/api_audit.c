/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Audit: who did what. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "api_rows.h"
#include "audit_read.h"
#include "lib/cleanup.h"
#include "refuse.h"
#include "request.h"

#define PAGE_ROWS_MAX 50

/* The rows last: of a shared mapping only what is written costs memory. */
struct audit_data {
	struct site site;
	struct audit_filter filter;
	uint64_t offset, limit;
	int fd;
	struct rows rows;
};

static int read_filter(sd_bus_message *m, struct audit_filter *filter, struct fail *why)
{
	const struct filter_key keys[] = {
		{ "since", 't', &filter->since_s, 0 },
		{ "until", 't', &filter->until_s, 0 },
		{ "actor", 's', filter->actor, sizeof(filter->actor) },
		{ "action", 's', filter->action, sizeof(filter->action) },
		{ "from", 's', filter->from, sizeof(filter->from) },
		{ "result", 's', filter->result, sizeof(filter->result) },
		{ "contains", 's', filter->contains, sizeof(filter->contains) },
	};

	return filter_read(m, keys, ARRAY_SIZE(keys), why);
}

/* A request with its data; NULL: the call was answered with *@ret. */
static struct request *new_request(struct hostd *h, sd_bus_message *m, const char *token,
				   const char *action, int *ret)
{
	struct request *request = request_new(h, m, token, action, "", NULL, ret);
	struct audit_data *data = NULL;
	struct fail why = { 0 };

	if (!request)
		return NULL;
	data = request_shared(request, sizeof(*data));
	if (data) {
		data->site = h->site;
		return request;
	}
	(void)fail_errno(&why, ENOMEM, "read the audit log");
	*ret = request_fail(request, &why);
	return NULL;
}

static int work_query(void *arg, struct fail *why)
{
	struct audit_data *data = arg;

	return audit_query(&data->site, &data->filter, data->offset, data->limit, &data->rows, why);
}

static int answer_query(struct request *request)
{
	const struct audit_data *data = request->data;
	autobusmessage sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(request->message, &reply);

	if (r >= 0)
		r = rows_append(reply, &data->rows, audit_columns, AUDIT_COLUMNS);
	if (r >= 0)
		r = sd_bus_message_append(reply, "t", data->rows.total);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_query(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct audit_data *data;
	struct fail why = { 0 };
	uint32_t offset = 0, limit = 0;
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = new_request(userdata, m, token, NULL, &r);
	if (!request)
		return r;
	request->answer = answer_query;
	data = request->data;
	r = read_filter(m, &data->filter, &why);
	if (r == 0 && sd_bus_message_read(m, "uu", &offset, &limit) < 0)
		r = fail_with(&why, EBADMSG, "offset and limit are missing");
	if (r == 0 && (limit < 1 || limit > PAGE_ROWS_MAX))
		r = refuse(&why, FIELD_FILTER, NULL, "limit %u must be 1 to %u", limit,
			   PAGE_ROWS_MAX);
	data->offset = offset;
	data->limit = limit;
	return request_run(request, r, &why, JOB_READ, work_query);
}

static int work_export(void *arg, struct fail *why)
{
	struct audit_data *data = arg;

	return audit_export(&data->site, &data->filter, data->fd, why);
}

static int method_export(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct audit_data *data;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = new_request(userdata, m, token, "export-audit-log", &r);
	if (!request)
		return r;
	data = request->data;
	r = read_filter(m, &data->filter, &why);
	return request_stream(request, r, &why, &data->fd, work_export);
}

static int work_filters(void *arg, struct fail *why)
{
	struct audit_data *data = arg;

	return audit_distinct(&data->site, &data->rows, why);
}

static int answer_filters(struct request *request)
{
	static const char *const kinds[][2] = { { "actor", "actors" },
						{ "action", "actions" },
						{ "result", "results" } };
	const struct audit_data *data = request->data;
	autobusmessage sd_bus_message *reply = NULL;
	int r = api_dict_begin(request->message, &reply);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kinds); i++)
		r = api_strings_of(reply, kinds[i][1], &data->rows, kinds[i][0]);
	return api_dict_send(reply, r);
}

static int method_filters(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct fail why = { 0 };
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = new_request(userdata, m, token, NULL, &r);
	if (!request)
		return r;
	request->answer = answer_filters;
	return request_run(request, 0, &why, JOB_READ, work_filters);
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_audit_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Query",
				SD_BUS_ARGS("s", session, "a{sv}", filter, "u", offset, "u", limit),
				SD_BUS_RESULT("aa{sv}", rows, "t", total), method_query, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Export", SD_BUS_ARGS("s", session, "a{sv}", filter),
				SD_BUS_RESULT("h", fd), method_export, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Filters", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_filters, FLAGS),
	SD_BUS_VTABLE_END,
};
