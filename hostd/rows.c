/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "encode.h"
#include "lib/utf8.h"

bool rows_add(struct rows *rows, const char *const values[], size_t n)
{
	size_t used = rows->used;

	if (rows->n == ROWS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t bytes = strlen(values[i]) + 1;

		if (bytes > sizeof(rows->text) - used)
			return false;
		memcpy(rows->text + used, values[i], bytes);
		utf8_clean(rows->text + used);
		used += bytes;
	}
	rows->at[rows->n++] = (uint32_t)rows->used;
	rows->used = used;
	return true;
}

void rows_get(const struct rows *rows, size_t i, const char *values[], size_t n)
{
	const char *p = rows->text + rows->at[rows->backwards ? rows->n - 1 - i : i];

	for (size_t k = 0; k < n; k++) {
		values[k] = p;
		p += strlen(p) + 1;
	}
}

size_t rows_json(const struct row_column *columns, const char *const values[], size_t n, char *buf)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		used += (size_t)snprintf(buf + used, ROWS_LINE_BYTES - used,
					 "%s\"%s\":", i ? "," : "{", columns[i].key);
		if (columns[i].type == 's')
			/* The longest is cut to what leaves room for the others' keys. */
			json_quote(values[i], buf + used, (ROWS_LINE_BYTES - used) / 2);
		else
			snprintf(buf + used, ROWS_LINE_BYTES - used, "%s", values[i]);
		used += strlen(buf + used);
	}
	used += (size_t)snprintf(buf + used, ROWS_LINE_BYTES - used, "}\n");
	return used;
}
