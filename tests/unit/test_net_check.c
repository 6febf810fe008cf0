/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/net_check.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

static const struct net_limits limits = { .mtu_min = 68, .mtu_max = 9000 };

static int check(struct net_text in, struct net_settings *ret, struct fail *why)
{
	return net_check("eth0", &in, &limits, ret, why);
}

static int check_static(const char *address, const char *netmask, const char *gateway,
			struct fail *why)
{
	struct net_text in = {
		.mode = "static", .address = address, .netmask = netmask, .gateway = gateway
	};
	struct net_settings s;

	return check(in, &s, why);
}

TEST(dhcp_is_what_an_empty_form_means)
{
	struct net_settings s = { .fixed = true };

	CHECK_INT(check((struct net_text){ 0 }, &s, NULL), 0);
	CHECK(!s.fixed && s.vlan == 0 && s.mtu == 0);
}

TEST(a_static_address_takes_a_dotted_mask_a_prefix_or_a_slash)
{
	static const char *const masks[] = { "255.255.255.0", "24", "/24", " 24 " };

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		struct net_text in = { .mode = "static",
				       .address = " 192.0.2.10 ",
				       .netmask = masks[i],
				       .gateway = "192.0.2.1",
				       .vlan = "100",
				       .mtu = "9000" };
		struct net_settings s;

		CHECK_INT(check(in, &s, NULL), 0);
		CHECK_INT(s.address, 0xc000020a);
		CHECK_INT(s.prefix, 24);
		CHECK_INT(s.gateway, 0xc0000201);
		CHECK_INT(s.vlan, 100);
		CHECK_INT(s.mtu, 9000);
	}
	CHECK_INT(check_static("192.0.2.10/24", "", "", NULL), 0);
	CHECK_INT(check_static("192.0.2.10/24", "24", "", NULL), 0);
	CHECK_INT(check_static("192.0.2.10/24", "25", "", NULL), -REFUSED);
}

TEST(what_is_no_address_of_one_host_is_refused_with_value_and_rule)
{
	static const struct {
		const char *address, *says;
	} cases[] = {
		{ "", "IP address: is empty" },
		{ "192.0.2.010", "without leading zeros" },
		{ "192.0.2.256", "numbers from 0 to 255" },
		{ "1.2.3", "is no IPv4 address" },
		{ "1.2.3.4.5", "is no IPv4 address" },
		{ "1.2.3.", "is no IPv4 address" },
		{ "1..2.3", "is no IPv4 address" },
		{ "-1.2.3.4", "is no IPv4 address" },
		{ "1.2.3.4x", "is no IPv4 address" },
		{ "0x0a.0.0.1", "is no IPv4 address" },
		{ "1 92.0.2.1", "is no IPv4 address" },
		{ "\"192.0.2.1\"", "is no IPv4 address" },
		{ "\xd9\xa1.2.3.4", "is no IPv4 address" },
		{ "192.0.2.1\n", "is no IPv4 address" },
		{ "2001:db8::1", "looks like IPv6" },
		{ "::ffff:192.0.2.1", "looks like IPv6" },
		{ "192.0.2.0", "is the address of the network 192.0.2.0/24 itself" },
		{ "192.0.2.255", "is the broadcast address of 192.0.2.0/24" },
		{ "255.255.255.255", "is the broadcast address" },
		{ "127.0.0.1", "is a loopback address" },
		{ "224.0.0.1", "is a multicast address" },
		{ "0.0.0.0", "means \"this network\"" },
		{ "250.1.2.3", "reserved range" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(check_static(cases[i].address, "24", "", &why), -REFUSED);
		CHECK(strncmp(why.msg, "IP address: ", 12) == 0);
		if (!strstr(why.msg, cases[i].says))
			fail_msg("\"%s\": %s", cases[i].address, why.msg);
	}
}

TEST(a_value_of_300_characters_is_refused_and_cut)
{
	char text[301];
	struct fail why = { 0 };

	memset(text, '1', 300);
	text[300] = '\0';
	CHECK_INT(check_static(text, "24", "", &why), -REFUSED);
	CHECK(strlen(why.msg) < 250);
	CHECK_INT(check_static("192.0.2.1", text, "", NULL), -REFUSED);
	CHECK_INT(check((struct net_text){ .vlan = text }, &(struct net_settings){ 0 }, NULL),
		  -REFUSED);
	CHECK_INT(check((struct net_text){ .mtu = text }, &(struct net_settings){ 0 }, NULL),
		  -REFUSED);
	CHECK_INT(check((struct net_text){ .mode = text }, &(struct net_settings){ 0 }, NULL),
		  -REFUSED);
}

TEST(a_subnet_mask_is_ones_with_zeros_behind)
{
	static const struct {
		const char *mask;
		int want;
	} cases[] = {
		{ "1", 0 },
		{ "31", 0 },
		{ "0", -REFUSED },
		{ "32", -REFUSED },
		{ "33", -REFUSED },
		{ "024", -REFUSED },
		{ "", -REFUSED },
		{ "255.255.0.255", -REFUSED },
		{ "0.0.0.0", -REFUSED },
		{ "255.255.255.254", 0 },
		{ "255.255.255.255", -REFUSED },
		{ "ffffff00", -REFUSED },
		{ "255.255.255", -REFUSED },
		{ "-24", -REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };
		int r = check_static("10.1.2.3", cases[i].mask, "", &why);

		if (r != cases[i].want)
			fail_msg("\"%s\": %d %s", cases[i].mask, r, why.msg);
		CHECK(r == 0 || strncmp(why.msg, "subnet mask: ", 13) == 0);
	}
}

TEST(the_gateway_lies_in_the_subnet_and_is_another_host)
{
	struct fail why = { 0 };

	CHECK_INT(check_static("192.0.2.10", "24", "192.0.3.1", &why), -REFUSED);
	CHECK_STR(why.msg,
		  "default gateway: \"192.0.3.1\" is not in the adapter's subnet 192.0.2.0/24");
	CHECK_INT(check_static("192.0.2.10", "24", "192.0.2.10", &why), -REFUSED);
	CHECK_INT(check_static("192.0.2.10", "24", "192.0.2.255", &why), -REFUSED);
	CHECK_INT(check_static("192.0.2.10", "24", "192.0.2.0", &why), -REFUSED);
	CHECK_INT(check_static("192.0.2.10", "24", "fe80::1", &why), -REFUSED);
	CHECK_INT(check_static("192.0.2.10", "24", "", NULL), 0);
	CHECK_INT(check_static("192.0.2.0", "31", "192.0.2.1", NULL), 0);
}

TEST(a_vlan_id_is_1_to_4094)
{
	static const struct {
		const char *vlan;
		int want;
	} cases[] = { { "1", 0 },	   { "4094", 0 },
		      { "0", -REFUSED },   { "4095", -REFUSED },
		      { "abc", -REFUSED }, { "-1", -REFUSED },
		      { "1.5", -REFUSED }, { "010", -REFUSED },
		      { "", 0 },	   { "99999999999", -REFUSED } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct net_settings s;

		CHECK_INT(check((struct net_text){ .vlan = cases[i].vlan }, &s, NULL),
			  cases[i].want);
	}
}

TEST(an_mtu_is_refused_with_both_numbers)
{
	struct net_settings s;
	struct fail why = { 0 };

	CHECK_INT(check((struct net_text){ .mtu = "1279" }, &s, &why), -REFUSED);
	CHECK_STR(why.msg,
		  "MTU: \"1279\" is no number from 1280 to 9000, the range eth0 works with");
	CHECK_INT(check((struct net_text){ .mtu = "9001" }, &s, &why), -REFUSED);
	CHECK_INT(check((struct net_text){ .mtu = "1280" }, &s, NULL), 0);
	CHECK_INT(check((struct net_text){ .mtu = "15oo" }, &s, NULL), -REFUSED);
}

TEST(an_unknown_mode_is_refused)
{
	struct net_settings s;

	CHECK_INT(check((struct net_text){ .mode = "bootp" }, &s, NULL), -REFUSED);
}

TEST(an_address_of_another_adapter_is_refused_with_its_name)
{
	struct net_taken taken[] = { { "eth1", 0xc000020a } };
	struct net_settings s = { .fixed = true, .address = 0xc000020a, .prefix = 24 };
	struct fail why = { 0 };

	CHECK_INT(net_check_taken(&s, taken, 1, &why), -REFUSED);
	CHECK_STR(why.msg, "IP address: \"192.0.2.10\" is in use on eth1 already");
	s.address++;
	CHECK_INT(net_check_taken(&s, taken, 1, NULL), 0);
}

TEST(a_refusal_leaves_the_result_alone)
{
	struct net_settings s = { .vlan = 7 };

	CHECK_INT(check((struct net_text){ .vlan = "4095" }, &s, NULL), -REFUSED);
	CHECK_INT(s.vlan, 7);
}

TEST(adapter_names_cannot_leave_their_directory)
{
	CHECK(adapter_name_is_valid("enp0s31f6"));
	CHECK(!adapter_name_is_valid(""));
	CHECK(!adapter_name_is_valid(".."));
	CHECK(!adapter_name_is_valid("a/b"));
	CHECK(!adapter_name_is_valid("eth*"));
	CHECK(!adapter_name_is_valid("sixteen-letters-"));
}
