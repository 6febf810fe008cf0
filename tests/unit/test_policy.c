/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/policy.h"
#include "test.h"

TEST(what_a_policy_file_does_not_say_is_the_default)
{
	char text[] = "# comment\npassword-min-length = 15\nlogin-block-minutes=1\n";
	struct policy policy;

	CHECK_INT(policy_read(text, &policy, NULL), 0);
	CHECK_INT(policy.password.min_length, 15);
	CHECK(policy.password.refuse_dictionary);
	CHECK_INT(policy.login.block_seconds, 60);
	CHECK_INT(policy.login.block_after, 5);
	CHECK_INT(policy.session_seconds, 7200);
}

TEST(a_mistake_in_a_policy_file_is_named_by_its_line)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "password-min-lenght = 9\n",
		  "line 1: nothing is called \"password-min-lenght\"" },
		{ "\npassword-min-length = 999\n",
		  "line 2: password-min-length is a number from 1 to 128" },
		{ "password-refuse-dictionary = maybe\n",
		  "line 1: password-refuse-dictionary is yes or no" },
		{ "hello\n", "line 1: nothing is called \"hello\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy policy = { .session_seconds = 42 };
		struct fail why = { 0 };
		char text[128];

		strcpy(text, cases[i].text);
		CHECK(policy_read(text, &policy, &why) < 0);
		CHECK_STR(why.msg, cases[i].says);
		CHECK_INT(policy.session_seconds, 42);
	}
}

TEST(the_rules_are_said_as_sentences)
{
	policy_rule rules[POLICY_RULES_MAX];
	struct policy policy;

	policy_default(&policy);
	CHECK_INT(policy_rules(&policy.password, rules), 3);
	CHECK_STR(rules[0], "at least 8 characters");
	CHECK_STR(rules[1], "not the user name");
}
