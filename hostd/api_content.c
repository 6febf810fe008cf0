/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Content: files for the cluster to come, and uploading them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "content_store.h"
#include "encode.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "request.h"

#define TIDY_US (UINT64_C(3600) * 1000000)

/* What the jobs of all methods here take and give back. */
struct content_data {
	struct site site;
	struct content_entry entry;
	char id[CONTENT_ID_BYTES];
	bool is_new;
};

static int append_entry(sd_bus_message *m, const struct content_entry *entry)
{
	int r = api_string(m, "name", entry->name);

	if (r >= 0)
		r = api_u64(m, "size", entry->size_bytes);
	if (r >= 0)
		r = api_string(m, "sha256", entry->sha256);
	if (r >= 0)
		r = api_string(m, "origin", entry->origin);
	if (r >= 0 && entry->leader[0])
		r = api_string(m, "leader", entry->leader);
	if (r >= 0 && entry->damaged)
		r = api_bool(m, "damaged", true);
	return r < 0 ? r : api_u64(m, "added", entry->added_s);
}

static int method_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	autofree struct content_entry *rows = NULL;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	int n = 0, r = api_list_begin(m, h, "a{sv}", &reply);

	(void)error;
	if (!reply)
		return r;
	if (r >= 0)
		n = content_list(&h->site, &rows, NULL, &why);
	if (n < 0)
		return answer_fail(m, &why);
	for (int i = 0; r >= 0 && i < n; i++) {
		r = sd_bus_message_open_container(reply, 'a', "{sv}");
		if (r >= 0)
			r = append_entry(reply, &rows[i]);
		if (r >= 0)
			r = sd_bus_message_close_container(reply);
	}
	return api_dict_send(reply, r);
}

static int method_uploads(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct content_upload rows[CONTENT_UPLOADS_MAX];
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	int r = api_list_begin(m, h, "a{sv}", &reply);
	size_t n;

	(void)error;
	if (!reply)
		return r;
	n = content_uploads(&h->site, rows);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = sd_bus_message_append(
			reply, "a{sv}", 7, "id", "s", rows[i].id, "name", "s", rows[i].entry.name,
			"size", "t", rows[i].entry.size_bytes, "sha256", "s", rows[i].entry.sha256,
			"offset", "t", rows[i].offset_bytes, "changed", "t", rows[i].changed_s,
			"expires", "t", rows[i].changed_s + CONTENT_UPLOAD_SECONDS);
	return api_dict_send(reply, r);
}

static int method_space(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct content_space space;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	int r = api_list_begin(m, h, "{sv}", &reply);

	(void)error;
	if (!reply)
		return r;
	if (content_space(&h->site, &space, &why) < 0)
		return answer_fail(m, &why);
	if (r >= 0)
		r = api_u64(reply, "total", space.total_bytes);
	if (r >= 0)
		r = api_u64(reply, "free", space.free_bytes);
	if (r >= 0)
		r = api_u64(reply, "reserved", space.reserved_bytes);
	if (r >= 0)
		r = api_u64(reply, "keep", space.keep_bytes);
	if (r >= 0)
		r = api_u64(reply, "available", space.available_bytes);
	return api_dict_send(reply, r);
}

static void after_change(struct request *request, int result)
{
	const struct content_data *data = request->data;

	if (data->entry.name[0])
		snprintf(request->object, sizeof(request->object), "%s", data->entry.name);
	/* A refused Finish may have dropped the upload. */
	if (result >= 0 || data->entry.name[0])
		hostd_emit(request->h, HOSTD_CONTENT, "ContentChanged");
}

/* A request whose job gets the struct; NULL: the call was answered with *@ret. */
static struct request *new_request(struct hostd *h, sd_bus_message *m, const char *token,
				   const char *action, const char *object, int *ret)
{
	struct request *request = request_new(h, m, token, action, object, NULL, ret);
	struct content_data *data = NULL;
	struct fail why = { 0 };

	if (!request)
		return NULL;
	data = request_shared(request, sizeof(*data));
	if (!data) {
		(void)fail_errno(&why, ENOMEM, "%s", action);
		*ret = request_fail(request, &why);
		return NULL;
	}
	data->site = h->site;
	request->after = after_change;
	return request;
}

static int work_begin(void *arg, struct fail *why)
{
	struct content_data *data = arg;
	int r = content_begin(&data->site, &data->entry, data->id, why);

	data->is_new = r > 0;
	return r;
}

/* Each part of a large file is a call: only the first is news, and an event of the audit log. */
static void after_begin(struct request *request, int result)
{
	const struct content_data *data = request->data;

	if (result >= 0 && !data->is_new)
		request->action = NULL;
	else if (result >= 0)
		hostd_emit(request->h, HOSTD_CONTENT, "ContentChanged");
}

static int answer_begin(struct request *request)
{
	const struct content_data *data = request->data;
	struct fail why = { 0 };
	uint64_t offset = 0;
	autoclose int fd = content_open_upload(&request->h->site, data->id, &offset, &why);

	if (fd < 0)
		return answer_fail(request->message, &why);
	return sd_bus_reply_method_return(request->message, "sth", data->id, offset, fd);
}

static int method_begin(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *name, *sha256;
	struct content_data *data;
	struct request *request;
	struct fail why = { 0 };
	uint8_t random[8];
	uint64_t size;
	int r = sd_bus_message_read(m, "ssts", &token, &name, &size, &sha256);

	(void)error;
	if (r < 0)
		return r;
	request = new_request(userdata, m, token, "begin-upload", name, &r);
	if (!request)
		return r;
	request->after = after_begin;
	request->answer = answer_begin;
	data = request->data;
	hostd_random(random, sizeof(random));
	hex_encode(random, sizeof(random), data->id);
	r = content_check(name, size, sha256, &data->entry, &why);
	snprintf(data->entry.origin, sizeof(data->entry.origin), "upload");
	data->entry.added_s = (uint64_t)time(NULL);
	return request_run(request, r, &why, JOB_CONTENT, work_begin);
}

static int work_finish(void *arg, struct fail *why)
{
	struct content_data *data = arg;

	return content_finish(&data->site, data->id, &data->entry, why);
}

static int answer_finish(struct request *request)
{
	const struct content_data *data = request->data;
	autobusmessage sd_bus_message *reply = NULL;
	int r = api_dict_begin(request->message, &reply);

	if (r >= 0)
		r = append_entry(reply, &data->entry);
	return api_dict_send(reply, r);
}

static int work_cancel(void *arg, struct fail *why)
{
	struct content_data *data = arg;

	return content_cancel(&data->site, data->id, &data->entry, why);
}

static int of_upload(sd_bus_message *m, struct hostd *h, const char *action, job_work work,
		     int (*answer)(struct request *request))
{
	const char *token, *id;
	struct request *request;
	struct content_data *data;
	struct content_upload upload;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "ss", &token, &id);

	if (r < 0)
		return r;
	request = new_request(h, m, token, action, id, &r);
	if (!request)
		return r;
	request->answer = answer;
	data = request->data;
	/* What is too long for an id is none when it is cut either. */
	snprintf(data->id, sizeof(data->id), "%s", strlen(id) < sizeof(data->id) ? id : "");
	if (content_find_upload(&h->site, data->id, &upload, NULL) == 0)
		request->seconds = content_read_seconds(upload.entry.size_bytes);
	return request_run(request, 0, &why, JOB_CONTENT, work);
}

static int method_finish(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return of_upload(m, userdata, "finish-upload", work_finish, answer_finish);
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)error;
	return of_upload(m, userdata, "cancel-upload", work_cancel, NULL);
}

static int work_delete(void *arg, struct fail *why)
{
	struct content_data *data = arg;

	return content_delete(&data->site, data->entry.name, why);
}

static int method_delete(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *name;
	struct content_data *data;
	struct request *request;
	struct fail why = { 0 };
	int r = sd_bus_message_read(m, "ss", &token, &name);

	(void)error;
	if (r < 0)
		return r;
	request = new_request(userdata, m, token, "delete-content", name, &r);
	if (!request)
		return r;
	data = request->data;
	r = 0;
	if (content_name_is_valid(name))
		snprintf(data->entry.name, sizeof(data->entry.name), "%s", name);
	else
		r = fail_with(&why, NOT_FOUND, "there is no such content");
	return request_run(request, r, &why, JOB_CONTENT, work_delete);
}

static int work_tidy(void *arg, struct fail *why)
{
	struct hostd *h = arg;

	return content_tidy(&h->site, (uint64_t)time(NULL), why);
}

static void after_tidy(int result, const struct fail *why, void *arg)
{
	(void)arg;
	if (result < 0)
		log_error("tidy the content: %s", why->msg);
}

static int on_tidy_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hostd *h = userdata;
	struct fail why = { 0 };

	(void)usec;
	if (job_start(&h->jobs, h->event, JOB_CONTENT, work_tidy, after_tidy, h, &why) < 0)
		log_warn("tidy the content: %s", why.msg);
	(void)sd_event_source_set_time_relative(source, TIDY_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int content_start(struct hostd *h)
{
	/* Its source belongs to the event loop. The first run is one of hostd_start_work(). */
	return sd_event_add_time_relative(h->event, NULL, CLOCK_BOOTTIME, TIDY_US, TIDY_US / 10,
					  on_tidy_time, h);
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_content_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("s", session), SD_BUS_RESULT("aa{sv}", content),
				method_list, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Space", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_space, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("BeginUpload",
				SD_BUS_ARGS("s", session, "s", name, "t", size, "s", sha256),
				SD_BUS_RESULT("s", id, "t", offset, "h", fd), method_begin, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("FinishUpload", SD_BUS_ARGS("s", session, "s", id),
				SD_BUS_RESULT("a{sv}", facts), method_finish, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("CancelUpload", SD_BUS_ARGS("s", session, "s", id),
				SD_BUS_NO_RESULT, method_cancel, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Uploads", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("aa{sv}", uploads), method_uploads, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Delete", SD_BUS_ARGS("s", session, "s", name), SD_BUS_NO_RESULT,
				method_delete, FLAGS),
	SD_BUS_SIGNAL("ContentChanged", "", 0),
	SD_BUS_VTABLE_END,
};
