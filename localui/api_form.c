/* SPDX-License-Identifier: Apache-2.0 */
/* api_form.c - an upload in one request, as multipart/form-data. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "form.h"
#include "lib/cleanup.h"
#include "upload.h"

struct form_upload {
	struct form form;
	char head[FORM_HEAD_BYTES];
	size_t head_bytes;
	uint64_t file_bytes, got_bytes;
	char tail[128];
	size_t tail_bytes;
	char id[64];
	const char *problem; /* said at the end, when the request is over; NULL: none */
};

static void refuse(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	fail_bad_request(x, x->form->problem);
}

static void finished(struct exchange *x, sd_bus_message *m)
{
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	answer_json(x, 200, api_content_json(facts));
	json_decref(facts);
}

static void written(struct exchange *x)
{
	struct form_upload *f = x->form;

	upload_close(x);
	if (!f->problem && !form_is_tail(&f->form, f->tail, f->tail_bytes))
		f->problem = "The form is cut, or a part stands behind the file";
	if (f->problem)
		host_call(x, HOST_CONTENT, "CancelUpload", refuse, (const char *[]){ f->id, NULL });
	else
		api_send_finish(x, f->id, finished);
}

static void send_begin(struct exchange *x);

static void canceled(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	send_begin(x);
}

static void begun(struct exchange *x, sd_bus_message *m)
{
	struct form_upload *f = x->form;
	uint64_t offset;
	const char *id;
	autoclose int fd = api_read_begun(x, m, &id, &offset);

	if (fd < 0)
		return;
	snprintf(f->id, sizeof(f->id), "%s", id);
	if (offset == 0) {
		upload_begin(x, take_fd(&fd), 0, f->file_bytes, written);
		return;
	}
	/* Left from an attempt that broke off: this request brings all of it again. */
	close(take_fd(&fd));
	host_call(x, HOST_CONTENT, "CancelUpload", canceled, (const char *[]){ f->id, NULL });
}

static void send_begin(struct exchange *x)
{
	api_send_begin(x, x->form->form.name, x->form->file_bytes, x->form->form.sha256, begun);
}

/* Parts before the file. Takes from @data what belongs to them. */
static void receive_head(struct exchange *x, const char *data, size_t *bytes)
{
	struct form_upload *f = x->form;
	size_t before = f->head_bytes, room = sizeof(f->head) - before, n = *bytes, file_at = 0;
	struct fail why = { 0 };
	int r;

	n = n < room ? n : room;
	memcpy(f->head + before, data, n);
	f->head_bytes += n;
	r = form_read_head(&f->form, f->head, f->head_bytes, &file_at, &why);
	if (r == 1) {
		/* What follows is the file's, and comes again when its place is there. */
		*bytes -= file_at - before;
		if (!form_file_bytes(&f->form, x->length_bytes, file_at, &f->file_bytes))
			f->problem = "The form is cut";
		else
			send_begin(x);
		return;
	}
	*bytes -= n;
	if (r < 0)
		f->problem = "This is no form with a file \"uploadFile\" in it";
	else if (f->head_bytes == sizeof(f->head))
		f->problem = "The fields before the file are too long";
}

static enum MHD_Result receive(struct exchange *x, const char *data, size_t *bytes)
{
	struct form_upload *f = x->form;
	size_t n = *bytes;

	if (!x->upload) {
		if (f->problem)
			*bytes = 0; /* read to its end, then told so */
		else
			receive_head(x, data, bytes);
		return MHD_YES;
	}
	if (f->got_bytes < f->file_bytes) {
		if (n > f->file_bytes - f->got_bytes)
			n = (size_t)(f->file_bytes - f->got_bytes);
		size_t left = n;
		enum MHD_Result result = upload_receive(x, data, &left);

		n -= left;
		if (form_search(&f->form, data, n))
			f->problem = "A part stands behind the file: the file has to be the last";
		f->got_bytes += n;
		*bytes -= n;
		return result;
	}
	if (n > sizeof(f->tail) - f->tail_bytes)
		n = sizeof(f->tail) - f->tail_bytes;
	memcpy(f->tail + f->tail_bytes, data, n);
	f->tail_bytes += n;
	*bytes = 0;
	return MHD_YES;
}

static void receive_end(struct exchange *x)
{
	if (x->upload)
		upload_receive_end(x);
	else
		fail_bad_request(x, x->form->problem ? x->form->problem : "The form is cut");
}

void api_upload_content(struct exchange *x)
{
	struct form form;

	if (!form_start(&form, exchange_header(x, "Content-Type"))) {
		fail_answer(x, (struct refusal){ .status = 415, .code = "UnsupportedMediaType" },
			    "The body must be multipart/form-data with a boundary");
		return;
	}
	if (!api_may_upload(x))
		return;
	x->form = calloc(1, sizeof(*x->form));
	if (!x->form) {
		fail_memory(x);
		return;
	}
	x->form->form = form;
	x->receive = receive;
	x->receive_end = receive_end;
	/* Nobody sends gigabytes before we know them. */
	exchange_check_session(x, exchange_go_on);
}
