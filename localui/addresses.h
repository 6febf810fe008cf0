/* SPDX-License-Identifier: Apache-2.0 */
/* addresses - how many connections each client has. Pure. */
#ifndef PALETTE_LOCALUI_ADDRESSES_H
#define PALETTE_LOCALUI_ADDRESSES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

struct address_key {
	uint8_t bytes[8]; /* of an IPv6 address the network, of an IPv4 one its mapped tail */
};

struct addresses {
	struct {
		struct address_key key;
		unsigned n;
	} rows[LIMIT_CONNECTIONS];
	unsigned total;
};

struct address_key address_key_of(const struct sockaddr *address);

/* Counts one more. False: it has as many as it may, or all of them together have. */
bool addresses_take(struct addresses *table, struct address_key key);
void addresses_give(struct addresses *table, struct address_key key);

#endif
