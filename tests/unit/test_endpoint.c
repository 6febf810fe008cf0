/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/endpoint.h"
#include "hostd/refuse.h"
#include "test.h"

static struct endpoint got;
static struct fail why;

TEST(names_and_addresses_are_taken)
{
	static const struct {
		const char *text;
		bool is_address;
	} cases[] = { { "edge-1", false },	{ "edge-1.example.org.", false },
		      { "192.0.2.1", true },	{ "2001:db8::1", true },
		      { "fe80::1%eth0", true }, { "::1", true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(endpoint_check(cases[i].text, false, &got, &why), 0);
		CHECK_STR(got.host, cases[i].text);
		CHECK_INT(got.is_address, cases[i].is_address);
		CHECK_INT(got.port, 0);
	}
}

TEST(what_a_shell_or_an_option_parser_could_read_is_refused)
{
	static const char *const texts[] = {
		"",	 "-c1",	  "--help",    "a b",	      "a;id",
		"$(id)", "`id`",  "a|b",       "a&b",	      "a>b",
		"a\nb",	 "a\tb",  "'a'",       "a\"b",	      "a/b",
		"../a",	 "%s",	  "a%eth0",    "k\xc3\xb6ln", "a..b",
		"a-.b",	 "1.2.3", "256.1.1.1", "01.2.3.4",    "1.2.3.4.5",
		"::g",	 "::1%",  "1:2",       "fe80::1%a/b", "user@host",
		"::1::",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK_INT(endpoint_check(texts[i], false, &got, &why), -REFUSED);
		CHECK(strncmp(why.msg, "endpoint: ", 10) == 0);
		CHECK_INT(endpoint_check(texts[i], true, &got, &why), -REFUSED);
	}
}

TEST(a_port_or_a_url_where_none_belongs_is_named)
{
	CHECK_INT(endpoint_check("edge-1:443", false, &got, &why), -REFUSED);
	CHECK_STR(why.msg, "endpoint: \"edge-1:443\" has a port or brackets: type the host alone");
	CHECK_INT(endpoint_check("https://edge-1", false, &got, &why), -REFUSED);
	CHECK_STR(why.msg, "endpoint: \"https://edge-1\" is a URL: type its host alone");
	CHECK_INT(endpoint_check("[::1]", false, &got, &why), -REFUSED);
}

TEST(host_and_port_are_split)
{
	CHECK_INT(endpoint_check("edge-1.example.org:6443", true, &got, &why), 0);
	CHECK_STR(got.host, "edge-1.example.org");
	CHECK_INT(got.port, 6443);
	CHECK_INT(endpoint_check("[2001:db8::1]:443", true, &got, &why), 0);
	CHECK_STR(got.host, "2001:db8::1");
	CHECK_INT(got.port, 443);
}

TEST(a_wrong_or_missing_port_is_refused)
{
	static const char *const texts[] = { "a",     "a:",	    "a:0",	"a:65536",
					     "a:x",   "a:-1",	    ":443",	"::1",
					     "[::1]", "[::1]443",   "[::1:443", "[]:443",
					     "a:1:2", "https://a:1" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_INT(endpoint_check(texts[i], true, &got, &why), -REFUSED);
}

TEST(a_name_that_is_too_long_is_refused_and_not_cut)
{
	char text[400];

	memset(text, 'a', sizeof(text));
	text[399] = '\0';
	CHECK_INT(endpoint_check(text, false, &got, &why), -REFUSED);
	memcpy(text + 390, ":443", 5);
	CHECK_INT(endpoint_check(text, true, &got, &why), -REFUSED);
}
