/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Logs: the journal. The archive is in api_archive.c. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "api_archive.h"
#include "api_rows.h"
#include "journal.h"
#include "lib/cleanup.h"
#include "refuse.h"
#include "request.h"

struct logs_data {
	struct site site;
	struct journal_filter filter;
	int fd;
	struct rows rows;
};

/* A request that is not in the audit log; NULL: the call was answered with *@ret. */
static struct request *new_request(struct hostd *h, sd_bus_message *m, int *ret)
{
	struct request *request;
	struct logs_data *data;
	struct fail why = { 0 };
	const char *token;

	*ret = sd_bus_message_read(m, "s", &token);
	if (*ret < 0)
		return NULL;
	request = request_new(h, m, token, NULL, "", NULL, ret);
	if (!request)
		return NULL;
	data = request_shared(request, sizeof(*data));
	if (data) {
		data->site = h->site;
		data->filter.priority = JOURNAL_LEVEL_LEAST;
		return request;
	}
	(void)fail_errno(&why, ENOMEM, "read the journal");
	*ret = request_fail(request, &why);
	return NULL;
}

static int check_filter(const struct journal_filter *filter, uint64_t least, struct fail *why)
{
	if (filter->priority > JOURNAL_LEVEL_LEAST)
		return refuse(why, FIELD_FILTER, "priority", "must be 0 to 7");
	if (filter->limit < least || filter->limit > ROWS_MAX)
		return refuse(why, FIELD_FILTER, "limit", "must be %u to %u", (unsigned)least,
			      ROWS_MAX);
	if (filter->before[0] && filter->after[0])
		return refuse(why, FIELD_FILTER, "before", "and \"after\" exclude each other");
	return 0;
}

static int work_read(void *arg, struct fail *why)
{
	struct logs_data *data = arg;

	return journal_read(&data->site, &data->filter, &data->rows, why);
}

static int answer_rows(struct request *request)
{
	const struct logs_data *data = request->data;
	autobusmessage sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(request->message, &reply);

	if (r >= 0)
		r = rows_append(reply, &data->rows, journal_columns, JOURNAL_COLUMNS);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_read(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct logs_data *data;
	struct fail why = { 0 };
	int r;

	(void)error;
	request = new_request(userdata, m, &r);
	if (!request)
		return r;
	request->answer = answer_rows;
	data = request->data;
	data->filter.limit = JOURNAL_LIMIT;
	{
		struct journal_filter *f = &data->filter;
		const struct filter_key keys[] = {
			{ "unit", 's', f->unit, sizeof(f->unit) },
			{ "identifier", 's', f->identifier, sizeof(f->identifier) },
			{ "contains", 's', f->contains, sizeof(f->contains) },
			{ "before", 's', f->before, sizeof(f->before) },
			{ "after", 's', f->after, sizeof(f->after) },
			{ "priority", 't', &f->priority, 0 },
			{ "since", 't', &f->since_s, 0 },
			{ "until", 't', &f->until_s, 0 },
			{ "limit", 't', &f->limit, 0 },
		};

		r = filter_read(m, keys, ARRAY_SIZE(keys), &why);
	}
	if (r == 0)
		r = check_filter(&data->filter, 1, &why);
	return request_run(request, r, &why, JOB_READ, work_read);
}

static int method_recent_errors(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct logs_data *data;
	struct fail why = { 0 };
	uint32_t count = 0;
	int r;

	(void)error;
	request = new_request(userdata, m, &r);
	if (!request)
		return r;
	request->answer = answer_rows;
	data = request->data;
	data->filter.priority = 3;
	r = sd_bus_message_read(m, "u", &count);
	data->filter.limit = count;
	r = r < 0 ? fail_errno(&why, -r, "read the count") : check_filter(&data->filter, 1, &why);
	return request_run(request, r, &why, JOB_READ, work_read);
}

static int work_follow(void *arg, struct fail *why)
{
	struct logs_data *data = arg;

	return journal_follow(&data->site, &data->filter, data->fd, why);
}

static int method_follow(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct logs_data *data;
	struct fail why = { 0 };
	int r;

	(void)error;
	request = new_request(userdata, m, &r);
	if (!request)
		return r;
	data = request->data;
	data->filter.limit = JOURNAL_FOLLOW;
	{
		struct journal_filter *f = &data->filter;
		const struct filter_key keys[] = {
			{ "unit", 's', f->unit, sizeof(f->unit) },
			{ "identifier", 's', f->identifier, sizeof(f->identifier) },
			{ "contains", 's', f->contains, sizeof(f->contains) },
			{ "priority", 't', &f->priority, 0 },
			{ "limit", 't', &f->limit, 0 },
		};

		r = filter_read(m, keys, ARRAY_SIZE(keys), &why);
	}
	if (r == 0)
		r = check_filter(&data->filter, 0, &why);
	return request_stream(request, r, &why, &data->fd, work_follow);
}

static int work_sources(void *arg, struct fail *why)
{
	struct logs_data *data = arg;

	return journal_sources(&data->site, &data->rows, why);
}

static int answer_sources(struct request *request)
{
	const struct logs_data *data = request->data;
	autobusmessage sd_bus_message *reply = NULL;
	int r = api_dict_begin(request->message, &reply);

	if (r >= 0)
		r = api_strings_of(reply, "units", &data->rows, "unit");
	if (r >= 0)
		r = api_strings_of(reply, "identifiers", &data->rows, "identifier");
	return api_dict_send(reply, r);
}

static int method_sources(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct request *request;
	struct fail why = { 0 };
	int r;

	(void)error;
	request = new_request(userdata, m, &r);
	if (!request)
		return r;
	request->answer = answer_sources;
	return request_run(request, 0, &why, JOB_READ, work_sources);
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_logs_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("Sources", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_sources, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Read", SD_BUS_ARGS("s", session, "a{sv}", filter),
				SD_BUS_RESULT("aa{sv}", rows), method_read, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Follow", SD_BUS_ARGS("s", session, "a{sv}", filter),
				SD_BUS_RESULT("h", fd), method_follow, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("RecentErrors", SD_BUS_ARGS("s", session, "u", count),
				SD_BUS_RESULT("aa{sv}", rows), method_recent_errors, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Archive", SD_BUS_ARGS("s", session), SD_BUS_NO_RESULT,
				method_archive, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("ArchiveStatus", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("a{sv}", facts), method_archive_status, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("OpenArchive", SD_BUS_ARGS("s", session), SD_BUS_RESULT("h", fd),
				method_open_archive, FLAGS),
	SD_BUS_SIGNAL_WITH_ARGS("ArchiveChanged", SD_BUS_ARGS("s", state), 0),
	SD_BUS_VTABLE_END,
};
