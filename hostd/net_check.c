/* SPDX-License-Identifier: Apache-2.0 */
#include "net_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "refuse.h"

#define VLAN_MAX  4094
#define MTU_MAX	  65535
#define TYPED_MAX 300
#define BLANKS	  " \t"
#define NOT_AN_ADDRESS                                                                             \
	"is no IPv4 address: four numbers from 0 to 255 without leading zeros, as in 192.0.2.10"

/* @text without the blanks around it, in @buf; cut where it is longer than anything valid. */
static const char *trimmed(const char *text, char *buf, size_t size)
{
	size_t n;

	text = text ? text : "";
	text += strspn(text, BLANKS);
	snprintf(buf, size, "%s", text);
	n = strlen(buf);
	while (n > 0 && strchr(BLANKS, buf[n - 1]))
		buf[--n] = '\0';
	return buf;
}

/* Decimal digits alone, no leading zero but "0" itself, at most @max. */
static bool number_parse(const char *text, size_t n, unsigned max, unsigned *ret)
{
	unsigned value = 0;

	if (n == 0 || n > 6 || (n > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*ret = value;
	return value <= max;
}

bool ipv4_parse(const char *text, uint32_t *ret)
{
	char buf[TYPED_MAX];
	const char *p = trimmed(text, buf, sizeof(buf));
	uint32_t address = 0;

	for (int i = 0; i < 4; i++) {
		size_t n = strcspn(p, ".");
		unsigned octet;

		if (!number_parse(p, n, 255, &octet))
			return false;
		address = address << 8 | octet;
		p += n;
		if (*p != (i < 3 ? '.' : '\0'))
			return false;
		p += i < 3;
	}
	*ret = address;
	return true;
}

char *ipv4_text(uint32_t address, char *buf)
{
	snprintf(buf, 16, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
		 address & 255);
	return buf;
}

uint32_t ipv4_mask(unsigned prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

int ipv4_check_host(const char *field, const char *text, uint32_t *ret, struct fail *why)
{
	uint32_t address;

	if (strchr(text, ':'))
		return refuse(why, field, text, "looks like IPv6; an IPv4 address belongs here");
	if (!ipv4_parse(text, &address))
		return refuse(why, field, text, NOT_AN_ADDRESS);
	if (address >> 24 == 0)
		return refuse(why, field, text, "starts with 0, which means \"this network\"");
	if (address >> 24 == 127)
		return refuse(why, field, text, "is a loopback address (127.0.0.0/8)");
	if (address >> 28 == 14)
		return refuse(why, field, text, "is a multicast address (224.0.0.0/4)");
	if (address == UINT32_MAX)
		return refuse(why, field, text, "is the broadcast address");
	if (address >> 28 == 15)
		return refuse(why, field, text, "is in the reserved range 240.0.0.0/4");
	*ret = address;
	return 0;
}

/* "255.255.255.0", "24" or "/24" */
static int check_netmask(const char *text, unsigned *ret, struct fail *why)
{
	const char *digits = text + (*text == '/');
	uint32_t mask;
	unsigned prefix;

	if (!*text)
		return refuse(why, FIELD_NETMASK, NULL, "is empty; static addressing needs one");
	if (number_parse(digits, strlen(digits), 999999, &prefix)) {
		if (prefix < 1 || prefix > 31)
			return refuse(why, FIELD_NETMASK, text, "is outside the prefixes 1 to 31");
		*ret = prefix;
		return 0;
	}
	if (!ipv4_parse(text, &mask))
		return refuse(why, FIELD_NETMASK, text,
			      "is no mask: write 255.255.255.0, or the prefix 24");
	for (prefix = 1; prefix < 32; prefix++)
		if (ipv4_mask(prefix) == mask)
			break;
	if (prefix == 32)
		return refuse(why, FIELD_NETMASK, text,
			      "is no mask of 1 to 31 ones with only zeros behind them");
	*ret = prefix;
	return 0;
}

/* Neither the subnet's own address nor its broadcast; a /31 has neither (RFC 3021). */
static int check_in_subnet(const char *field, const char *text, uint32_t address, unsigned prefix,
			   struct fail *why)
{
	uint32_t mask = ipv4_mask(prefix);
	char net[16];

	ipv4_text(address & mask, net);
	if (prefix == 31)
		return 0;
	if ((address & ~mask) == 0)
		return refuse(why, field, text, "is the address of the network %s/%u itself", net,
			      prefix);
	if ((address & ~mask) == ~mask)
		return refuse(why, field, text, "is the broadcast address of %s/%u", net, prefix);
	return 0;
}

/* The address, and the mask from its own field or from behind a slash in the address. */
static int check_address(const struct net_text *in, struct net_settings *s, struct fail *why)
{
	char typed[TYPED_MAX], mask[TYPED_MAX], host[TYPED_MAX];
	size_t n;
	int r;

	trimmed(in->address, typed, sizeof(typed));
	trimmed(in->netmask, mask, sizeof(mask));
	if (!*typed)
		return refuse(why, FIELD_ADDRESS, NULL, "is empty; static addressing needs one");
	n = strcspn(typed, "/");
	snprintf(host, sizeof(host), "%.*s", (int)n, typed);
	r = ipv4_check_host(FIELD_ADDRESS, host, &s->address, why);
	if (r < 0)
		return r;
	r = check_netmask(typed[n] && !*mask ? typed + n : mask, &s->prefix, why);
	if (r < 0)
		return r;
	if (typed[n]) {
		unsigned prefix = 0;

		r = check_netmask(typed + n, &prefix, why);
		if (r < 0)
			return r;
		if (prefix != s->prefix)
			return refuse(why, FIELD_NETMASK, mask,
				      "is not the /%u that stands behind the IP address", prefix);
	}
	return check_in_subnet(FIELD_ADDRESS, host, s->address, s->prefix, why);
}

static int check_gateway(const struct net_text *in, struct net_settings *s, struct fail *why)
{
	uint32_t mask = ipv4_mask(s->prefix);
	char typed[TYPED_MAX], net[16];
	int r;

	if (!*trimmed(in->gateway, typed, sizeof(typed)))
		return 0;
	r = ipv4_check_host(FIELD_GATEWAY, typed, &s->gateway, why);
	if (r < 0)
		return r;
	if ((s->gateway & mask) != (s->address & mask))
		return refuse(why, FIELD_GATEWAY, typed, "is not in the adapter's subnet %s/%u",
			      ipv4_text(s->address & mask, net), s->prefix);
	if (s->gateway == s->address)
		return refuse(why, FIELD_GATEWAY, typed, "is the adapter's own address");
	return check_in_subnet(FIELD_GATEWAY, typed, s->gateway, s->prefix, why);
}

const char **net_text_member(struct net_text *text, const char *name)
{
	return strcmp(name, "mode") == 0      ? &text->mode
	       : strcmp(name, "address") == 0 ? &text->address
	       : strcmp(name, "netmask") == 0 ? &text->netmask
	       : strcmp(name, "gateway") == 0 ? &text->gateway
	       : strcmp(name, "vlan") == 0    ? &text->vlan
	       : strcmp(name, "mtu") == 0     ? &text->mtu
					      : NULL;
}

/* dhcp, also where nothing is said, or static. */
static int check_mode(const struct net_text *in, struct net_settings *s, struct fail *why)
{
	char mode[TYPED_MAX];

	trimmed(in->mode, mode, sizeof(mode));
	s->fixed = strcmp(mode, "static") == 0;
	if (!s->fixed && *mode && strcmp(mode, "dhcp") != 0)
		return refuse(why, FIELD_MODE, mode, "is neither \"dhcp\" nor \"static\"");
	return 0;
}

static int check_vlan(const struct net_text *in, struct net_settings *s, struct fail *why)
{
	char typed[TYPED_MAX];

	if (!*trimmed(in->vlan, typed, sizeof(typed)))
		return 0;
	if (!number_parse(typed, strlen(typed), VLAN_MAX, &s->vlan) || s->vlan == 0)
		return refuse(why, FIELD_VLAN, typed, "is no number from 1 to %d", VLAN_MAX);
	return 0;
}

static int check_mtu(const char *adapter, const struct net_text *in,
		     const struct net_limits *limits, struct net_settings *s, struct fail *why)
{
	unsigned least = limits->mtu_min > NET_MTU_LEAST ? limits->mtu_min : NET_MTU_LEAST;
	unsigned most = limits->mtu_max && limits->mtu_max < MTU_MAX ? limits->mtu_max : MTU_MAX;
	char typed[TYPED_MAX];

	if (!*trimmed(in->mtu, typed, sizeof(typed)))
		return 0;
	if (!number_parse(typed, strlen(typed), most, &s->mtu) || s->mtu < least)
		return refuse(why, FIELD_MTU, typed,
			      "is no number from %u to %u, the range %s works with", least, most,
			      adapter);
	return 0;
}

int net_check(const char *adapter, const struct net_text *in, const struct net_limits *limits,
	      struct net_settings *ret, struct fail *why)
{
	struct net_settings s = { 0 };
	int r = check_mode(in, &s, why);

	if (r == 0 && s.fixed)
		r = check_address(in, &s, why);
	if (r == 0 && s.fixed)
		r = check_gateway(in, &s, why);
	if (r == 0)
		r = check_vlan(in, &s, why);
	if (r == 0)
		r = check_mtu(adapter, in, limits, &s, why);
	if (r == 0)
		*ret = s;
	return r;
}

int net_check_values(const char *adapter, const struct net_text *in, struct fail *why)
{
	static const struct net_limits any = { 0 };
	struct net_settings s = { 0 };
	char typed[TYPED_MAX];
	int r = check_mode(in, &s, why);

	/* With a mask behind a slash an address is told from its network by itself. */
	if (r == 0 && strchr(trimmed(in->address, typed, sizeof(typed)), '/'))
		r = check_address(&(const struct net_text){ .address = typed }, &s, why);
	else if (r == 0 && *typed)
		r = ipv4_check_host(FIELD_ADDRESS, typed, &s.address, why);
	if (r == 0 && *trimmed(in->netmask, typed, sizeof(typed)))
		r = check_netmask(typed, &s.prefix, why);
	if (r == 0 && *trimmed(in->gateway, typed, sizeof(typed)))
		r = ipv4_check_host(FIELD_GATEWAY, typed, &s.gateway, why);
	if (r == 0)
		r = check_vlan(in, &s, why);
	if (r == 0)
		r = check_mtu(adapter, in, &any, &s, why);
	return r;
}

int net_check_taken(const struct net_settings *settings, const struct net_taken *taken, size_t n,
		    struct fail *why)
{
	char text[16];

	for (size_t i = 0; settings->fixed && i < n; i++)
		if (taken[i].address == settings->address)
			return refuse(why, FIELD_ADDRESS, ipv4_text(settings->address, text),
				      "is in use on %s already", taken[i].adapter);
	return 0;
}

bool net_settings_equal(const struct net_settings *a, const struct net_settings *b)
{
	return a->fixed == b->fixed && a->address == b->address && a->prefix == b->prefix &&
	       a->gateway == b->gateway && a->vlan == b->vlan && a->mtu == b->mtu;
}

bool adapter_name_is_valid(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 15 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (const char *p = name; *p; p++)
		if (!isgraph((unsigned char)*p) || strchr("/:%*?[]!;#\\\"'", *p))
			return false;
	return true;
}
