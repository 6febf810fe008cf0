/* SPDX-License-Identifier: Apache-2.0 */
/* api_content.c - what is on the host for the cluster to come, and uploads of it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "lib/cleanup.h"
#include "upload.h"

json_t *api_content_json(const json_t *facts)
{
	static const struct host_key keys[] = {
		{ "name", "name" },
		{ "size", "sizeBytes" },
		{ "sha256", "sha256" },
		{ "origin", "origin" },
		{ "leader", "leader" },
		{ "damaged", "damaged" },
		{ 0 },
	};
	json_t *item = host_renamed(facts, keys);

	api_set_time(item, "date", json_integer_value(json_object_get(facts, "added")));
	return item;
}

static json_t *upload_json(const json_t *facts)
{
	static const struct host_key keys[] = {
		{ "id", "uploadId" },	{ "name", "name" },	{ "size", "sizeBytes" },
		{ "sha256", "sha256" }, { "offset", "offset" }, { 0 },
	};

	return host_renamed(facts, keys);
}

static void listed_all(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *row, *uploads;
	size_t i;

	if (!rows)
		return;
	uploads = json_array();
	json_array_foreach(rows, i, row)(void) json_array_append_new(uploads, upload_json(row));
	json_decref(rows);
	(void)json_object_set_new(x->scratch, "uploads", uploads);
	answer_json(x, 200, json_incref(x->scratch));
}

static void got_space(struct exchange *x, sd_bus_message *m)
{
	static const struct host_key keys[] = {
		{ "total", "totalBytes" },
		{ "free", "freeBytes" },
		{ "available", "availableBytes" },
		{ 0 },
	};
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	(void)json_object_set_new(x->scratch, "storage", host_renamed(facts, keys));
	json_decref(facts);
	host_call(x, HOST_CONTENT, "Uploads", listed_all, NULL);
}

static void listed_content(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *items, *row;
	size_t i;

	if (!rows)
		return;
	items = json_array();
	json_array_foreach(rows, i, row)(void) json_array_append_new(items, api_content_json(row));
	json_decref(rows);
	x->scratch = json_pack("{s:o}", "items", items);
	host_call(x, HOST_CONTENT, "Space", got_space, NULL);
}

void api_list_content(struct exchange *x)
{
	host_call(x, HOST_CONTENT, "List", listed_content, NULL);
}

static void got_latest(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *row, *latest = NULL;
	json_int_t newest = -1;
	char time[32] = "";
	size_t i;

	if (!rows)
		return;
	json_array_foreach(rows, i, row)
	{
		const char *origin = json_string_value(json_object_get(row, "origin"));
		json_int_t added = json_integer_value(json_object_get(row, "added"));

		if (origin && strcmp(origin, "upload") == 0 && added > newest) {
			newest = added;
			latest = row;
		}
	}
	if (latest)
		http_time_text((uint64_t)newest, time);
	answer_json(x, 200,
		    json_pack("{s:s, s:s, s:I, s:s}", "fileName", field_string(latest, "name"),
			      "uploadTime", time, "sizeBytes",
			      json_integer_value(json_object_get(latest, "size")), "sha256",
			      field_string(latest, "sha256")));
	json_decref(rows);
}

void api_uploaded_content(struct exchange *x)
{
	host_call(x, HOST_CONTENT, "List", got_latest, NULL);
}

void api_delete_content(struct exchange *x)
{
	host_call(x, HOST_CONTENT, "Delete", api_done, (const char *[]){ x->params[0], NULL });
}

void api_cancel_upload(struct exchange *x)
{
	host_call(x, HOST_CONTENT, "CancelUpload", api_done,
		  (const char *[]){ x->params[0], NULL });
}

void api_signing_key(struct exchange *x)
{
	fail_answer(x, (struct refusal){ .status = 404, .code = "NotFound" },
		    "This host asks for no signature of content");
}

/* What BeginUpload answers: the id into @id, and the file, ours. -1: the exchange is answered. */
int api_read_begun(struct exchange *x, sd_bus_message *m, const char **id, uint64_t *offset)
{
	int fd = -1;

	if (sd_bus_message_read(m, "sth", id, offset, &fd) >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
	return fd;
}

void api_send_begin(struct exchange *x, const char *name, uint64_t size, const char *sha256,
		    host_reply reply)
{
	sd_bus_message *m = host_message(x, HOST_CONTENT, "BeginUpload");

	host_send(x, m, m ? sd_bus_message_append(m, "ssts", x->token, name, size, sha256) : 0,
		  LIMIT_CALL_SECONDS, reply);
}

static json_t *progress_json(const char *id, const json_t *upload, uint64_t offset)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:I}", "uploadId", id, "name",
			 field_string(upload, "name"), "sizeBytes",
			 json_integer_value(json_object_get(upload, "sizeBytes")), "sha256",
			 field_string(upload, "sha256"), "offset", (json_int_t)offset);
}

static void begun(struct exchange *x, sd_bus_message *m)
{
	uint64_t offset;
	const char *id;
	/* Each chunk asks for the file again: nothing is lost when this server starts anew. */
	autoclose int fd = api_read_begun(x, m, &id, &offset);

	if (fd >= 0)
		answer_json(x, 201, progress_json(id, x->json, offset));
}

void api_begin_upload(struct exchange *x)
{
	api_send_begin(x, field_string(x->json, "name"),
		       (uint64_t)json_integer_value(json_object_get(x->json, "sizeBytes")),
		       field_string(x->json, "sha256"), begun);
}

/* The upload of the path's id as the API has it, a new reference. NULL: answered. */
static json_t *find_upload(struct exchange *x, sd_bus_message *m)
{
	json_t *rows = api_value(x, m), *row, *found = NULL;
	size_t i;

	if (!rows)
		return NULL;
	json_array_foreach(rows, i, row) if (strcmp(field_string(row, "id"), x->params[0]) == 0)
		found = upload_json(row);
	json_decref(rows);
	if (!found)
		fail_answer(x, (struct refusal){ .status = 404, .code = "NotFound" },
			    "There is no such upload; begin it anew");
	return found;
}

static void got_upload(struct exchange *x, sd_bus_message *m)
{
	json_t *upload = find_upload(x, m);

	if (upload)
		answer_json(x, 200, upload);
}

void api_get_upload(struct exchange *x)
{
	host_call(x, HOST_CONTENT, "Uploads", got_upload, NULL);
}

static void chunk_written(struct exchange *x)
{
	uint64_t offset = upload_offset(x);

	upload_close(x);
	answer_json(x, 200, progress_json(x->params[0], x->scratch, offset));
}

/* Where the client says that its bytes begin. False: it is answered. */
static bool chunk_start(struct exchange *x, uint64_t *ret)
{
	const char *header = exchange_header(x, "Content-Range");
	struct http_range range;

	*ret = 0;
	if (!header)
		return api_query_number(x, "offset", 0, LIMIT_UPLOAD_BYTES, 0, ret);
	if (!http_content_range(header, &range)) {
		fail_bad_request(x, "Content-Range must be \"bytes FIRST-LAST/SIZE\"");
		return false;
	}
	*ret = range.first;
	return true;
}

static void chunk_begun(struct exchange *x, sd_bus_message *m)
{
	uint64_t size = (uint64_t)json_integer_value(json_object_get(x->scratch, "sizeBytes"));
	uint64_t offset, start;
	const char *id;
	autoclose int fd = api_read_begun(x, m, &id, &offset);

	if (fd < 0 || !chunk_start(x, &start))
		return;
	if (start != offset) {
		fail_answer(x, (struct refusal){ .status = 416, .code = "RangeInvalid" },
			    "The chunk begins at byte %ju, the upload stands at byte %ju: go on "
			    "from there",
			    (uintmax_t)start, (uintmax_t)offset);
		return;
	}
	if (x->length_bytes > size - offset) {
		fail_answer(x, (struct refusal){ .status = 413, .code = "TooLarge" },
			    "The chunk has %ju bytes, %ju are missing of the upload",
			    (uintmax_t)x->length_bytes, (uintmax_t)(size - offset));
		return;
	}
	x->receive = upload_receive;
	x->receive_end = upload_receive_end;
	upload_begin(x, take_fd(&fd), offset, size, chunk_written);
}

static void chunk_of(struct exchange *x, sd_bus_message *m)
{
	x->scratch = find_upload(x, m);
	if (x->scratch)
		api_send_begin(
			x, field_string(x->scratch, "name"),
			(uint64_t)json_integer_value(json_object_get(x->scratch, "sizeBytes")),
			field_string(x->scratch, "sha256"), chunk_begun);
}

bool api_may_upload(struct exchange *x)
{
	if (x->length_bytes == UINT64_MAX || x->length_bytes == 0) {
		fail_answer(x, (struct refusal){ .status = 411, .code = "LengthRequired" },
			    "The bytes are missing, or their Content-Length");
		return false;
	}
	if (x->server->n_uploads < LIMIT_UPLOADS)
		return true;
	fail_answer(x, (struct refusal){ .status = 503, .code = "Busy", .retry_after_s = 5 },
		    "%d uploads are running; wait for one of them", LIMIT_UPLOADS);
	return false;
}

void api_put_chunk(struct exchange *x)
{
	if (api_may_upload(x))
		host_call(x, HOST_CONTENT, "Uploads", chunk_of, NULL);
}

static void finished(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	answer_json(x, 200, api_content_json(facts));
	json_decref(facts);
}

void api_send_finish(struct exchange *x, const char *id, host_reply reply)
{
	sd_bus_message *m = host_message(x, HOST_CONTENT, "FinishUpload");

	host_send(x, m, m ? sd_bus_message_append(m, "ss", x->token, id) : 0, LIMIT_VERIFY_SECONDS,
		  reply);
}

void api_finish_upload(struct exchange *x)
{
	api_send_finish(x, x->params[0], finished);
}
