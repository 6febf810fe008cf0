/* SPDX-License-Identifier: Apache-2.0 */
#include "addresses.h"

#include <arpa/inet.h>
#include <string.h>

/* A copy that may be looked at as either family. */
union any_address {
	struct sockaddr_storage storage;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
};

static union any_address copy_address(const struct sockaddr *address)
{
	union any_address copy = { .storage = { .ss_family = AF_UNSPEC } };

	if (address && address->sa_family == AF_INET6)
		memcpy(&copy.in6, address, sizeof(copy.in6));
	if (address && address->sa_family == AF_INET)
		memcpy(&copy.in, address, sizeof(copy.in));
	return copy;
}

struct address_key address_key_of(const struct sockaddr *address)
{
	union any_address any = copy_address(address);
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

const char *address_text(const struct sockaddr *address, char buf[INET6_ADDRSTRLEN])
{
	union any_address any = copy_address(address);
	const struct in6_addr *in6 = &any.in6.sin6_addr;
	int family = any.storage.ss_family;
	const void *from = family == AF_INET6 ? (const void *)in6 : &any.in.sin_addr;

	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(in6)) {
		from = in6->s6_addr + 12;
		family = AF_INET;
	}
	if (family == AF_UNSPEC || !inet_ntop(family, from, buf, INET6_ADDRSTRLEN))
		buf[0] = '\0';
	return buf;
}
