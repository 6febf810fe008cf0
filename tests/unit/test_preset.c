/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "hostd/preset.h"
#include "hostd/refuse.h"
#include "lib/cleanup.h"
#include "test.h"

#define SSH_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDJvPNhRyhBqjD5y1mVTtA4Yk1oxMTIrRgCHTh8r1Pd a"

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
		{ "hostname = a b\n", "line 1: hostname: host name: \"a b\" may have" },
		{ "localui-port = 0\n", "line 1: localui-port: port: \"0\" is no number" },
		{ "sync-port = 65536\n", "line 1: sync-port: port: \"65536\" is no number" },
		{ "account.user = root\n",
		  "line 1: account.user: user name: \"root\" is a name of the" },
		{ "\ndns.primary = 1.2.3\n",
		  "line 2: dns.primary: primary name server: \"1.2.3\"" },
		{ "proxy.http = proxy\n", "line 1: proxy.http: HTTP Endpoint: \"proxy\" must" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(read_text(cases[i].text, &why), -REFUSED);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s: %s", cases[i].text, why.msg);
	}
}

TEST(what_lines_say_against_each_other_is_a_mistake)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "adapter.e0.mode = static\nadapter.e0.address = 192.0.2.10/24\n"
		  "adapter.e0.gateway = 198.51.100.1\n",
		  "adapter e0: default gateway: \"198.51.100.1\" is not in the adapter's subnet" },
		/* Also where the mode is still to come, and where other lines are missing. */
		{ "account.user = alice\nadapter.e0.address = 192.0.2.10/24\n"
		  "adapter.e0.gateway = 198.51.100.1\n",
		  "adapter e0: default gateway: \"198.51.100.1\" is not in the adapter's subnet" },
		{ "adapter.e0.mode = static\nadapter.e0.address = 192.0.2.10/24\n"
		  "adapter.e0.netmask = 16\n",
		  "adapter e0: subnet mask: \"16\" is not the /24" },
		{ "adapter.e0.mode = dhcp\nadapter.e0.address = 192.0.2.10/24\n",
		  "adapter.e0.address needs adapter.e0.mode = static, not dhcp" },
		{ "adapter.e0.netmask = 24\nadapter.e0.mode = dhcp\n",
		  "adapter.e0.netmask needs adapter.e0.mode = static, not dhcp" },
		{ "adapter.e0.gateway = 192.0.2.1\nadapter.e0.mode = dhcp\n",
		  "adapter.e0.gateway needs adapter.e0.mode = static, not dhcp" },
		{ "adapter.e0.mode = static\nadapter.e0.address = 192.0.2.10/24\n"
		  "adapter.e1.address = 192.0.2.10/25\nadapter.e1.vlan = 7\n",
		  "adapter e1: IP address: \"192.0.2.10\" is in use on e0 already" },
		{ "dns.primary = 192.0.2.1\ndns.alternate = 192.0.2.1\n",
		  "alternate name server: \"192.0.2.1\" is the primary one already" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(read_text(cases[i].text, &why), -REFUSED);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
	}
}

TEST(what_is_missing_is_no_mistake_and_refused_as_well)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "adapter.e0.mode = static\n", "adapter e0: IP address: is empty" },
		{ "adapter.e0.mode = static\nadapter.e0.address = 192.0.2.10\n",
		  "adapter e0: subnet mask: is empty" },
		{ "adapter.e0.address = 192.0.2.10/24\n",
		  "adapter.e0.address needs adapter.e0.mode = static" },
		{ "adapter.e0.mode =\nadapter.e0.gateway = 192.0.2.1\n",
		  "adapter.e0.gateway needs adapter.e0.mode = static" },
		{ "dns.alternate = 192.0.2.1\n", "primary name server: is empty, but there is an" },
		{ "account.user = alice\n", "user name: account.user and account.password-hash" },
		{ "account.ssh-key = " SSH_KEY "\n", "SSH key: account.ssh-key is nobody's" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };

		CHECK_INT(read_text(cases[i].text, &why), -PRESET_LACKS);
		if (strncmp(why.msg, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s", why.msg);
	}
}

TEST(two_adapters_may_have_a_gateway_each)
{
	CHECK_INT(read_text("adapter.e0.mode = static\nadapter.e0.address = 192.0.2.10/24\n"
			    "adapter.e0.gateway = 192.0.2.1\nadapter.e1.mode = static\n"
			    "adapter.e1.address = 198.51.100.10/24\n"
			    "adapter.e1.gateway = 198.51.100.1\n",
			    NULL),
		  0);
}

TEST(a_value_is_checked_by_itself_without_the_lines_it_belongs_to)
{
	static const struct {
		const char *key, *value, *says;
	} cases[] = {
		{ "adapter.e0.mode", "dchp", "addressing: \"dchp\" is neither" },
		{ "adapter.e0.address", "192.0.2.999", "IP address: \"192.0.2.999\" is no IPv4" },
		{ "adapter.e0.address", "192.0.2.0/24", "IP address: \"192.0.2.0\" is the" },
		{ "adapter.e0.address", "192.0.2.1/33", "subnet mask: \"/33\" is outside" },
		{ "adapter.e0.netmask", "255.0.255.0", "subnet mask: \"255.0.255.0\" is no" },
		{ "adapter.e0.gateway", "gateway", "default gateway: \"gateway\" is no IPv4" },
		{ "adapter.e0.vlan", "9999", "VLAN ID: \"9999\" is no number from 1 to 4094" },
		{ "adapter.e0.mtu", "12", "MTU: \"12\" is no number from 1280 to 65535" },
		{ "dns.primary", "1.2.3", "primary name server: \"1.2.3\" is no IPv4" },
		{ "dns.alternate", "::1", "alternate name server: \"::1\" looks like IPv6" },
		{ "dns.search", "a b c d e f g", "search domain: \"g\" is one too many" },
		{ "ntp.servers", "a;b", "NTP server: \"a;b\" is neither" },
		{ "proxy.http", "nonsense", "HTTP Endpoint: \"nonsense\" must start" },
		{ "proxy.https", "http://proxy", "HTTPS Endpoint: \"http://proxy\" has no port" },
		{ "proxy.no-proxy", "a, 10.0.0.0/99", "No Proxy: \"10.0.0.0/99\" is no host" },
		{ "proxy.ca", "eA==", "CA Certificates: there is no" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail why = { 0 };
		char says[200];

		snprintf(says, sizeof(says), "%s: %s", cases[i].key, cases[i].says);
		CHECK_INT(preset_check_line(cases[i].key, cases[i].value, &why), -REFUSED);
		if (strncmp(why.msg, says, strlen(says)) != 0)
			fail_msg("%s: %s", says, why.msg);
	}
}

TEST(what_only_other_lines_can_tell_is_no_mistake_of_one)
{
	static const char *const lines[][2] = {
		{ "adapter.e0.mode", "static" },       { "adapter.e0.mode", "" },
		{ "adapter.e0.address", "192.0.2.0" }, { "adapter.e0.netmask", "24" },
		{ "adapter.e0.gateway", "192.0.2.1" }, { "adapter.e0.vlan", "" },
		{ "dns.alternate", "192.0.2.1" },      { "dns.primary", "" },
		{ "account.user", "alice" },	       { "proxy.http", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct fail why = { 0 };

		if (preset_check_line(lines[i][0], lines[i][1], &why) < 0)
			fail_msg("%s", why.msg);
	}
}

TEST(one_too_many_is_refused_and_not_left_out)
{
	char text[2048] = "";
	struct fail why = { 0 };
	size_t used = 0;

	CHECK_INT(preset_check_line("ntp.servers", "a b c d e f g h", NULL), 0);
	CHECK_INT(preset_check_line("ntp.servers", "a b c d e f g h, i j", &why), -REFUSED);
	CHECK_STR(why.msg, "ntp.servers: NTP server: there are 10, at most 8 are allowed");
	for (int i = 0; i <= PRESET_ADAPTERS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "adapter.e%d.vlan = 1\n",
					 i);
	CHECK_INT(read_text(text, &why), -REFUSED);
	CHECK_STR(why.msg,
		  "line 17: adapter.e16.vlan: adapter: is one too many: at most 16 can be preset");
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
