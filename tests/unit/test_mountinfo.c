/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/cleanup.h"
#include "lib/mountinfo.h"
#include "test.h"

TEST(three_octal_digits_behind_a_backslash_are_a_byte_and_nothing_else_is)
{
	static const char *const cases[][2] = {
		{ "/mnt/a\\040b", "/mnt/a b" }, { "\\134\\011x", "\\\tx" }, { "/plain", "/plain" },
		{ "a\\04", "a\\04" },		{ "a\\09x", "a\\09x" },	    { "a\\", "a\\" },
	};
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		strcpy(text, cases[i][0]);
		mountinfo_unescape(text);
		CHECK_STR(text, cases[i][1]);
	}
}
