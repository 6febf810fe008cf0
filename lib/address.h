/* SPDX-License-Identifier: Apache-2.0 */
/* address - an IP address of a socket, as text. Pure. */
#ifndef PALETTE_ADDRESS_H
#define PALETTE_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

/* A copy that may be looked at as either family. */
union any_address {
	struct sockaddr_storage storage;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
};

/* AF_UNSPEC where @address is NULL or of neither family. */
union any_address address_copy(const struct sockaddr *address);

/*
 * "192.0.2.1", "2001:db8::1": an IPv4 client looks so on an IPv6 socket too; "" where it is neither.
 * Returns @buf.
 */
const char *address_text(const struct sockaddr *address, char buf[INET6_ADDRSTRLEN]);

#endif
