/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink - the kernel's view of links, addresses and default routes, when asked; and news of it.
 *
 * Asking is three dumps over rtnetlink, far under a millisecond: nothing is cached.
 */
#ifndef PALETTE_NETLINK_H
#define PALETTE_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define LINKS_MAX	   128
#define LINK_ADDRESSES_MAX 16

struct link_address {
	int family;
	char text[64];	  /* with prefix */
	uint32_t ipv4;	  /* host byte order; 0 for IPv6 */
	uint32_t valid_s; /* of a lease; 0: for ever */
};

struct link {
	int index;
	char name[16];
	char kind[16]; /* "vlan", "veth" ...; "" for hardware */
	char mac[24];  /* the permanent one where the driver tells it */
	bool ethernet, up, carrier, enslaved;
	unsigned mtu, mtu_min, mtu_max;
	int parent; /* index; of a VLAN */
	unsigned vlan;
	char driver[32];
	unsigned speed_mbit; /* 0: unknown */
	struct link_address addresses[LINK_ADDRESSES_MAX];
	size_t n_addresses;
	char gateway[64];
	uint32_t metric; /* of that route */
};

struct links {
	struct link rows[LINKS_MAX];
	size_t n;
};

int links_read(struct links *ret, struct fail *why);

const struct link *links_find(const struct links *links, const char *name);

/* Whether it is an adapter: hardware, or of @also_kind ("" none). */
bool link_is_adapter(const struct link *link, const char *also_kind);

/* A socket that gets news of links, addresses and routes; close it. */
int netlink_watch(struct fail *why);

/* Reads all that waits at @fd. False: there was nothing. */
bool netlink_drain(int fd);

/* Removes a VLAN's interface. 0 also where there is none. */
int link_delete(const char *name, struct fail *why);

#endif
