/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "hostd/audit_line.h"
#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "test.h"

TEST(base64_goes_there_and_back)
{
	static const char *const texts[] = { "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "Zg==",	 "Zm8=",     "Zm9v",
					     "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		autofree char *to =
			base64_encode((const unsigned char *)texts[i], strlen(texts[i]));
		size_t n;
		autofree unsigned char *from = base64_decode(coded[i], strlen(coded[i]), &n);

		CHECK_STR(to, coded[i]);
		CHECK_INT(n, strlen(texts[i]));
		CHECK_STR((char *)from, texts[i]);
	}
}

TEST(what_is_no_base64_is_refused)
{
	static const char *const bad[] = {
		"", "Z", "Zg", "Zg=", "Zg===", "Z!==", "Zg==Zg==", "===="
	};
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(base64_decode(bad[i], strlen(bad[i]), &n) == NULL);
}

TEST(a_json_string_escapes_quotes_and_control_characters)
{
	char buf[64];

	CHECK_STR(json_quote("a\"b\\c\n\x1b\x7f", buf, sizeof(buf)),
		  "\"a\\\"b\\\\c\\u000a\\u001b\\u007f\"");
	CHECK_STR(json_quote("", buf, sizeof(buf)), "\"\"");
	/* A serial number in another code, and a text that was cut inside a character. */
	CHECK_STR(json_quote("M\xfcller \xe2\x82: \xe2\x82\xac", buf, sizeof(buf)),
		  "\"M?ller ??: \xe2\x82\xac\"");
}

TEST(a_json_string_is_never_cut_inside_a_character)
{
	char buf[16];

	CHECK_STR(json_quote("12345678901234567890", buf, sizeof(buf)), "\"12345678\"");
	CHECK_STR(json_quote("1234567\xe2\x82\xac\xe2\x82\xac", buf, sizeof(buf)), "\"1234567\"");
	CHECK_STR(json_quote("123456\xe2\x82\xac", buf, sizeof(buf)), "\"123456\"");
	CHECK_STR(json_quote("12345\xe2\x82\xac\xe2\x82\xac", buf, sizeof(buf)),
		  "\"12345\xe2\x82\xac\"");
}

TEST(fingerprints_are_shown_as_browsers_do)
{
	char buf[16];

	CHECK_STR(hex_encode_colons((const unsigned char *)"\x01\xab\xff", 3, buf), "01:AB:FF");
}

TEST(an_audit_line_is_one_line_of_json)
{
	struct audit_event event = { .time = 0,
				     .actor = "alice",
				     .from = "192.0.2.7",
				     .action = "set-hostname",
				     .object = "edge\n1",
				     .result = "ok",
				     .reason = "" };
	char line[AUDIT_LINE_BYTES];

	CHECK_STR(audit_line(&event, line),
		  "{\"time\":\"1970-01-01T00:00:00Z\",\"actor\":\"alice\",\"from\":\"192.0.2.7\","
		  "\"action\":\"set-hostname\",\"object\":\"edge\\u000a1\",\"result\":\"ok\","
		  "\"reason\":\"\"}\n");
}
