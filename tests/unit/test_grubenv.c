/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/grubenv.h"
#include "test.h"

/* A block as grub-editenv makes it: the lines, then fill. */
static void block_of(const char *lines, char block[static GRUBENV_BYTES])
{
	char text[GRUBENV_BYTES + 1];
	int n = snprintf(text, sizeof(text), "# GRUB Environment Block\n%s", lines);

	memset(block, '#', GRUBENV_BYTES);
	memcpy(block, text, (size_t)n);
}

static struct grubenv env_of(const char *lines)
{
	char block[GRUBENV_BYTES];
	struct grubenv env;
	struct fail why = { 0 };

	block_of(lines, block);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), 0);
	return env;
}

TEST(values_are_found_by_name)
{
	struct grubenv env = env_of("order=ab\ntries_a=1\ntries_b=0\n");
	char value[16];

	CHECK_INT(grubenv_get(&env, "tries_a", value, sizeof(value)), 0);
	CHECK_STR(value, "1");
	CHECK_INT(grubenv_get(&env, "order", value, sizeof(value)), 0);
	CHECK_STR(value, "ab");
}

TEST(a_name_that_only_begins_alike_is_another_variable)
{
	struct grubenv env = env_of("tries_ab=1\n");
	char value[16] = "old";

	CHECK_INT(grubenv_get(&env, "tries_a", value, sizeof(value)), -ENOENT);
	CHECK_STR(value, "");
}

TEST(a_value_longer_than_the_buffer_is_refused_not_cut)
{
	struct grubenv env = env_of("order=ab\n");
	char value[2];

	CHECK_INT(grubenv_get(&env, "order", value, sizeof(value)), -ENOSPC);
	CHECK_STR(value, "");
}

TEST(what_was_parsed_is_formatted_to_the_same_bytes)
{
	char block[GRUBENV_BYTES], again[GRUBENV_BYTES];
	struct grubenv env;
	struct fail why = { 0 };

	block_of("# WARNING: Do not edit\norder=ba\nodd=a\\\\b\\\nc\n", block);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), 0);
	grubenv_format(&env, again);
	CHECK(memcmp(again, block, GRUBENV_BYTES) == 0);
}

TEST(newlines_and_backslashes_in_a_value_survive)
{
	struct grubenv env;
	struct fail why = { 0 };
	char value[16], block[GRUBENV_BYTES];

	grubenv_init(&env);
	CHECK_INT(grubenv_set(&env, "odd", "a\\b\nc", &why), 0);
	grubenv_format(&env, block);
	CHECK(memcmp(block + 25, "odd=a\\\\b\\\nc\n####", 16) == 0);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), 0);
	CHECK_INT(grubenv_get(&env, "odd", value, sizeof(value)), 0);
	CHECK_STR(value, "a\\b\nc");
}

TEST(setting_replaces_the_old_value_and_keeps_the_others)
{
	struct grubenv env = env_of("order=ab\ntries_a=3\nnext_entry=x\n");
	struct fail why = { 0 };
	char value[16];

	CHECK_INT(grubenv_set(&env, "tries_a", "0", &why), 0);
	grubenv_unset(&env, "next_entry");
	grubenv_unset(&env, "never_there");
	CHECK_STR(env.text, "# GRUB Environment Block\norder=ab\ntries_a=0\n");
	CHECK_INT(grubenv_get(&env, "tries_a", value, sizeof(value)), 0);
	CHECK_STR(value, "0");
}

TEST(a_full_block_refuses_a_value_and_stays_as_it_was)
{
	char long_value[GRUBENV_BYTES];
	struct grubenv env = env_of("order=ab\n"), before = env;
	struct fail why = { 0 };

	memset(long_value, 'x', sizeof(long_value));
	/* header 25, "order=ab\n" 9, "v=" 2, newline 1: 987 fit */
	long_value[987] = '\0';
	CHECK_INT(grubenv_set(&env, "v", long_value, &why), 0);
	CHECK_INT(env.n_text, GRUBENV_BYTES);
	env = before;
	long_value[987] = 'x';
	long_value[988] = '\0';
	CHECK_INT(grubenv_set(&env, "v", long_value, &why), -ENOSPC);
	CHECK_STR(why.msg, "the boot environment has no room for 'v'");
	CHECK(memcmp(&env, &before, sizeof(env)) == 0);
}

TEST(a_name_that_grub_would_not_take_is_refused)
{
	static const char *const names[] = { "", "1a", "a b", "a=b", "a\n" };
	struct fail why = { 0 };
	struct grubenv env;

	grubenv_init(&env);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_INT(grubenv_set(&env, names[i], "x", &why), -EINVAL);
}

TEST(damaged_blocks_are_refused_with_the_place)
{
	char block[GRUBENV_BYTES];
	struct grubenv env;
	struct fail why = { 0 };

	block_of("order=ab\n", block);
	CHECK_INT(grubenv_parse(block, 1023, &env, &why), -EINVAL);
	CHECK_STR(why.msg, "the boot environment has 1023 bytes instead of 1024");

	block[0] = 'x';
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), -EINVAL);
	CHECK_STR(why.msg, "the boot environment does not begin with GRUB's header");

	block_of("order=ab\nno variable\n", block);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), -EINVAL);
	CHECK_STR(why.msg, "the boot environment has a damaged line at byte 34");

	memset(block, 0, sizeof(block));
	memcpy(block, "# GRUB Environment Block\n", 25);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, &why), -EINVAL);
}
