/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "hostd/net_config.h"
#include "test.h"

static const struct net_limits limits = { .mtu_min = 68, .mtu_max = 9000 };

static const struct net_settings on_vlan = { .fixed = true,
					     .address = 0xc000020a,
					     .prefix = 24,
					     .gateway = 0xc0000201,
					     .vlan = 100,
					     .mtu = 9000 };

#define HEAD "# Written by palette-hostd from /etc/palette/network; changes here are overwritten.\n"

TEST(dhcp_is_one_file_with_the_usual_mtu)
{
	struct net_settings s = { 0 };
	struct net_files files;

	net_config_files("eth0", &s, &limits, false, &files);
	CHECK_INT(files.n, 1);
	CHECK_STR(files.files[0].name, "10-palette-eth0.network");
	CHECK_STR(files.files[0].text, HEAD
		  "[Match]\nName=eth0\n\n[Link]\nMTUBytes=1500\nRequiredForOnline=no\n\n[Network]\n"
		  "LinkLocalAddressing=ipv6\nLLDP=yes\nDHCP=ipv4\n\n"
		  "[DHCPv4]\nClientIdentifier=mac\nUseDomains=yes\n");
}

TEST(static_addressing_has_no_dhcp_in_it)
{
	struct net_settings s = { .fixed = true, .address = 0xc000020a, .prefix = 24 };
	struct net_files files;

	net_config_files("eth0", &s, &limits, false, &files);
	CHECK_INT(files.n, 1);
	CHECK_STR(files.files[0].text, HEAD
		  "[Match]\nName=eth0\n\n[Link]\nMTUBytes=1500\nRequiredForOnline=no\n\n[Network]\n"
		  "LinkLocalAddressing=ipv6\nLLDP=yes\nDHCP=no\n"
		  "Address=192.0.2.10/24\n");
}

TEST(with_name_servers_of_the_hosts_own_those_of_the_network_are_not_taken)
{
	struct net_settings s = { 0 };
	struct net_files files;

	net_config_files("eth0", &s, &limits, true, &files);
	CHECK_STR(files.files[0].text, HEAD
		  "[Match]\nName=eth0\n\n[Link]\nMTUBytes=1500\nRequiredForOnline=no\n\n[Network]\n"
		  "LinkLocalAddressing=ipv6\nLLDP=yes\nDHCP=ipv4\n\n"
		  "[DHCPv4]\nClientIdentifier=mac\nUseDNS=no\nUseDomains=no\n\n"
		  "[DHCPv6]\nUseDNS=no\n\n[IPv6AcceptRA]\nUseDNS=no\n");
	net_config_files("eth0", &on_vlan, &limits, true, &files);
	CHECK(strstr(files.files[0].text, "UseDNS") == NULL);
	CHECK(strstr(files.files[2].text, "[IPv6AcceptRA]\nUseDNS=no\n") != NULL);
	CHECK(strstr(net_config_own_dns(), "[DHCPv4]\nUseDNS=no\nUseDomains=no\n") != NULL);
}

TEST(with_a_vlan_the_parent_carries_no_address_and_both_have_the_mtu)
{
	struct net_files files;

	net_config_files("eth0", &on_vlan, &limits, false, &files);
	CHECK_INT(files.n, 3);
	CHECK_STR(files.files[0].name, "10-palette-eth0.network");
	CHECK_STR(files.files[0].text, HEAD
		  "[Match]\nName=eth0\n\n[Link]\nMTUBytes=9000\nRequiredForOnline=no\n\n[Network]\n"
		  "VLAN=eth0.100\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nDHCP=no\nLLDP=yes\n");
	CHECK_STR(files.files[1].name, "10-palette-eth0.100.netdev");
	CHECK_STR(files.files[1].text,
		  HEAD "[NetDev]\nName=eth0.100\nKind=vlan\nMTUBytes=9000\n\n[VLAN]\nId=100\n");
	CHECK_STR(files.files[2].name, "10-palette-eth0.100.network");
	CHECK(strstr(files.files[2].text, "MTUBytes=9000\n") != NULL);
	CHECK(strstr(files.files[2].text, "Address=192.0.2.10/24\nGateway=192.0.2.1\n") != NULL);
}

TEST(the_usual_mtu_is_bounded_by_the_driver)
{
	struct net_limits small = { .mtu_max = 1450 };
	struct net_settings s = { 0 };
	struct net_files files;

	net_config_files("eth0", &s, &small, false, &files);
	CHECK(strstr(files.files[0].text, "MTUBytes=1450\n") != NULL);
}

TEST(settings_are_a_phrase_for_the_audit_log)
{
	static const struct net_settings dhcp = { .vlan = 7 };
	char text[96];

	CHECK_STR(net_config_describe(&dhcp, text, sizeof(text)), "DHCP, VLAN 7");
	CHECK_STR(net_config_describe(&on_vlan, text, sizeof(text)),
		  "static 192.0.2.10/24, gateway 192.0.2.1, VLAN 100, MTU 9000");
}

TEST(a_vlan_name_fits_15_characters)
{
	char name[16];

	CHECK_STR(net_config_vlan_name("eth0", 1, name), "eth0.1");
	CHECK_STR(net_config_vlan_name("enp0s31f6np1", 4094, name), "p0s31f6np1.4094");
	CHECK_STR(net_config_vlan_name("enx001122334455", 4094, name), "1122334455.4094");
}

TEST(a_record_reads_back_as_it_was)
{
	char text[512];
	struct net_settings s;

	net_config_record(&on_vlan, "52:54:00:12:34:56", text, sizeof(text));
	CHECK(strstr(text, "netmask = 255.255.255.0\n") != NULL);
	CHECK_INT(net_config_read("eth0", text, &s, NULL), 0);
	CHECK(net_settings_equal(&s, &on_vlan));
}

TEST(a_damaged_record_is_refused)
{
	char text[] = "mode = static\naddress = 300.1.1.1\n", none[] = "mode static\n";
	struct net_settings s;

	CHECK(net_config_read("eth0", text, &s, NULL) < 0);
	CHECK(net_config_read("eth0", none, &s, NULL) < 0);
}
