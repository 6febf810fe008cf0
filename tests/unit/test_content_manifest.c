/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/content_manifest.h"
#include "test.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIRST  "palette-manifest 1\n"

static struct content_entry rows[4];
static struct fail why;

static int read_text(const char *text)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	return content_manifest_read(copy, rows, 2, &why);
}

TEST(what_was_written_is_read_whatever_the_name)
{
	static const char *const names[] = { "bundle 1.2 = #a.tar.zst", "gr\xc3\xbc\xc3\x9f"
									"e" };
	size_t bytes = 0;
	char *text;

	memset(rows, 0, sizeof(rows));
	for (size_t i = 0; i < 2; i++) {
		snprintf(rows[i].name, sizeof(rows[i].name), "%s", names[i]);
		snprintf(rows[i].sha256, sizeof(rows[i].sha256), "%s", DIGEST);
		rows[i].size_bytes = 5000000000 + i;
		rows[i].added_s = 1700000000;
	}
	text = content_manifest_text(rows, 2, &bytes);
	CHECK_INT(strlen(text), bytes);
	memset(rows, 0, sizeof(rows));
	CHECK_INT(content_manifest_read(text, rows, 2, &why), 2);
	for (size_t i = 0; i < 2; i++) {
		CHECK_STR(rows[i].name, names[i]);
		CHECK_STR(rows[i].sha256, DIGEST);
		CHECK_STR(rows[i].origin, "leader");
		CHECK_INT(rows[i].size_bytes, 5000000000 + i);
		CHECK_INT(rows[i].added_s, 1700000000);
	}
	free(text);
}

TEST(no_content_is_a_manifest_too)
{
	size_t bytes = 0;
	char *text = content_manifest_text(NULL, 0, &bytes);

	CHECK_STR(text, FIRST);
	CHECK_INT(read_text(text), 0);
	free(text);
}

TEST(a_manifest_that_is_cut_or_wrong_is_refused_with_its_line)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "the leader's manifest is empty" },
		{ "palette-manifest 2\n", "the leader's manifest is not of version 1: install the "
					  "same version on all hosts" },
		{ "palette-manifest 1", "the leader's manifest ends in line 1" },
		{ FIRST DIGEST " 1 2 a", "the leader's manifest ends in line 2" },
		{ FIRST DIGEST " 1 2 ../a\n", "line 2 of the leader's manifest is damaged" },
		{ FIRST DIGEST " 0 2 a\n", "line 2 of the leader's manifest is damaged" },
		{ FIRST DIGEST " -1 2 a\n", "line 2 of the leader's manifest is damaged" },
		{ FIRST DIGEST " 1 2\n", "line 2 of the leader's manifest is damaged" },
		{ FIRST "abc 1 2 a\n", "line 2 of the leader's manifest is damaged" },
		{ FIRST DIGEST " 1 2 a\n" DIGEST " 1 2 b\n" DIGEST " 1 2 c\n",
		  "line 4 of the leader's manifest is damaged" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(read_text(cases[i].text), -EBADMSG);
		CHECK_STR(why.msg, cases[i].says);
	}
}
