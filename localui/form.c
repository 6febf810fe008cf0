/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool form_start(struct form *form, const char *content_type)
{
	static const char kind[] = "multipart/form-data";
	const char *at, *end;

	memset(form, 0, sizeof(*form));
	if (!content_type || strncasecmp(content_type, kind, sizeof(kind) - 1) != 0)
		return false;
	at = strcasestr(content_type, "boundary=");
	if (!at)
		return false;
	at += strlen("boundary=");
	end = at + strcspn(at, "; \t");
	if (*at == '"') {
		at++;
		end = strchr(at, '"');
	}
	if (!end || end == at || end - at >= FORM_BOUNDARY_BYTES ||
	    memchr(at, '\r', (size_t)(end - at)) || memchr(at, '\n', (size_t)(end - at)))
		return false;
	form->delimiter_bytes = (size_t)snprintf(form->delimiter, sizeof(form->delimiter),
						 "\r\n--%.*s", (int)(end - at), at);
	return true;
}

/* Parameter @name of a Content-Disposition line, without its quotes. */
static bool parameter(const char *line, size_t bytes, const char *name, char *buf, size_t size)
{
	char pattern[32];
	const char *at, *end;
	int n = snprintf(pattern, sizeof(pattern), "; %s=\"", name);

	at = memmem(line, bytes, pattern, (size_t)n);
	if (!at)
		return false;
	at += n;
	end = memchr(at, '"', bytes - (size_t)(at - line));
	if (!end || (size_t)(end - at) >= size || memchr(at, '\0', (size_t)(end - at)))
		return false;
	memcpy(buf, at, (size_t)(end - at));
	buf[end - at] = '\0';
	return true;
}

/* The head of one part, which ends at @end (its empty line): its name, and its file's. */
static bool read_part(const char *at, const char *end, char name[32], char file[FORM_NAME_BYTES])
{
	static const char header[] = "Content-Disposition: form-data";

	file[0] = '\0';
	while (at < end) {
		const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
		size_t bytes = (size_t)((line_end ? line_end : end) - at);

		if (bytes > sizeof(header) && strncasecmp(at, header, sizeof(header) - 1) == 0) {
			(void)parameter(at, bytes, "filename", file, FORM_NAME_BYTES);
			return parameter(at, bytes, "name", name, 32);
		}
		at += bytes + 2;
	}
	return false;
}

/* The value of a field, up to the next delimiter. NULL: more is needed. */
static const char *read_value(struct form *form, const char *name, const char *at, const char *end)
{
	const char *stop = memmem(at, (size_t)(end - at), form->delimiter, form->delimiter_bytes);

	if (stop && strcmp(name, "sha256") == 0 && stop - at < (ptrdiff_t)sizeof(form->sha256))
		snprintf(form->sha256, sizeof(form->sha256), "%.*s", (int)(stop - at), at);
	return stop ? stop + form->delimiter_bytes : NULL;
}

int form_read_head(struct form *form, const char *text, size_t bytes, size_t *ret_data,
		   struct fail *why)
{
	size_t first = form->delimiter_bytes - 2;
	const char *at = text, *end = text + bytes;

	if (bytes < first + 2)
		return 0;
	if (memcmp(text, form->delimiter + 2, first) != 0)
		return fail_with(why, EINVAL, "the form does not begin with its boundary");
	at += first;
	while (at && end - at >= 2) {
		char name[32], file[FORM_NAME_BYTES];
		const char *blank;

		if (memcmp(at, "\r\n", 2) != 0)
			return fail_with(why, EINVAL, "the form has no part \"uploadFile\"");
		blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
		if (!blank)
			return 0;
		if (!read_part(at + 2, blank, name, file))
			return fail_with(why, EINVAL, "a part of the form has no name");
		at = blank + 4;
		if (strcmp(name, "uploadFile") == 0) {
			if (!file[0])
				return fail_with(why, EINVAL, "\"uploadFile\" has no file name");
			memcpy(form->name, file, sizeof(file));
			*ret_data = (size_t)(at - text);
			return 1;
		}
		at = read_value(form, name, at, end);
	}
	return 0;
}

size_t form_tail_bytes(const struct form *form)
{
	return form->delimiter_bytes + 4;
}

bool form_file_bytes(const struct form *form, uint64_t request_bytes, size_t data, uint64_t *ret)
{
	uint64_t others = data + form_tail_bytes(form);

	if (request_bytes < others)
		return false;
	*ret = request_bytes - others;
	return true;
}

bool form_search(struct form *form, const char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (form->matched == 0) {
			const char *cr = memchr(data + i, '\r', bytes - i);

			if (!cr)
				return false;
			i = (size_t)(cr - data);
			form->matched = 1;
			continue;
		}
		/* The delimiter has one CR, at its begin: a mismatch starts over there at most. */
		if (data[i] == form->delimiter[form->matched])
			form->matched++;
		else
			form->matched = data[i] == '\r';
		if (form->matched == form->delimiter_bytes)
			return true;
	}
	return false;
}

bool form_is_tail(const struct form *form, const char *tail, size_t bytes)
{
	return bytes == form_tail_bytes(form) &&
	       memcmp(tail, form->delimiter, form->delimiter_bytes) == 0 &&
	       memcmp(tail + form->delimiter_bytes, "--\r\n", 4) == 0;
}
