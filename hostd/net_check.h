/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_check - an adapter's settings: from typed text to values, or a refusal. Pure.
 *
 * Whether another host answers for an address is asked by arp.c.
 */
#ifndef PALETTE_NET_CHECK_H
#define PALETTE_NET_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define NET_MTU_LEAST 1280 /* IPv6 needs it (RFC 8200 section 5) */

/* As typed; blanks around a value do not count. NULL means "". */
struct net_text {
	const char *mode; /* "dhcp" (also "") or "static" */
	const char *address;
	const char *netmask;
	const char *gateway;
	const char *vlan;
	const char *mtu;
};

/* The member of @text called @name ("mode"); NULL: there is none. */
const char **net_text_member(struct net_text *text, const char *name);

struct net_settings {
	bool fixed;	  /* static addressing; the four below are 0 otherwise */
	uint32_t address; /* host byte order, as all here */
	unsigned prefix;  /* 1..31 */
	uint32_t gateway; /* 0: none */
	unsigned vlan;	  /* 0: none */
	unsigned mtu;	  /* 0: the usual one */
};

/* What the driver reports; 0 where it reports none. */
struct net_limits {
	unsigned mtu_min;
	unsigned mtu_max;
};

/* An address of another adapter. */
struct net_taken {
	const char *adapter;
	uint32_t address;
};

/* @ret is set on success only. */
int net_check(const char *adapter, const struct net_text *in, const struct net_limits *limits,
	      struct net_settings *ret, struct fail *why);

/*
 * Of texts that come one by one: refuses what is valid with no others, whatever the mode and the
 * driver. What they have to be together is net_check()'s. -REFUSED.
 */
int net_check_values(const char *adapter, const struct net_text *in, struct fail *why);

/* Refuses an address that is among @taken. */
int net_check_taken(const struct net_settings *settings, const struct net_taken *taken, size_t n,
		    struct fail *why);

/* Four octets without leading zeros; blanks around are skipped. False: it is none. */
bool ipv4_parse(const char *text, uint32_t *ret);

/* Returns @buf of at least 16 bytes. */
char *ipv4_text(uint32_t address, char *buf);

/*
 * An address of one host: as ipv4_parse(), and not loopback, multicast, broadcast or "this network".
 * @field is named in the refusal.
 */
int ipv4_check_host(const char *field, const char *text, uint32_t *ret, struct fail *why);

uint32_t ipv4_mask(unsigned prefix);

bool net_settings_equal(const struct net_settings *a, const struct net_settings *b);

/* A name the kernel takes for an adapter: 1 to 15 bytes, no '/', ':' or blank; not "." or "..". */
bool adapter_name_is_valid(const char *name);

#endif
