/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - see text.h */
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_columns(const char *text, size_t bytes)
{
	size_t columns = 0;

	for (size_t i = 0; i < bytes && text[i]; i++)
		if (!inside_character(text[i]))
			columns++;
	return columns;
}

size_t text_bytes(const char *text, size_t columns)
{
	size_t i = 0;

	while (text[i]) {
		if (!inside_character(text[i])) {
			if (columns == 0)
				break;
			columns--;
		}
		i++;
	}
	return i;
}

int text_cut(const char *text, size_t most)
{
	size_t n = strnlen(text, most);

	/* A byte behind the cut that begins no character belongs to one that began before it. */
	while (n > 0 && inside_character(text[n]))
		n--;
	return (int)n;
}

/* How much of [@start, @end) goes on a line of @width columns, and where the next line starts. */
static size_t break_line(const char *start, const char *end, size_t width, const char **next)
{
	size_t fits = text_bytes(start, width);
	const char *cut;

	if (fits >= (size_t)(end - start)) {
		*next = end;
		return (size_t)(end - start);
	}
	for (cut = start + fits; cut > start && *cut != ' '; cut--)
		;
	if (cut == start) {
		*next = start + fits; /* one long word */
		return fits;
	}
	*next = cut + strspn(cut, " ");
	while (cut > start && cut[-1] == ' ')
		cut--;
	return (size_t)(cut - start);
}

size_t text_wrap(const char *text, size_t width, struct text_line *lines, size_t max)
{
	size_t n = 0;

	for (;;) {
		const char *end = text + strcspn(text, "\n");
		size_t spaces = strspn(text, " ");
		size_t indent = spaces < width / 2 ? spaces : 0;
		const char *start = text + indent;

		do {
			const char *next = end;
			size_t bytes = break_line(start, end, width - indent, &next);

			if (lines && n < max)
				lines[n] = (struct text_line){ start, bytes, indent };
			n++;
			start = next;
		} while (start < end);
		if (!*end || !end[1])
			return n;
		text = end + 1;
	}
}

const char *text_fit(const char *text, size_t width, char *buf, size_t size)
{
	size_t all = strlen(text);
	bool cut = text_columns(text, all) > width && width > 3;
	size_t bytes = text_bytes(text, cut ? width - 3 : width);

	snprintf(buf, size, "%.*s%s", (int)bytes, text, cut ? "..." : "");
	return buf;
}

struct text_out text_out_start(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct text_out){ .buf = buf, .size = size };
}

void text_put(struct text_out *out, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out->buf + out->used, out->size - out->used, fmt, args);
	va_end(args);
	if (n > 0)
		out->used += (size_t)n;
	if (out->used >= out->size)
		out->used = out->size - 1;
}

static size_t character_before(const char *buf, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && inside_character(buf[at]))
		at--;
	return at;
}

static size_t character_after(const char *buf, size_t at)
{
	if (buf[at])
		at++;
	while (inside_character(buf[at]))
		at++;
	return at;
}

static void remove_bytes(char *buf, size_t from, size_t to)
{
	memmove(buf + from, buf + to, strlen(buf + to) + 1);
}

void text_edit(char *buf, size_t *cursor, enum text_edit how)
{
	size_t at = *cursor;

	switch (how) {
	case TEXT_LEFT:
		*cursor = character_before(buf, at);
		break;
	case TEXT_RIGHT:
		*cursor = character_after(buf, at);
		break;
	case TEXT_HOME:
		*cursor = 0;
		break;
	case TEXT_END:
		*cursor = strlen(buf);
		break;
	case TEXT_BACKSPACE:
		*cursor = character_before(buf, at);
		remove_bytes(buf, *cursor, at);
		break;
	case TEXT_DELETE:
		remove_bytes(buf, at, character_after(buf, at));
		break;
	case TEXT_CLEAR:
		buf[0] = '\0';
		*cursor = 0;
		break;
	}
}

bool text_insert(char *buf, size_t size, size_t *cursor, const char *what)
{
	size_t len = strlen(buf), more = strlen(what);

	if (len + more >= size)
		return false;
	memmove(buf + *cursor + more, buf + *cursor, len - *cursor + 1);
	for (size_t i = 0; i < more; i++)
		buf[*cursor + i] = what[i];
	*cursor += more;
	return true;
}
