/* SPDX-License-Identifier: Apache-2.0 */
/* api_rows - filters that come as a{sv}, and tables that go as aa{sv}. */
#ifndef PALETTE_API_ROWS_H
#define PALETTE_API_ROWS_H

#include "request.h"
#include "rows.h"

struct filter_key {
	const char *key;
	char type;   /* 's', or 't' for a number of any type */
	void *value; /* char[@size], or uint64_t */
	size_t size;
};

/*
 * Reads the a{sv} that comes next in @m. -REFUSED: an unknown key, a wrong type, a text that is too
 * long. -EBADMSG and the like: the message itself is wrong.
 */
int filter_read(sd_bus_message *m, const struct filter_key *keys, size_t n, struct fail *why);

/* Appends all rows as aa{sv}. */
int rows_append(sd_bus_message *m, const struct rows *rows, const struct row_column *columns,
		size_t n);

/* Of rows of two values, KIND and text, those of @kind: an entry @key of a dictionary, with as. */
int api_strings_of(sd_bus_message *m, const char *key, const struct rows *rows, const char *kind);

#endif
