/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "tui/adapter_text.h"
#include "tui/info_text.h"

static struct host_adapter an_adapter(void)
{
	return (struct host_adapter){ .name = "enp1s0f0np0",
				      .mac = "52:54:00:12:34:56",
				      .driver = "mlx5_core",
				      .link = "up",
				      .mode = "static",
				      .speed_mbit = 100000,
				      .mtu = 1500,
				      .addresses = { "255.255.255.255/32", "2001:db8::1/64" },
				      .n_addresses = 2 };
}

static struct device a_device(size_t n_adapters)
{
	static struct device device;

	device = (struct device){ .facts = { .has_account = true },
				  .info = { .hostname = "edge", .localui_port = 5080 } };
	for (size_t i = 0; i < n_adapters; i++)
		device.adapters.items[device.adapters.n++] = an_adapter();
	return device;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

TEST(link_and_speed_in_words)
{
	static const struct {
		const char *link;
		uint32_t speed_mbit;
		const char *want;
	} cases[] = {
		{ "up", 0, "up" },
		{ "up", 10, "10 Mbit/s" },
		{ "up", 1000, "1 Gbit/s" },
		{ "up", 2500, "2.5 Gbit/s" },
		{ "up", 400000, "400 Gbit/s" },
		{ "down", 1000, "no link" },
		{ "off", 0, "off" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_adapter adapter = { .speed_mbit = cases[i].speed_mbit };
		char buf[32];

		strcpy(adapter.link, cases[i].link);
		CHECK_STR(adapter_link(&adapter, buf, sizeof(buf)), cases[i].want);
	}
}

TEST(the_widest_row_fits_the_list)
{
	struct host_adapter adapter = an_adapter();
	char buf[200];

	strcpy(adapter.name, "enp193s0f1np1v1");
	CHECK(strlen(adapter_row(&adapter, buf, sizeof(buf))) <= 74);
	CHECK(strstr(buf, "255.255.255.255/32") != NULL);
}

TEST(an_address_that_is_set_is_told_from_one_in_force)
{
	static const struct {
		const char *mode, *link, *address, *netmask, *in_force;
		const char *row, *detail, *above;
	} cases[] = {
		{ "static", "down", "192.0.2.20", "255.255.255.0", "", "(192.0.2.20/24)",
		  "The address is set, and in force with a link. ",
		  "no address (192.0.2.20/24 is set, but there is no link), " },
		{ "static", "up", "192.0.2.20", "24", "", "(192.0.2.20/24)",
		  "The address is set, but not in force yet. ",
		  "no address (192.0.2.20/24 is set), " },
		{ "static", "down", "255.255.255.255/32", "", "", "(255.255.255.255/32)",
		  "The address is set", "(255.255.255.255/32 is set" },
		{ "static", "up", "192.0.2.20", "24", "192.0.2.20/24", "static  192.0.2.20/24",
		  "MTU 1500", "In force: 192.0.2.20/24, MTU" },
		{ "dhcp", "up", "", "", "", "DHCP    no answer yet", "DHCP: no answer yet. ",
		  "no address (DHCP: no answer yet), " },
		{ "dhcp", "up", "", "", "2001:db8:1:2:5054:ff:fe12:3456/64",
		  "DHCP    2001:db8:1:2:5054...",
		  "DHCP: no answer yet. MTU 1500; 2001:db8:1:2:5054:ff:fe12:3456/64",
		  " (DHCP: no answer yet)" },
		{ "dhcp", "down", "", "", "", "DHCP    no address", "MTU 1500",
		  "In force: no address, MTU" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_adapter adapter = { .name = "eno1", .mtu = 1500 };
		char buf[400];

		strcpy(adapter.mode, cases[i].mode);
		strcpy(adapter.link, cases[i].link);
		strcpy(adapter.settings.address, cases[i].address);
		strcpy(adapter.settings.netmask, cases[i].netmask);
		strcpy(adapter.addresses[0], cases[i].in_force);
		adapter.n_addresses = cases[i].in_force[0] != '\0';
		CHECK(strstr(adapter_row(&adapter, buf, sizeof(buf)), cases[i].row) != NULL);
		CHECK(strlen(buf) <= 74);
		CHECK(strstr(adapter_detail(&adapter, buf, sizeof(buf)), cases[i].detail) == buf);
		CHECK(strstr(adapter_in_force(&adapter, buf, sizeof(buf)), cases[i].above) != NULL);
	}
}

TEST(a_host_without_any_default_gateway_is_told)
{
	static const struct {
		const char *mode, *gateway, *others, *others_set;
		bool want;
	} cases[] = {
		{ "static", "", "", "", true },
		{ "static", "192.0.2.1", "", "", false },
		{ "static", "", "198.51.100.1", "", false },
		/* Set, and in force with a link. */
		{ "static", "", "", "198.51.100.1", false },
		{ "dhcp", "", "", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_adapters adapters = { .n = 2 };
		struct host_settings s = { "", "192.0.2.5/24", "", "", "", "" };

		strcpy(adapters.items[0].name, "eno1");
		/* What it has now goes with the change. */
		strcpy(adapters.items[0].gateway, "192.0.2.1");
		strcpy(adapters.items[1].name, "eno2");
		strcpy(adapters.items[1].gateway, cases[i].others);
		strcpy(adapters.items[1].settings.gateway, cases[i].others_set);
		strcpy(s.mode, cases[i].mode);
		strcpy(s.gateway, cases[i].gateway);
		CHECK_INT(adapters_without_gateway(&adapters, "eno1", &s), cases[i].want);
	}
}

TEST(settings_in_words)
{
	struct host_settings s = { "static",	"192.0.2.5", "255.255.255.128",
				   "192.0.2.1", "42",	     "9000" };
	struct host_settings other = { "dhcp", "", "", "", "", "" };
	char buf[400];

	CHECK_STR(adapter_settings(&s, buf, sizeof(buf)),
		  "static 192.0.2.5/25, gateway 192.0.2.1, VLAN 42, MTU 9000");
	CHECK_STR(adapter_settings(&other, buf, sizeof(buf)), "DHCP");
	CHECK(adapter_settings_equal(&s, &s));
	CHECK(!adapter_settings_equal(&s, &other));
	other = s;
	strcpy(other.mtu, "1500");
	CHECK(!adapter_settings_equal(&s, &other));
}

TEST(the_address_to_type_is_ipv4_and_of_the_default_route)
{
	struct host_adapters adapters = { .n = 0 };

	CHECK(adapters_main_address(&adapters) == NULL);
	adapters.items[0] = (struct host_adapter){ .addresses = { "2001:db8::1/64" },
						   .n_addresses = 1,
						   .is_default = true };
	adapters.n = 1;
	CHECK_STR(adapters_main_address(&adapters), "2001:db8::1/64");
	adapters.items[1] =
		(struct host_adapter){ .addresses = { "192.0.2.1/24" }, .n_addresses = 1 };
	adapters.n = 2;
	CHECK_STR(adapters_main_address(&adapters), "192.0.2.1/24");
	adapters.items[2] = (struct host_adapter){ .addresses = { "192.0.2.2/24" },
						   .n_addresses = 1,
						   .is_default = true };
	adapters.n = 3;
	CHECK_STR(adapters_main_address(&adapters), "192.0.2.2/24");
}

TEST(an_address_is_compared_as_a_whole)
{
	struct host_adapter adapter = { .addresses = { "192.0.2.10/24" }, .n_addresses = 1 };

	CHECK(adapter_has_address(&adapter, "192.0.2.10"));
	CHECK(!adapter_has_address(&adapter, "192.0.2.1"));
	CHECK(!adapter_has_address(&adapter, "192.0.2.100"));
	CHECK(!adapter_has_address(&adapter, ""));
}

TEST(a_link_local_address_is_found_without_its_interface)
{
	struct host_adapter adapter = { .link_local = { .items = { "fe80::1/64" }, .n = 1 } };

	CHECK(adapter_has_address(&adapter, "fe80::1%eth0"));
	CHECK(!adapter_has_address(&adapter, "fe80::12%eth0"));
	CHECK(!adapter_has_address(&adapter, "%eth0"));
}

TEST(an_ipv6_address_stands_in_brackets)
{
	char buf[128];

	CHECK_STR(info_url("2001:db8::1/64", 5080, buf, sizeof(buf)), "https://[2001:db8::1]:5080");
	CHECK_STR(info_url("192.0.2.1/24", 443, buf, sizeof(buf)), "https://192.0.2.1:443");
}

TEST(eight_adapters_fit_the_page_and_more_are_not_dropped)
{
	struct device device = a_device(8);
	static char buf[INFO_TEXT_BYTES];

	memset(device.info.localui_fingerprint, 'A', 95);
	strcpy(device.info.ssh_fingerprints.items[0], "ssh-ed25519 SHA256:x");
	device.info.ssh_fingerprints.n = 1;
	CHECK_INT(count_lines(info_text(&device, 76, 17, buf, sizeof(buf))), 16);
	device = a_device(20);
	CHECK_INT(count_lines(info_text(&device, 76, 17, buf, sizeof(buf))), 27);
}

TEST(further_addresses_take_the_lines_that_are_left)
{
	struct device device = a_device(8);
	static char buf[INFO_TEXT_BYTES];

	for (size_t i = 0; i < 8; i++)
		strcpy(device.adapters.items[i].addresses[1], "2001:db8:1:2:5054:ff:fe12:3456/64");
	CHECK_INT(count_lines(info_text(&device, 76, 17, buf, sizeof(buf))), 17);
	CHECK(strstr(buf,
		     "\n                                   2001:db8:1:2:5054:ff:fe12:3456/64\n"));
	device.adapters.n = 2;
	info_text(&device, 76, 17, buf, sizeof(buf));
	CHECK(strstr(buf, "...") == NULL);
	CHECK(strstr(buf, "2001:db8:1:2:5054:ff:fe12:3456/64\n\n") == NULL);
	/* On paper there is room beside it. */
	info_text(&device, 240, 0, buf, sizeof(buf));
	CHECK(strstr(buf, "255.255.255.255/32  2001:db8:1:2:5054:ff:fe12:3456/64\n") != NULL);
}

TEST(what_hostd_could_not_take_of_the_settings_file)
{
	struct device device = a_device(1);
	static char buf[INFO_TEXT_BYTES];

	strcpy(device.facts.settings_error, "settings.conf, line 14: no such key");
	info_text(&device, 76, 17, buf, sizeof(buf));
	CHECK(strstr(buf, "settings.conf, line 14: no such key\n\nProvision") == buf);
	memset(device.facts.settings_error, 'x', 100);
	info_text(&device, 76, 17, buf, sizeof(buf));
	CHECK(strstr(buf, "xxx...\n  All of it: journalctl -u palette-hostd\n") != NULL);
	device = a_device(8);
	memset(device.facts.settings_error, 'x', 100);
	CHECK_INT(count_lines(info_text(&device, 76, 17, buf, sizeof(buf))), 16);
	CHECK(strstr(buf, "xxx... journalctl -u palette-hostd\n") != NULL);
}

TEST(a_copied_machine_is_told_from_its_original)
{
	struct device device = a_device(1);
	static char buf[INFO_TEXT_BYTES];

	strcpy(device.info.copied_from, "4c4c4544-0050-3510-8052-b7c04f4d3332");
	info_text(&device, 76, 17, buf, sizeof(buf));
	CHECK(strstr(buf, "A copy of 4c4c4544-0050-3510-8052-b7c04f4d3332: machine id and keys are "
			  "new.\n\nProvision") == buf);
}

TEST(no_line_is_wider_than_the_page)
{
	struct device device = a_device(1);
	static char buf[INFO_TEXT_BYTES];

	memset(device.info.hostname, 'h', 200);
	info_text(&device, 76, 17, buf, sizeof(buf));
	for (const char *line = buf; *line; line += strcspn(line, "\n") + 1)
		CHECK(strcspn(line, "\n") <= 76);
}

TEST(what_is_in_json_is_escaped)
{
	struct device device = a_device(0);
	static char buf[INFO_TEXT_BYTES];

	strcpy(device.info.model, "a \"b\" \\ \x01");
	CHECK(strstr(info_json(&device, buf, sizeof(buf)),
		     "\"model\": \"a \\\"b\\\" \\\\ \\u0001\"") != NULL);
}
