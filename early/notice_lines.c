/* SPDX-License-Identifier: Apache-2.0 */
#include "notice_lines.h"

#include <string.h>

#define COLUMNS 79

/* Up to the next newline: how much fits in one row, at a space if there is one. */
static size_t row_length(const char *line, size_t n)
{
	if (n <= COLUMNS)
		return n;
	for (size_t i = COLUMNS; i > 0; i--) {
		if (line[i] == ' ')
			return i;
	}
	return COLUMNS;
}

size_t notice_lines(const char *text, char *ret)
{
	size_t used = 0;

	while (*text) {
		size_t n = strcspn(text, "\n"), row = row_length(text, n);

		memcpy(ret + used, text, row);
		used += row;
		text += row;
		if (row == n && !*text)
			return used;
		ret[used++] = '\r';
		ret[used++] = '\n';
		/* The newline, or the space the line was broken at. */
		if (*text == '\n' || *text == ' ')
			text++;
	}
	return used;
}
