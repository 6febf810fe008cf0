/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "installer/areas.h"
#include "lib/cleanup.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddee7f"

/* @lines with the last line that fits them. */
static int parse(const char *lines, struct areas *ret, struct fail *why)
{
	uint8_t digest[SHA256_BYTES];
	struct sha256_ctx hash;
	char text[2000];
	size_t n = strlen(lines);

	sha256_init(&hash);
	sha256_update(&hash, n, (const uint8_t *)lines);
	sha256_digest(&hash, sizeof(digest), digest);
	memcpy(text, lines, n);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + n + 2 * i, 3, "%02x", digest[i]);
	text[n + 64] = '\n';
	return areas_parse(text, n + 65, ret, why);
}

TEST(areas_are_read_with_blanks_in_their_names_and_lines_that_fill_the_file)
{
	struct areas areas = { 0 };

	CHECK_INT(parse(DIGEST " 0 2048 beginning\n" DIGEST " 4096 10 behind a file\n\n\n", &areas,
			NULL),
		  0);
	CHECK_INT(areas.n, 2);
	CHECK_INT(areas.bytes, 2058);
	CHECK_STR(areas.list[1].name, "behind a file");
	CHECK_INT(areas.list[1].offset, 4096);
	CHECK_INT(areas.list[1].sha256[31], 0x7f);
	areas_done(&areas);
}

TEST(a_line_that_is_wrong_is_named_and_nothing_is_kept)
{
	static const struct {
		const char *lines, *want;
	} cases[] = {
		{ DIGEST " 0 2048\n", "line 1: it is not \"digest offset bytes name\"" },
		{ DIGEST " 0 2048 \n", "line 1: it is not \"digest offset bytes name\"" },
		{ "\n0123 0 2048 x\n", "line 2: \"0123\" is no SHA-256 digest" },
		{ DIGEST " -1 2048 x\n", "line 1: \"-1\" is no number in range" },
		{ DIGEST " 0 0 x\n", "line 1: 0 bytes from byte 0 are no area" },
		{ DIGEST " 1 9223372036854775807 x\n",
		  "line 1: 9223372036854775807 bytes from byte 1 are no area" },
		{ DIGEST " 0 2048 x\x1b[2J\n", "line 1: the name has control characters" },
		{ DIGEST " 0 20 x\n" DIGEST " 19 2 y\n",
		  "line 2: y begins within the area before" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct areas areas = { .n = 99 };
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].lines, &areas, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].want);
		CHECK_INT(areas.n, 99);
	}
}

TEST(a_list_that_was_changed_or_cut_off_is_damaged)
{
	static const char *const texts[] = {
		"",
		"\n",
		DIGEST " 0 2048 x\n",
		DIGEST " 0 2048 x\n" DIGEST "\n",
		DIGEST " 0 2048 x\n" DIGEST,
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct areas areas = { .n = 99 };

		CHECK_INT(areas_parse(texts[i], strlen(texts[i]), &areas, NULL), -EBADMSG);
		CHECK_INT(areas.n, 99);
	}
}
