/* SPDX-License-Identifier: Apache-2.0 */
#include "net_config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keyvalue.h"
#include "refuse.h"

#define MTU_USUAL 1500
#define HEAD	  "# Written by palette-hostd from /etc/palette/network; changes here are overwritten.\n"

/* Behind the first lines of [DHCPv4]. */
#define OWN_DNS "UseDNS=no\nUseDomains=no\n\n[DHCPv6]\nUseDNS=no\n\n[IPv6AcceptRA]\nUseDNS=no\n"

static void add(struct net_file *file, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct net_file *file, const char *fmt, ...)
{
	size_t used = strlen(file->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(file->text + used, sizeof(file->text) - used, fmt, args);
	va_end(args);
}

static struct net_file *new_file(struct net_files *files, const char *link, const char *kind)
{
	struct net_file *file = &files->files[files->n++];

	snprintf(file->name, sizeof(file->name), NET_FILE_PREFIX "%s.%s", link, kind);
	snprintf(file->text, sizeof(file->text), "%s", HEAD);
	return file;
}

char *net_config_vlan_name(const char *adapter, unsigned vlan, char *buf)
{
	char id[8];
	size_t n = strlen(adapter), room;

	snprintf(id, sizeof(id), ".%u", vlan);
	room = 15 - strlen(id);
	snprintf(buf, 16, "%s%s", adapter + (n > room ? n - room : 0), id);
	return buf;
}

/*
 * Written always: without the line networkd would leave an MTU that was set before. The usual one
 * is bounded by what the driver takes.
 */
static unsigned mtu_of(const struct net_settings *s, const struct net_limits *limits)
{
	if (s->mtu)
		return s->mtu;
	return limits->mtu_max && limits->mtu_max < MTU_USUAL ? limits->mtu_max : MTU_USUAL;
}

/* [Network] of whatever carries the address: the adapter, or its VLAN. */
static void add_addressing(struct net_file *file, const struct net_settings *s, bool own_dns)
{
	char text[16];

	add(file, "LinkLocalAddressing=ipv6\nLLDP=yes\nDHCP=%s\n", s->fixed ? "no" : "ipv4");
	if (s->fixed)
		add(file, "Address=%s/%u\n", ipv4_text(s->address, text), s->prefix);
	if (s->gateway)
		add(file, "Gateway=%s\n", ipv4_text(s->gateway, text));
	if (s->fixed && !own_dns)
		return;
	add(file, "\n[DHCPv4]\nClientIdentifier=mac\n%s", own_dns ? OWN_DNS : "UseDomains=yes\n");
}

const char *net_config_own_dns(void)
{
	return "# Written by palette-hostd while this host has name servers of its own.\n"
	       "[DHCPv4]\n" OWN_DNS;
}

void net_config_files(const char *adapter, const struct net_settings *s,
		      const struct net_limits *limits, bool own_dns, struct net_files *ret)
{
	unsigned mtu = mtu_of(s, limits);
	struct net_file *file;
	char vlan[16];

	memset(ret, 0, sizeof(*ret));
	file = new_file(ret, adapter, "network");
	add(file, "[Match]\nName=%s\n\n[Link]\nMTUBytes=%u\nRequiredForOnline=no\n\n[Network]\n",
	    adapter, mtu);
	if (!s->vlan) {
		add_addressing(file, s, own_dns);
		return;
	}
	/* All packets of the adapter are tagged: it carries no address of its own, not even IPv6. */
	net_config_vlan_name(adapter, s->vlan, vlan);
	add(file, "VLAN=%s\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nDHCP=no\nLLDP=yes\n", vlan);

	file = new_file(ret, vlan, "netdev");
	add(file, "[NetDev]\nName=%s\nKind=vlan\nMTUBytes=%u\n\n[VLAN]\nId=%u\n", vlan, mtu,
	    s->vlan);

	file = new_file(ret, vlan, "network");
	add(file, "[Match]\nName=%s\n\n[Link]\nMTUBytes=%u\nRequiredForOnline=no\n\n[Network]\n",
	    vlan, mtu);
	add_addressing(file, s, own_dns);
}

void net_config_texts(const struct net_settings *s, struct net_setting_texts *ret)
{
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->mode, sizeof(ret->mode), "%s", s->fixed ? "static" : "dhcp");
	if (s->fixed) {
		ipv4_text(s->address, ret->address);
		ipv4_text(ipv4_mask(s->prefix), ret->netmask);
	}
	if (s->gateway)
		ipv4_text(s->gateway, ret->gateway);
	if (s->vlan)
		snprintf(ret->vlan, sizeof(ret->vlan), "%u", s->vlan % 10000);
	if (s->mtu)
		snprintf(ret->mtu, sizeof(ret->mtu), "%u", s->mtu % 100000);
}

char *net_config_describe(const struct net_settings *s, char *buf, size_t size)
{
	char address[32] = "", gateway[32] = "", vlan[24] = "", mtu[24] = "", text[16];

	if (s->fixed)
		snprintf(address, sizeof(address), " %s/%u", ipv4_text(s->address, text),
			 s->prefix);
	if (s->gateway)
		snprintf(gateway, sizeof(gateway), ", gateway %s", ipv4_text(s->gateway, text));
	if (s->vlan)
		snprintf(vlan, sizeof(vlan), ", VLAN %u", s->vlan);
	if (s->mtu)
		snprintf(mtu, sizeof(mtu), ", MTU %u", s->mtu);
	snprintf(buf, size, "%s%s%s%s%s", s->fixed ? "static" : "DHCP", address, gateway, vlan,
		 mtu);
	return buf;
}

size_t net_config_record(const struct net_settings *s, const char *mac, char *buf, size_t size)
{
	struct net_setting_texts t;
	int n;

	net_config_texts(s, &t);
	n = snprintf(buf, size,
		     "# Written by palette-hostd.\nmode = %s\naddress = %s\nnetmask = %s\n"
		     "gateway = %s\nvlan = %s\nmtu = %s\nmac = %s\n",
		     t.mode, t.address, t.netmask, t.gateway, t.vlan, t.mtu, mac);
	return (size_t)n < size ? (size_t)n : size - 1;
}

int net_config_read(const char *adapter, char *text, struct net_settings *ret, struct fail *why)
{
	static const struct net_limits any = { 0 };
	struct keyvalue kv = keyvalue_of(text);
	struct net_text in = { 0 };

	while (keyvalue_next(&kv)) {
		const char **member;

		if (!kv.key)
			return fail_with(why, EINVAL, "line %u of the settings of %s is damaged",
					 kv.line, adapter);
		member = net_text_member(&in, kv.key);
		if (member)
			*member = kv.value;
	}
	return net_check(adapter, &in, &any, ret, why);
}
