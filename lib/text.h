/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - lines that fit a width, and editing one line. Pure.
 *
 * Text is UTF-8; a column is a code point. Control characters are the caller's to keep out.
 */
#ifndef PALETTE_TEXT_H
#define PALETTE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text_line {
	const char *start; /* borrowed from the text */
	size_t bytes;
	size_t indent; /* columns to leave free before it */
};

/*
 * Breaks @text at newlines and, where a line is wider than @width, at spaces; the rest of such a
 * line starts below its first word. A newline at the very end starts no line. Fills at most @max of @lines (NULL: counts only) and returns how
 * many lines there are in all.
 */
size_t text_wrap(const char *text, size_t width, struct text_line *lines, size_t max);

/* Columns of the first @bytes of @text. */
size_t text_columns(const char *text, size_t bytes);

/* Bytes of the first @columns columns of @text. */
size_t text_bytes(const char *text, size_t columns);

/* Bytes of @text, @most at most, that end with a whole character: the precision of a "%.*s". */
int text_cut(const char *text, size_t most);

/* @text cut to @width columns; what was cut ends in "...". Returns @buf. */
const char *text_fit(const char *text, size_t width, char *buf, size_t size);

/* A text that grows in a caller's buffer; what does not fit is cut. */
struct text_out {
	char *buf;
	size_t size, used;
};

struct text_out text_out_start(char *buf, size_t size);

void text_put(struct text_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum text_edit {
	TEXT_LEFT,
	TEXT_RIGHT,
	TEXT_HOME,
	TEXT_END,
	TEXT_BACKSPACE,
	TEXT_DELETE,
	TEXT_CLEAR,
};

/* Moves @cursor (a byte offset) or removes at it. */
void text_edit(char *buf, size_t *cursor, enum text_edit how);

/* Inserts @what at @cursor; false where it does not fit @size bytes. */
bool text_insert(char *buf, size_t size, size_t *cursor, const char *what);

#endif
