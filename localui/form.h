/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form - an upload as multipart/form-data: fields, and the file as the last part. Pure.
 *
 * The file's size follows from the length of the request, so that room for it can be asked for
 * before its first byte; therefore nothing may stand behind it.
 */
#ifndef PALETTE_LOCALUI_FORM_H
#define PALETTE_LOCALUI_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define FORM_HEAD_BYTES	    8192
#define FORM_BOUNDARY_BYTES 71
#define FORM_NAME_BYTES	    256

struct form {
	char delimiter[4 + FORM_BOUNDARY_BYTES]; /* "\r\n--BOUNDARY" */
	size_t delimiter_bytes;
	char name[FORM_NAME_BYTES]; /* of the file */
	char sha256[65];	    /* "" not given */
	size_t matched;		    /* of the delimiter, at the end of what was searched */
};

/* The boundary of "multipart/form-data; boundary=...". False: the header is something else. */
bool form_start(struct form *form, const char *content_type);

/*
 * Reads the parts before the file's bytes. 1: they begin at *@ret_data. 0: more is needed.
 * -EINVAL: this is no form with a file in it.
 */
int form_read_head(struct form *form, const char *text, size_t bytes, size_t *ret_data,
		   struct fail *why);

/* The file's bytes when the request has @request_bytes and they begin at @data; false: none do. */
bool form_file_bytes(const struct form *form, uint64_t request_bytes, size_t data, uint64_t *ret);

/* Whether the delimiter is in the file's bytes, which come piece by piece: another part follows. */
bool form_search(struct form *form, const char *data, size_t bytes);

/* Whether @tail is what has to stand behind the file. */
size_t form_tail_bytes(const struct form *form);
bool form_is_tail(const struct form *form, const char *tail, size_t bytes);

#endif
