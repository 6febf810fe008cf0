/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/hostname_check.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

#define L63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz1"

TEST(a_host_name_follows_rfc_1123)
{
	static const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "edge1", 0 },
		{ "a", 0 },
		{ "3com", 0 },
		{ "edge-1.example.org", 0 },
		{ L63, 0 },
		{ L63 "a", -REFUSED },
		{ L63 ".", -REFUSED },
		{ L63 ".ab", -REFUSED },
		{ "", -REFUSED },
		{ "-edge", -REFUSED },
		{ "edge-", -REFUSED },
		{ "edge-.org", -REFUSED },
		{ "edge..org", -REFUSED },
		{ ".edge", -REFUSED },
		{ "edge.", -REFUSED },
		{ "ed_ge", -REFUSED },
		{ "ed ge", -REFUSED },
		{ "ed\"ge", -REFUSED },
		{ "ed\nge", -REFUSED },
		{ "k\xc3\xb6ln", -REFUSED },
		{ "192.0.2.1", -REFUSED },
		{ "edge.1", -REFUSED },
		{ "42", -REFUSED },
		{ "localhost", -REFUSED },
		{ "edge;reboot", -REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };
		int r = hostname_check(cases[i].name, &why);

		if (r != cases[i].want)
			fail_msg("\"%s\": %d %s", cases[i].name, r, why.msg);
		CHECK(r == 0 || strncmp(why.msg, "host name: ", 11) == 0);
	}
}

TEST(upper_case_is_refused_with_the_lower_case_name)
{
	struct fail why = { 0 };

	CHECK_INT(hostname_check("Edge1.Example.ORG", &why), -REFUSED);
	CHECK_STR(why.msg, "host name: \"Edge1.Example.ORG\" has upper-case letters; write "
			   "\"edge1.example.org\"");
}

TEST(a_host_name_of_300_characters_is_refused_by_its_length)
{
	char name[301];
	struct fail why = { 0 };

	memset(name, 'a', 300);
	name[300] = '\0';
	CHECK_INT(hostname_check(name, &why), -REFUSED);
	CHECK(strstr(why.msg, "has 300 characters, at most 64 are allowed") != NULL);
}

TEST(the_default_is_the_product_uuid_or_the_mac_where_that_is_none)
{
	char name[HOSTNAME_MAX + 1];
	const char *mac = "52:54:00:AB:cd:EF";

	CHECK_STR(hostname_default("4C4C4544-0042-3510-8052-B4C04F564433", mac, name),
		  "edge-4c4c4544-0042-3510-8052-b4c04f564433");
	CHECK_INT(hostname_check(name, NULL), 0);
	CHECK_STR(hostname_default("00000000-0000-0000-0000-000000000000", mac, name),
		  "edge-525400abcdef");
	CHECK_STR(hostname_default("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", mac, name),
		  "edge-525400abcdef");
	CHECK_STR(hostname_default("03000200-0400-0500-0006-000700080009", mac, name),
		  "edge-525400abcdef");
	CHECK_STR(hostname_default("Not Settable", mac, name), "edge-525400abcdef");
	CHECK_STR(hostname_default("", mac, name), "edge-525400abcdef");
	CHECK_STR(hostname_default("", "", name), "edge");
}

TEST(names_an_image_leaves_behind_count_as_unset)
{
	CHECK(hostname_is_unset(""));
	CHECK(hostname_is_unset("localhost"));
	CHECK(!hostname_is_unset("edge-1"));
}
