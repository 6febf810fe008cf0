/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "hostd/preset.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

static struct preset preset;

static int read_text(const char *text, struct fail *why)
{
	char copy[2048];

	snprintf(copy, sizeof(copy), "%s", text);
	preset_done(&preset);
	return preset_read(copy, &preset, why);
}

TEST(an_empty_file_presets_nothing)
{
	CHECK_INT(read_text("# only a comment\n\n", NULL), 0);
	CHECK_STR(preset.hostname, "");
	CHECK_INT(preset.n_adapters, 0);
	CHECK(!preset.has_dns && !preset.has_ntp && !preset.has_proxy);
}

TEST(the_lines_of_an_adapter_are_one_setting_whatever_their_order)
{
	CHECK_INT(
		read_text("adapter.ens192.gateway = 192.0.2.1\nadapter.eth1.vlan = 7\n"
			  "adapter.ens192.mode = static\nadapter.ens192.address = 192.0.2.10/24\n",
			  NULL),
		0);
	CHECK_INT(preset.n_adapters, 2);
	CHECK_STR(preset.adapters[0].adapter, "ens192");
	CHECK_INT(preset.adapters[0].settings.prefix, 24);
	CHECK_INT(preset.adapters[0].settings.gateway, 0xc0000201);
	CHECK_INT(preset.adapters[1].settings.vlan, 7);
}

TEST(a_mistake_is_named_with_line_field_and_rule)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "hostnam = x\n", "line 1: nothing is called \"hostnam\"" },
		{ "\nhello\n", "line 2: has no \"=\"" },
		{ "adapter.eth0 = x\n", "line 1: nothing is called \"adapter.eth0\"" },
		{ "adapter.a/b.mode = dhcp\n", "line 1: nothing is called" },
		{ "hostname = a b\n", "line 1: host name: \"a b\" may have" },
		{ "localui-port = 0\n", "line 1: localui-port: \"0\" is no port" },
		{ "sync-port = 65536\n", "line 1: sync-port: \"65536\" is no port" },
		{ "adapter.eth0.mode = static\n", "adapter eth0: IP address: is empty" },
		{ "account.user = alice\n", "user name: account.user and account.password-hash" },
		{ "account.user = root\n", "line 1: user name: \"root\" is a name of the" },
		{ "dns.primary = 1.2.3\n", "primary name server: \"1.2.3\" is no IPv4 address" },
		{ "proxy.http = proxy\n", "HTTP Endpoint: \"proxy\" must start with" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(read_text(cases[i].text, &why), -REFUSED);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s: %s", cases[i].text, why.msg);
	}
}

TEST(a_password_is_taken_as_a_hash_only_and_not_shown)
{
	struct fail why = { 0 };

	CHECK_INT(read_text("account.password-hash = open sesame\n", &why), -REFUSED);
	CHECK(strstr(why.msg, "sesame") == NULL);
}

TEST(time_servers_may_have_blanks_or_commas_between)
{
	CHECK_INT(read_text("ntp.servers = 192.0.2.5, time.example.org\n", NULL), 0);
	CHECK_INT(preset.ntp.n, 2);
	CHECK_STR(preset.ntp.servers[1], "time.example.org");
}
