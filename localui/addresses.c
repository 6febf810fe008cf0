/* SPDX-License-Identifier: Apache-2.0 */
#include "addresses.h"

#include <arpa/inet.h>
#include <string.h>

struct address_key address_key_of(const struct sockaddr_storage *address)
{
	struct address_key key = { { 0 } };

	if (address->ss_family == AF_INET6) {
		const struct in6_addr *a = &((const struct sockaddr_in6 *)address)->sin6_addr;
		/* Whoever has an IPv6 address has 2^64 of them. A mapped IPv4 one is itself. */
		size_t from = IN6_IS_ADDR_V4MAPPED(a) ? 8 : 0;

		memcpy(key.bytes, a->s6_addr + from, sizeof(key.bytes));
	} else if (address->ss_family == AF_INET) {
		const struct in_addr *a = &((const struct sockaddr_in *)address)->sin_addr;

		key.bytes[2] = key.bytes[3] = 0xff;
		memcpy(key.bytes + 4, a, 4);
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
	const void *from = NULL;
	int family = address ? address->sa_family : AF_UNSPEC;

	if (family == AF_INET)
		from = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	if (family == AF_INET6) {
		const struct in6_addr *a =
			&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

		from = a;
		if (IN6_IS_ADDR_V4MAPPED(a)) {
			from = a->s6_addr + 12;
			family = AF_INET;
		}
	}
	if (!from || !inet_ntop(family, from, buf, INET6_ADDRSTRLEN))
		buf[0] = '\0';
	return buf;
}
