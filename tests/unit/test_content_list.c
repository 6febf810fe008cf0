/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "installer/content_list.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "manifest_text.h"

static int parse(const char *text, struct content_list *ret, struct fail *why)
{
	return content_list_parse(text, strlen(text), ret, why);
}

TEST(a_list_is_read_sorted_and_added_up)
{
	static const char text[] =
		"# two files\n\nfile = " HEX64 " 4097 b \"c\".tar\nfile = " HEX64 " 1 a\n";
	struct content_list list = { 0 };

	CHECK_INT(parse(text, &list, NULL), 0);
	CHECK_INT(list.n_files, 2);
	CHECK_STR(content_list_name(&list.files[0]), "a");
	CHECK_STR(list.files[1].path, "palette/content/b \"c\".tar");
	CHECK_INT(list.files[1].sha256[1], 0x11);
	CHECK_INT(list.bytes, 4098);
	/* three blocks of data, two more for each file */
	CHECK_INT(content_list_room(&list), 7 * 4096);
	content_list_done(&list);
	CHECK_INT(list.n_files, 0);
}

TEST(no_files_are_a_list_too)
{
	struct content_list list = { 0 };

	CHECK_INT(parse("", &list, NULL), 0);
	CHECK_INT(list.n_files, 0);
	CHECK_INT(content_list_room(&list), 0);
	content_list_done(&list);
}

TEST(a_list_that_is_not_understood_is_refused_with_the_line)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "nonsense\n", "line 1: \"nonsense\" is not \"file = ...\"" },
		{ "file = " HEX64 " 5\n", "line 1: it is not \"digest bytes name\"" },
		{ "file = abc 5 a\n", "line 1: \"abc\" is no SHA-256 digest" },
		{ "file = " HEX64 " -5 a\n", "line 1: \"-5\" is no number in range" },
		{ "#\nfile = " HEX64 " 99999999999999999999 a\n",
		  "line 2: \"99999999999999999999\" is no number in range" },
		{ "file = " HEX64 " 5 a\nfile = " HEX64 " 5 a\n",
		  "palette/content/a is there twice" },
		{ "file = " HEX64 " 9223372036854775807 a\nfile = " HEX64 " 1 b\n",
		  "line 2: the files have more than 9223372036854775807 bytes together" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct content_list list = { .n_files = 99 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].text, &list, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].message);
		CHECK_INT(list.n_files, 99);
	}
}

TEST(names_that_lead_out_of_the_folder_or_cannot_be_shown_are_refused)
{
	static const char *const names[] = { "..", "../a", "a/b", "/a",	  ".a",
					     "",   " a",   "a ",  "a\tb", "a\x80" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		autofree char *text = xasprintf("file = " HEX64 " 5 %s\n", names[i]);
		struct content_list list = { 0 };
		struct fail why = { 0 };

		CHECK_INT(parse(text, &list, &why), -EINVAL);
		CHECK(strncmp(why.msg, "line 1: ", 8) == 0);
	}
}

TEST(an_empty_file_is_refused_for_it_looks_like_one_that_was_cut)
{
	struct content_list list = { 0 };
	struct fail why = { 0 };

	CHECK_INT(parse("file = " HEX64 " 0 a\n", &list, &why), -EINVAL);
}

TEST(the_longest_name_fits_and_the_next_does_not)
{
	char name[202];

	for (size_t n = 200; n <= 201; n++) {
		struct content_list list = { 0 };
		struct fail why = { 0 };
		autofree char *text = NULL;

		memset(name, 'n', n);
		name[n] = '\0';
		text = xasprintf("file = " HEX64 " 9223372036854775807 %s\n", name);
		CHECK_INT(parse(text, &list, &why), n == 200 ? 0 : -EINVAL);
		if (n == 200)
			CHECK_STR(content_list_name(&list.files[0]), name);
		content_list_done(&list);
	}
}

TEST(a_thousand_files_are_taken_and_no_more)
{
	const size_t room = 1001 * (sizeof(HEX64) + 40);
	autofree char *text = xmalloc(room);
	size_t used = 0;

	for (unsigned i = 0; i < 1001; i++) {
		struct content_list list = { 0 };
		struct fail why = { 0 };

		used += (size_t)snprintf(text + used, room - used, "file = " HEX64 " 5 %u\n", i);
		if (i < 999)
			continue;
		CHECK_INT(parse(text, &list, &why), i == 999 ? 0 : -EINVAL);
		if (i == 1000)
			CHECK_STR(why.msg, "line 1001: more than 1000 files");
		content_list_done(&list);
	}
}

TEST(a_nul_byte_is_refused)
{
	struct content_list list = { 0 };

	CHECK_INT(content_list_parse("a\0b", 3, &list, NULL), -EINVAL);
}
