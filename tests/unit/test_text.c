/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

/* The lines joined by '|', indentation as spaces. */
static const char *wrapped(const char *text, size_t width)
{
	static char buf[1000];
	struct text_line lines[50];
	size_t n = text_wrap(text, width, lines, 50), used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(buf + used, sizeof(buf) - used, "%s%*s%.*s", i ? "|" : "",
					 (int)lines[i].indent, "", (int)lines[i].bytes,
					 lines[i].start);
	return buf;
}

TEST(lines_are_broken_at_spaces_and_newlines)
{
	static const struct {
		const char *text;
		size_t width;
		const char *want;
	} cases[] = {
		{ "", 10, "" },
		{ "one", 10, "one" },
		{ "one two", 7, "one two" },
		{ "one two", 6, "one|two" },
		{ "one  two", 4, "one|two" },
		{ "one\ntwo", 10, "one|two" },
		{ "one\n\ntwo", 10, "one||two" },
		{ "one\n", 10, "one" },
		{ "one\n\n", 10, "one|" },
		{ "  one two", 6, "  one|  two" },
		{ "abcdefghij", 4, "abcd|efgh|ij" },
		{ "\xc3\xa4\xc3\xb6 \xc3\xbc", 2, "\xc3\xa4\xc3\xb6|\xc3\xbc" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(wrapped(cases[i].text, cases[i].width), cases[i].want);
}

TEST(more_lines_than_there_is_room_for_are_counted)
{
	struct text_line lines[1];

	CHECK_INT(text_wrap("a\nb\nc", 10, lines, 1), 3);
	CHECK_INT(text_wrap("a\nb\nc", 10, NULL, 0), 3);
}

TEST(what_was_cut_ends_in_dots)
{
	char buf[20];

	CHECK_STR(text_fit("0123456789", 10, buf, sizeof(buf)), "0123456789");
	CHECK_STR(text_fit("0123456789a", 10, buf, sizeof(buf)), "0123456...");
	CHECK_STR(text_fit("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 4, buf, sizeof(buf)),
		  "\xc3\xa4...");
}

TEST(a_cut_leaves_whole_characters)
{
	CHECK_INT(text_cut("abc", 2), 2);
	CHECK_INT(text_cut("abc", 9), 3);
	CHECK_INT(text_cut("a\xc3\xa4z", 2), 1);
	CHECK_INT(text_cut("a\xc3\xa4z", 3), 3);
	CHECK_INT(text_cut("\xf0\x9f\x98\x80", 3), 0);
	CHECK_INT(text_cut("", 3), 0);
}

TEST(editing_moves_and_removes_whole_characters)
{
	char buf[16] = "a\xc3\xa4z";
	size_t cursor = strlen(buf);

	text_edit(buf, &cursor, TEXT_LEFT);
	text_edit(buf, &cursor, TEXT_BACKSPACE);
	CHECK_STR(buf, "az");
	CHECK_INT(cursor, 1);
	CHECK(text_insert(buf, sizeof(buf), &cursor, "\xc3\xb6"));
	CHECK_STR(buf, "a\xc3\xb6z");
	text_edit(buf, &cursor, TEXT_HOME);
	text_edit(buf, &cursor, TEXT_DELETE);
	CHECK_STR(buf, "\xc3\xb6z");
	text_edit(buf, &cursor, TEXT_RIGHT);
	CHECK_INT(cursor, 2);
	text_edit(buf, &cursor, TEXT_END);
	text_edit(buf, &cursor, TEXT_RIGHT);
	CHECK_INT(cursor, 3);
	text_edit(buf, &cursor, TEXT_CLEAR);
	text_edit(buf, &cursor, TEXT_BACKSPACE);
	CHECK_STR(buf, "");
}

TEST(a_full_field_takes_no_more)
{
	char buf[4] = "abc";
	size_t cursor = 1;

	CHECK(!text_insert(buf, sizeof(buf), &cursor, "x"));
	CHECK_STR(buf, "abc");
	CHECK_INT(cursor, 1);
}
