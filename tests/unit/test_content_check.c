/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hostd/content_check.h"
#include "hostd/refuse.h"
#include "test.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct content_entry entry;
static struct fail why;

TEST(a_name_that_could_leave_its_folder_or_hide_is_refused)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{ "", "name: \"\" is missing" },
		{ "a/b", "name: \"a/b\" must not have a \"/\"" },
		{ "..", "name: \"..\" must not begin with a dot" },
		{ ".hidden", "name: \".hidden\" must not begin with a dot" },
		{ " a", "name: \" a\" must not begin or end with a blank" },
		{ "a ", "name: \"a \" must not begin or end with a blank" },
		{ "a\nb", "name: \"a?b\" has control characters or is not UTF-8" },
		{ "a\xff", "name: \"a?\" has control characters or is not UTF-8" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(content_check(cases[i].name, 1, "", &entry, &why), -REFUSED);
		CHECK_STR(why.msg, cases[i].says);
		CHECK(!content_name_is_valid(cases[i].name));
	}
}

TEST(a_name_has_at_most_200_bytes)
{
	char name[202];

	memset(name, 'x', sizeof(name));
	name[201] = '\0';
	CHECK_INT(content_check(name, 1, "", &entry, &why), -REFUSED);
	name[200] = '\0';
	CHECK_INT(content_check(name, 1, "", &entry, &why), 0);
	CHECK_STR(entry.name, name);
}

TEST(a_name_of_people_is_taken)
{
	static const char *const names[] = {
		"a", "bundle 1.2.tar.zst", "k\xc3\xb6ln.iso", "a..b", "-rf", "a=b", "#x"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(content_name_is_valid(names[i]));
}

TEST(a_digest_is_64_hex_digits_or_not_known)
{
	CHECK_INT(content_check("a", 1, DIGEST, &entry, &why), 0);
	CHECK_STR(entry.sha256, DIGEST);
	CHECK_INT(content_check("a", 1,
				"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
				&entry, &why),
		  0);
	CHECK_STR(entry.sha256, DIGEST);
	CHECK_INT(content_check("a", 1, "", &entry, &why), 0);
	CHECK_STR(entry.sha256, "");
	CHECK_INT(content_check("a", 1, "abc", &entry, &why), -REFUSED);
	CHECK_STR(why.msg, "SHA-256: \"abc\" must have 64 hex digits; it has 3");
	CHECK_INT(content_check("a", 1,
				"0123456789abcdeg0123456789abcdef0123456789abcdef0123456789abcdef",
				&entry, &why),
		  -REFUSED);
}

TEST(an_empty_file_and_one_no_file_system_holds_are_refused)
{
	CHECK_INT(content_check("a", 0, "", &entry, &why), -REFUSED);
	CHECK_STR(why.msg, "size: 0 bytes must be 1 to 9223372036854775807");
	CHECK_INT(content_check("a", UINT64_MAX, "", &entry, &why), -REFUSED);
	CHECK_INT(content_check("a", INT64_MAX, "", &entry, &why), 0);
}

TEST(five_percent_are_kept_and_never_more_than_two_gib)
{
	CHECK_INT(content_keep_bytes(1000), 50);
	CHECK_INT(content_keep_bytes(UINT64_C(40) << 30), UINT64_C(2) << 30);
	CHECK_INT(content_keep_bytes(UINT64_C(8) << 40), UINT64_C(2) << 30);
}

TEST(reading_may_take_an_hour_and_longer_for_a_large_file)
{
	CHECK_INT(content_read_seconds(0), 3600);
	CHECK_INT(content_read_seconds(UINT64_C(1000000000)), 3700);
	CHECK_INT(content_read_seconds(UINT64_C(2000000000000)), 203600);
	CHECK(content_read_seconds(UINT64_MAX) == 4294967295U);
}

TEST(a_record_is_read_as_it_was_written)
{
	struct content_entry in = { .name = "a = b # c",
				    .size_bytes = 20000000000,
				    .sha256 = DIGEST,
				    .origin = "medium",
				    .added_s = 1790000000,
				    .checked_s = 1790000001,
				    .damaged = true };
	struct content_entry out = { 0 };
	char buf[CONTENT_RECORD_BYTES];

	content_record(&in, buf);
	CHECK(content_read_record(buf, &out));
	CHECK_STR(out.name, in.name);
	CHECK_INT(out.size_bytes, in.size_bytes);
	CHECK_STR(out.sha256, in.sha256);
	CHECK_STR(out.origin, in.origin);
	CHECK_INT(out.added_s, in.added_s);
	CHECK_INT(out.checked_s, in.checked_s);
	CHECK(out.damaged);
}

TEST(a_longest_record_fits_its_buffer)
{
	struct content_entry in = { .size_bytes = INT64_MAX,
				    .sha256 = DIGEST,
				    .origin = "upload",
				    .added_s = UINT64_MAX,
				    .checked_s = UINT64_MAX,
				    .damaged = true };
	char buf[CONTENT_RECORD_BYTES];

	memset(in.name, 'x', CONTENT_NAME_MAX);
	memset(in.leader, 'x', CONTENT_LEADER_BYTES - 1);
	CHECK(content_record(&in, buf) < sizeof(buf));
}

TEST(a_damaged_record_is_none)
{
	static const char *const texts[] = {
		"",
		"name = a\nsize = 1\nsha256 = \nadded = 1\n",
		"name = ../a\nsize = 1\norigin = upload\nadded = 1\n",
		"name = a\nsize = -1\norigin = upload\nadded = 1\n",
		"name = a\nsize = 99999999999999999999\norigin = upload\n",
		"name = a\nsize = 1\norigin = elsewhere\n",
		"name = a\nsize = 0\norigin = upload\n",
		"rubbish\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char buf[CONTENT_RECORD_BYTES];

		snprintf(buf, sizeof(buf), "%s", texts[i]);
		CHECK(!content_read_record(buf, &entry));
	}
}

TEST(an_id_is_16_hex_digits)
{
	CHECK(content_id_is_valid("0123456789abcdef"));
	CHECK(!content_id_is_valid("0123456789abcde"));
	CHECK(!content_id_is_valid("../../etc/passwd"));
	CHECK(!content_id_is_valid("0123456789ABCDEF"));
	CHECK(!content_id_is_valid(""));
}
