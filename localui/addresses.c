/* SPDX-License-Identifier: Apache-2.0 */
#include "addresses.h"

#include <string.h>

#include "lib/address.h"

struct address_key address_key_of(const struct sockaddr *address)
{
	union any_address any = address_copy(address);
	struct address_key key = { { 0 } };

	if (any.storage.ss_family == AF_INET6) {
		/* Whoever has an IPv6 address has 2^64 of them. A mapped IPv4 one is itself. */
		size_t from = IN6_IS_ADDR_V4MAPPED(&any.in6.sin6_addr) ? 8 : 0;

		memcpy(key.bytes, any.in6.sin6_addr.s6_addr + from, sizeof(key.bytes));
	} else if (any.storage.ss_family == AF_INET) {
		key.bytes[2] = key.bytes[3] = 0xff;
		memcpy(key.bytes + 4, &any.in.sin_addr, 4);
	}
	return key;
}

bool addresses_take(struct addresses *table, struct address_key key)
{
	size_t free_row = LIMIT_CONNECTIONS;

	if (table->total >= LIMIT_CONNECTIONS)
		return false;
	for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
		if (table->rows[i].n == 0) {
			if (free_row == LIMIT_CONNECTIONS)
				free_row = i;
			continue;
		}
		if (memcmp(&table->rows[i].key, &key, sizeof(key)) != 0)
			continue;
		if (table->rows[i].n >= LIMIT_CONNECTIONS_PER_ADDRESS)
			return false;
		table->rows[i].n++;
		table->total++;
		return true;
	}
	table->rows[free_row].key = key;
	table->rows[free_row].n = 1;
	table->total++;
	return true;
}

void addresses_give(struct addresses *table, struct address_key key)
{
	for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
		if (table->rows[i].n && memcmp(&table->rows[i].key, &key, sizeof(key)) == 0) {
			table->rows[i].n--;
			table->total--;
			return;
		}
	}
}
