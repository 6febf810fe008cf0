/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "hostd/audit_line.h"
#include "test.h"

static struct audit_event event = { .time = 1790000000,
				    .actor = "alice",
				    .from = "192.0.2.7 port 5",
				    .action = "set-hostname",
				    .object = "a \"b\"\\\n\x1f k\xc3\xb6ln",
				    .result = "refused",
				    .reason = "host name: \"x\" may not" };
static struct audit_row row;
static char line[AUDIT_LINE_BYTES];

static bool parse(const char *text)
{
	return audit_parse(text, strlen(text), &row);
}

TEST(a_line_is_read_as_it_was_written)
{
	audit_line(&event, line);
	CHECK(audit_parse(line, strlen(line) - 1, &row));
	CHECK_INT(row.time, event.time);
	CHECK_STR(row.actor, event.actor);
	CHECK_STR(row.from, event.from);
	CHECK_STR(row.action, event.action);
	CHECK_STR(row.object, event.object);
	CHECK_STR(row.result, event.result);
	CHECK_STR(row.reason, event.reason);
}

TEST(a_line_that_was_cut_anywhere_is_no_row)
{
	size_t n;

	audit_line(&event, line);
	n = strlen(line) - 1;
	for (size_t i = 0; i < n; i++)
		CHECK(!audit_parse(line, i, &row));
	CHECK(!parse("rubbish"));
	CHECK(!parse("{\"time\":\"never\",\"actor\":\"a\",\"from\":\"b\",\"action\":\"c\","
		     "\"object\":\"\","
		     "\"result\":\"ok\",\"reason\":\"\"}"));
}

TEST(longest_values_fit_line_and_row)
{
	static char big[4000];
	struct audit_event long_event = event;

	memset(big, '\\', sizeof(big) - 1);
	long_event.object = long_event.reason = long_event.actor = long_event.from = big;
	audit_line(&long_event, line);
	CHECK(strlen(line) < sizeof(line) && line[strlen(line) - 1] == '\n');
	CHECK(audit_parse(line, strlen(line) - 1, &row));
}

TEST(a_filter_picks_by_time_word_and_text)
{
	static const struct {
		struct audit_filter filter;
		bool want;
	} cases[] = {
		{ { 0 }, true },
		{ { .since_s = 1790000000, .until_s = 1790000000 }, true },
		{ { .since_s = 1790000001 }, false },
		{ { .until_s = 1789999999 }, false },
		{ { .actor = "alice" }, true },
		{ { .actor = "ali" }, false },
		{ { .action = "set-hostname", .result = "refused" }, true },
		{ { .result = "ok" }, false },
		{ { .from = "192.0.2.7 port 5" }, true },
		{ { .contains = "MAY NOT" }, true },
		{ { .contains = "K\xc3\xb6ln" }, true },
		{ { .contains = "alice" }, false },
	};

	audit_line(&event, line);
	CHECK(audit_parse(line, strlen(line) - 1, &row));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(audit_matches(&cases[i].filter, &row), cases[i].want);
}
