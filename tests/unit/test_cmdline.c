/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/consoles.h"
#include "test.h"

TEST(words_are_split_at_spaces_and_quotes_are_removed)
{
	const char *at = "  quiet a=\"b c\"\t\"d e\"\n";
	char word[16];

	CHECK(cmdline_next(&at, word, sizeof(word)));
	CHECK_STR(word, "quiet");
	CHECK(cmdline_next(&at, word, sizeof(word)));
	CHECK_STR(word, "a=b c");
	CHECK(cmdline_next(&at, word, sizeof(word)));
	CHECK_STR(word, "d e");
	CHECK(!cmdline_next(&at, word, sizeof(word)));
	CHECK(!cmdline_next(&at, word, sizeof(word)));
}

TEST(a_word_longer_than_the_buffer_is_cut_and_the_next_is_whole)
{
	const char *at = "0123456789 next";
	char word[5];

	CHECK(cmdline_next(&at, word, sizeof(word)));
	CHECK_STR(word, "0123");
	CHECK(cmdline_next(&at, word, sizeof(word)));
	CHECK_STR(word, "next");
}

TEST(the_last_value_of_a_key_counts)
{
	static const struct {
		const char *line;
		int want;
		const char *value;
	} rows[] = {
		{ "k=1 k=2", 0, "2" },
		{ "k=", 0, "" },
		{ "xk=1 k1=1 k", -ENOENT, "" },
		{ "", -ENOENT, "" },
		{ "k=1 k=12345678", -ENOSPC, "" },
		{ "k=12345678 k=1", 0, "1" },
	};
	char value[8];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(cmdline_get(rows[i].line, "k", value, sizeof(value)), rows[i].want);
		CHECK_STR(value, rows[i].value);
	}
}

TEST(a_word_alone_is_not_part_of_another)
{
	CHECK(cmdline_has("a palette.debug=1 b", "palette.debug=1"));
	CHECK(!cmdline_has("a palette.debug=10 b", "palette.debug=1"));
	CHECK(!cmdline_has("", "palette.debug=1"));
}

TEST(a_console_argument_gives_name_and_rate)
{
	static const struct {
		const char *text, *name;
		unsigned baud;
	} rows[] = {
		{ "ttyS1,9600n8", "ttyS1", 9600 },
		{ "tty0", "tty0", 0 },
		{ "ttyS0,", "ttyS0", 0 },
		{ "ttyS0,fast", "ttyS0", 0 },
		{ "ttyS0,99999999999", "ttyS0", 0 },
		{ "", "", 0 },
	};
	char name[8];
	unsigned baud;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		consoles_parse_argument(rows[i].text, name, sizeof(name), &baud);
		CHECK_STR(name, rows[i].name);
		CHECK_INT(baud, rows[i].baud);
	}
}
