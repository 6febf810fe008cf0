/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <string.h>

union any_address address_copy(const struct sockaddr *address)
{
	union any_address copy = { .storage = { .ss_family = AF_UNSPEC } };

	if (address && address->sa_family == AF_INET6)
		memcpy(&copy.in6, address, sizeof(copy.in6));
	if (address && address->sa_family == AF_INET)
		memcpy(&copy.in, address, sizeof(copy.in));
	return copy;
}

const char *address_text(const struct sockaddr *address, char buf[INET6_ADDRSTRLEN])
{
	union any_address any = address_copy(address);
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
