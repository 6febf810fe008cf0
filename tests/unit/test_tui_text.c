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

	device = (struct device){ .info = { .hostname = "edge", .localui_port = 5080 } };
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
	CHECK_INT(count_lines(info_text(&device, true, 76, 17, buf, sizeof(buf))), 16);
	device = a_device(20);
	CHECK_INT(count_lines(info_text(&device, true, 76, 17, buf, sizeof(buf))), 27);
}

TEST(no_line_is_wider_than_the_page)
{
	struct device device = a_device(1);
	static char buf[INFO_TEXT_BYTES];

	memset(device.info.hostname, 'h', 200);
	info_text(&device, true, 76, 17, buf, sizeof(buf));
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
