/* SPDX-License-Identifier: Apache-2.0 */
/* own.c - this host's IPv4 addresses. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "linkd.h"

/* The first that is @wanted, or any where that is NULL. */
static bool find(const char *wanted, char buf[TOKEN_ADDRESS_BYTES])
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (const struct ifaddrs *at = all; at && !found; at = at->ifa_next) {
		const struct sockaddr_in *in = (const void *)at->ifa_addr;

		if (!in || in->sin_family != AF_INET || !(at->ifa_flags & IFF_UP) ||
		    (at->ifa_flags & IFF_LOOPBACK))
			continue;
		(void)inet_ntop(AF_INET, &in->sin_addr, buf, TOKEN_ADDRESS_BYTES);
		/* 169.254/16 is of this link alone. */
		found = wanted ? strcmp(buf, wanted) == 0 : strncmp(buf, "169.254.", 8) != 0;
	}
	freeifaddrs(all);
	return found;
}

bool own_address_exists(const char *address)
{
	char buf[TOKEN_ADDRESS_BYTES];

	return find(address, buf);
}

bool own_address_first(char buf[TOKEN_ADDRESS_BYTES])
{
	return find(NULL, buf);
}
