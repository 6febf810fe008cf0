/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/account_check.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

static const struct password_policy usual = PASSWORD_POLICY_DEFAULT;

TEST(a_user_name_is_lower_case_letters_digits_underscore_and_dash)
{
	static const struct {
		const char *user;
		int want;
	} cases[] = {
		{ "alice", 0 },
		{ "_x", 0 },
		{ "a-1_b", 0 },
		{ "abcdefghijklmnopqrstuvwxyz012345", 0 },
		{ "abcdefghijklmnopqrstuvwxyz0123456", -REFUSED },
		{ "", -REFUSED },
		{ "Alice", -REFUSED },
		{ "1alice", -REFUSED },
		{ "-alice", -REFUSED },
		{ "al ice", -REFUSED },
		{ "alice ", -REFUSED },
		{ "al\"ice", -REFUSED },
		{ "al'ice", -REFUSED },
		{ "al\nice", -REFUSED },
		{ "al\x1bice", -REFUSED },
		{ "al:ice", -REFUSED },
		{ "../alice", -REFUSED },
		{ "j\xc3\xbcrgen", -REFUSED },
		{ "alice$", -REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(account_check_user(cases[i].user, &why), cases[i].want);
		CHECK(cases[i].want == 0 || strncmp(why.msg, "user name: ", 11) == 0);
	}
}

TEST(names_of_the_system_and_of_the_documented_product_are_refused)
{
	static const char *const names[] = {
		"root", "kairos",	   "daemon",	    "nobody",	      "sshd",
		"sudo", "systemd-network", "palette-admin", "palette-localui"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_INT(account_check_user(names[i], NULL), -REFUSED);
}

TEST(a_refusal_says_field_value_and_rule)
{
	struct fail why = { 0 };

	account_check_user("Alice", &why);
	CHECK_STR(why.msg, "user name: \"Alice\" must start with one of a-z and _");
	account_check_user("root", &why);
	CHECK_STR(why.msg, "user name: \"root\" is a name of the system; take another one");
}

TEST(a_user_name_of_300_characters_is_cut_in_the_refusal)
{
	char name[301];
	struct fail why = { 0 };

	memset(name, 'a', 300);
	name[300] = '\0';
	CHECK_INT(account_check_user(name, &why), -REFUSED);
	CHECK(strstr(why.msg, "has 300 characters, at most 32 are allowed") != NULL);
	CHECK(strlen(why.msg) < 200);
}

TEST(control_characters_in_a_refused_value_are_shown_as_question_marks)
{
	struct fail why = { 0 };

	account_check_user("a\x1b[2J\xc2\x9b\xff", &why);
	CHECK(strstr(why.msg, "\"a?[2J??\"") != NULL);
}

TEST(a_password_may_have_spaces_quotes_and_utf8)
{
	static const char *const good[] = { "open the door", "it's \"good\"",
					    "gr\xc3\xbc\xc3\x9f"
					    "e an alle",
					    "\\backslash\\", "12345679$x;`" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK_INT(account_check_password("alice", good[i], &usual, NULL), 0);
}

TEST(the_length_of_a_password_is_counted_in_characters)
{
	struct fail why = { 0 };

	CHECK_INT(account_check_password("alice",
					 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
					 &usual, &why),
		  -REFUSED);
	CHECK_STR(why.msg, "password: has 7 characters, at least 8 are needed");
}

TEST(a_password_is_refused_without_being_shown)
{
	static const char *const bad[] = { "",
					   "short",
					   "my-Alice-99",
					   "99ecila99",
					   "line\nfeed-x",
					   "esc\x1b[A-xxx",
					   "del\x7f-xxxxx" };
	char longest[301];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail why = { 0 };

		CHECK_INT(account_check_password("alice", bad[i], &usual, &why), -REFUSED);
		CHECK(strncmp(why.msg, "password: ", 10) == 0);
		CHECK(!*bad[i] || strstr(why.msg, bad[i]) == NULL);
	}
	memset(longest, 'x', 300);
	longest[300] = '\0';
	CHECK_INT(account_check_password("alice", longest, &usual, NULL), -REFUSED);
}

TEST(a_short_user_name_is_refused_only_as_the_whole_password)
{
	struct password_policy loose = { .min_length = 2, .refuse_user_name = true };

	CHECK_INT(account_check_password("al", "walnut", &loose, NULL), 0);
	CHECK_INT(account_check_password("al", "LA", &loose, NULL), -REFUSED);
}

TEST(classes_and_repeats_are_refused_where_the_policy_has_them)
{
	struct password_policy strict = { .min_length = 4, .min_classes = 3, .max_repeat = 2 };

	CHECK_INT(account_check_password("alice", "abcd1234", &strict, NULL), -REFUSED);
	CHECK_INT(account_check_password("alice", "abcD1234", &strict, NULL), 0);
	CHECK_INT(account_check_password("alice", "aaacD123", &strict, NULL), -REFUSED);
}

TEST(only_strong_hashes_are_taken_from_a_settings_file)
{
	CHECK_INT(account_check_hash("$y$j9T$abcdefgh$0123456789abcdef", NULL), 0);
	CHECK_INT(account_check_hash("$6$saltsalt$0123456789abcdef0123456789", NULL), 0);
	CHECK_INT(account_check_hash("$1$saltsalt$0123456789abcdef", NULL), -REFUSED);
	CHECK_INT(account_check_hash("plain text password", NULL), -REFUSED);
	CHECK_INT(account_check_hash("$y$j9T$abcdefgh$01234:6789abcdef", NULL), -REFUSED);
	CHECK_INT(account_check_hash("!$y$j9T$abcdefgh$0123456789abcdef", NULL), -REFUSED);
}

TEST(an_ssh_key_needs_a_known_type_and_a_blob_of_that_type)
{
	CHECK_INT(
		account_check_ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ5b2RlcmFuZG9tYnl0ZXM"
				      "wMTIzNDU2Nzg5MDEy alice@desk",
				      NULL),
		0);
	CHECK_INT(account_check_ssh_key("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGJ5b2RlcmFuZG9tYnl0ZXM"
					"wMTIzNDU2Nzg5MDEy",
					NULL),
		  -REFUSED);
	CHECK_INT(account_check_ssh_key("command=\"sh\" ssh-ed25519 AAAAC3Nz", NULL), -REFUSED);
	CHECK_INT(account_check_ssh_key("ssh-ed25519 AAAA\nssh-rsa AAAA", NULL), -REFUSED);
	CHECK_INT(account_check_ssh_key("hello", NULL), -REFUSED);
}
