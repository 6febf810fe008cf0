/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows - a table that a job fills and hostd sends: values are texts, a column says what they are. Pure.
 */
#ifndef PALETTE_ROWS_H
#define PALETTE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROWS_MAX	 500
#define ROWS_BYTES	 ((size_t)4 * 1024 * 1024)
#define ROWS_COLUMNS_MAX 8
#define ROWS_LINE_BYTES	 ((size_t)48 * 1024) /* of rows_json() */

struct row_column {
	const char *key;
	char type; /* 's', or 'u', 't': a decimal number */
};

struct rows {
	size_t n, used;
	uint64_t total; /* for a job that counts more than it adds */
	bool backwards; /* the last row is the first one to be shown */
	uint32_t at[ROWS_MAX];
	char text[ROWS_BYTES];
};

/*
 * Adds a row of @n values; they are made valid UTF-8 without control characters but newline and tab.
 * False: the table is full.
 */
bool rows_add(struct rows *rows, const char *const values[], size_t n);

/* The values of the row that is shown as number @i. */
void rows_get(const struct rows *rows, size_t i, const char *values[], size_t n);

/* One row as an object of JSON with a newline, in @buf of ROWS_LINE_BYTES. Returns its length. */
size_t rows_json(const struct row_column *columns, const char *const values[], size_t n, char *buf);

#endif
