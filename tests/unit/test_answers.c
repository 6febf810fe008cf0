/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>

#include "installer/answers.h"
#include "lib/cleanup.h"

TEST(answers_survive_being_written_and_read)
{
	struct answers in = { .disk = "/dev/nvme0n1", .action = ANSWERS_POWEROFF }, out = { 0 };
	struct fail why = { 0 };
	char text[400];

	CHECK_INT(answers_format(&in, text, sizeof(text), &why), 0);
	CHECK_STR(text, "disk = /dev/nvme0n1\naction = poweroff\n");
	CHECK_INT(answers_parse(text, &out, &why), 0);
	CHECK_STR(out.disk, in.disk);
	CHECK_INT(out.action, in.action);
}

TEST(what_is_not_answered_keeps_its_value)
{
	struct answers answers = { .disk = "/dev/sda", .action = ANSWERS_REBOOT };

	CHECK_INT(answers_parse("# nothing\n\n  \n", &answers, NULL), 0);
	CHECK_STR(answers.disk, "/dev/sda");
	CHECK_INT(answers.action, ANSWERS_REBOOT);
}

TEST(a_bad_line_is_refused_with_its_number_and_changes_nothing)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "action = reboot\nnonsense\n", "line 2: \"nonsense\" is not \"key = value\"" },
		{ "colour = red", "line 1: \"colour\" is not known; disk and action are" },
		{ "action = explode",
		  "line 1: \"explode\" is none of nothing, reboot and poweroff" },
		{ "disk = sda", "line 1: \"sda\" is no path of a disk" },
		{ "disk = /a\ndisk = /b", "line 2: disk is there twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answers answers = { .disk = "/dev/sda", .action = ANSWERS_NOTHING };
		struct fail why = { 0 };

		CHECK_INT(answers_parse(cases[i].text, &answers, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].message);
		CHECK_STR(answers.disk, "/dev/sda");
		CHECK_INT(answers.action, ANSWERS_NOTHING);
	}
}

TEST(a_buffer_that_is_too_small_is_an_error_not_a_cut_path)
{
	struct answers answers = { .disk = "/dev/sda" };
	char text[16];

	CHECK_INT(answers_format(&answers, text, sizeof(text), NULL), -ENOSPC);
}
