/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "hostd/redact.h"
#include "test.h"

static const char *redacted(const char *text)
{
	static char buf[600];
	struct redactor redactor = { 0 };

	snprintf(buf, sizeof(buf), "%s", text);
	redact(&redactor, buf);
	return buf;
}

TEST(secrets_are_masked_and_their_place_stays_readable)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "http = http://bob:pa%40ss@proxy:3128", "http = http://***@proxy:3128" },
		{ "https://a@b:c@host/x https://u:p@h2", "https://***@host/x https://***@h2" },
		{ "root:$6$saltsalt$kxYxLaPrBwhWt.:1:0", "root:***:1:0" },
		{ "x $y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317", "x ***" },
		{ "account.password-hash = $2b$12$abcdefghijklmnop",
		  "account.password-hash = ***" },
		{ "password=hunter2 user=bob", "password=*** user=bob" },
		{ "\"password\": \"hunter2\", \"a\": 1", "\"password\": \"***\", \"a\": 1" },
		{ "PASSWD : hunter2", "PASSWD : ***" },
		{ "Authorization: Bearer abc def\nnext", "Authorization: ***\nnext" },
		{ "Cookie: a=b; c=d", "Cookie: ***" },
		{ "token=0123456789abcdef", "token=***" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(redacted(cases[i].text), cases[i].want);
}

TEST(other_text_stays_as_it_is)
{
	static const char *const texts[] = {
		"",
		"Failed password for root from 192.0.2.1 port 22",
		"GET https://edge-1:5080/a@b",
		"user@host sent $5 and $HOME/x",
		"-----BEGIN CERTIFICATE-----",
		"SHA256:abcdef 0123456789abcdef0123456789abcdef",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_STR(redacted(texts[i]), texts[i]);
}

TEST(a_private_key_is_masked_on_one_line_and_over_many)
{
	static const char *const lines[] = { "a -----BEGIN EC PRIVATE KEY-----\n", "MHcCAQEE\n",
					     "AwEHoUQD\n", "-----END EC PRIVATE KEY-----\n",
					     "b\n" };
	static const char *const want[] = { "a -----BEGIN EC PRIVATE KEY-----\n", "***\n", "***\n",
					    "-----END EC PRIVATE KEY-----\n", "b\n" };
	struct redactor redactor = { 0 };
	char buf[100];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(buf, sizeof(buf), "%s", lines[i]);
		redact(&redactor, buf);
		CHECK_STR(buf, want[i]);
	}
	CHECK_STR(
		redacted("x -----BEGIN PRIVATE KEY-----\nMHcC\nAQEE\n-----END PRIVATE KEY-----\ny"),
		"x -----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\ny");
}

TEST(a_key_that_never_ends_hides_all_behind_it)
{
	CHECK_STR(redacted("-----BEGIN PRIVATE KEY-----\nMHcC\nAQEE"),
		  "-----BEGIN PRIVATE KEY-----***");
}
