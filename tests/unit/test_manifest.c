/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "installer/manifest.h"
#include "lib/cleanup.h"
#include "manifest_text.h"

static int parse(const char *text, struct manifest *ret, struct fail *why)
{
	return manifest_parse(text, strlen(text), ret, why);
}

TEST(a_manifest_is_read_whatever_the_order_of_its_lines)
{
	static const char *const texts[] = { MANIFEST_TEXT,
					     MANIFEST_FILES MANIFEST_OS_LINE MANIFEST_KEYS };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct manifest manifest = { 0 };
		const struct manifest_file *os;

		CHECK_INT(parse(texts[i], &manifest, NULL), 0);
		CHECK_STR(manifest.version, "2026.11.23-1a2b3c4");
		CHECK_STR(manifest.medium_id, "0123456789abcdef");
		CHECK_STR(manifest.os_salt, HEX64);
		CHECK_INT(manifest.os_data_blocks, 90112);
		CHECK_INT(manifest.n_files, 9);
		os = manifest_find(&manifest, MANIFEST_OS);
		CHECK_INT(os->bytes, 372244480);
		CHECK_INT(os->sha256[1], 0x11);
		CHECK(!manifest_find(&manifest, "palette/other"));
	}
}

TEST(a_manifest_that_is_not_understood_is_refused_with_the_line)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "version is missing" },
		{ MANIFEST_KEYS MANIFEST_FILES, "the line of palette/os.img is missing" },
		{ MANIFEST_TEXT "nonsense\n", "line 16: \"nonsense\" is not \"key = value\"" },
		{ MANIFEST_TEXT "colour = red\n", "line 16: colour: this key is not known" },
		{ MANIFEST_TEXT "version = 2\n", "line 16: version: it is there twice" },
		{ MANIFEST_TEXT MANIFEST_OS_LINE, "line 16: file: palette/os.img is there twice" },
		{ "version = a b\n", "line 1: version: \"a b\" is no version" },
		{ "version = \n", "line 1: version: \"\" is no version" },
		{ "medium-id = 0123456789ABCDEF\n",
		  "line 1: medium-id: \"0123456789ABCDEF\" is not 16 lower-case hex digits" },
		{ "os-data-blocks = -1\n", "line 1: os-data-blocks: \"-1\" is no number in range" },
		{ "os-data-blocks = 99999999999999999999\n",
		  "line 1: os-data-blocks: \"99999999999999999999\" is no number in range" },
		{ "file = " HEX64 " 5\n", "line 1: file: it is not \"digest bytes path\"" },
		{ "file = " HEX64 " 5 a b\n", "line 1: file: it is not \"digest bytes path\"" },
		{ "file = abc 5 a\n", "line 1: file: \"abc\" is no SHA-256 digest" },
		{ "file = " HEX64 " 5x a\n", "line 1: file: \"5x\" is no number in range" },
		{ "file = " HEX64 " 5 /etc/passwd\n",
		  "line 1: file: \"/etc/passwd\" is no path inside the medium" },
		{ "file = " HEX64 " 5 a/../../b\n",
		  "line 1: file: \"a/../../b\" is no path inside the medium" },
		{ MANIFEST_KEYS "file = " HEX64 " 5000 palette/os.img\n" MANIFEST_FILES,
		  "palette/os.img has 5000 bytes, which is no multiple of 4096" },
		{ MANIFEST_KEYS "file = " HEX64 " 369098752 palette/os.img\n" MANIFEST_FILES,
		  "os-data-blocks is 90112, but palette/os.img has 90112 blocks with its hash "
		  "tree" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct manifest manifest = { .n_files = 99 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].text, &manifest, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].message);
		CHECK_INT(manifest.n_files, 99);
	}
}

TEST(a_manifest_with_a_nul_or_an_endless_line_is_refused)
{
	struct manifest manifest;
	struct fail why = { 0 };
	char line[2000];

	CHECK_INT(manifest_parse("version = 1\0hidden", 18, &manifest, &why), -EINVAL);
	CHECK_STR(why.msg, "there is a NUL byte in it");
	memset(line, 'x', sizeof(line));
	CHECK_INT(manifest_parse(line, sizeof(line), &manifest, &why), -EINVAL);
	CHECK_STR(why.msg, "line 1 is longer than 511 characters");
}

TEST(more_files_than_there_is_room_for_are_refused)
{
	char text[8192] = "";
	struct manifest manifest;
	struct fail why = { 0 };

	for (int i = 0; i <= MANIFEST_FILES_MAX; i++) {
		char line[128];

		snprintf(line, sizeof(line), "file = " HEX64 " 5 f%d\n", i);
		strcat(text, line);
	}
	CHECK_INT(parse(text, &manifest, &why), -EINVAL);
	CHECK_STR(why.msg, "line 25: file: more than 24 files");
}
