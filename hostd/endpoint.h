/* SPDX-License-Identifier: Apache-2.0 */
/* endpoint - the host, or host and port, a person wants to reach. Pure. */
#ifndef PALETTE_ENDPOINT_H
#define PALETTE_ENDPOINT_H

#include <stdbool.h>

#include "lib/fail.h"

struct endpoint {
	char host[256]; /* a name, an IPv4 or an IPv6 address (its scope with it) */
	unsigned port;	/* 0: none */
	bool is_address;
};

/*
 * "host", "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; where @with_port "host:port" and "[IPv6]:port"
 * instead. Nothing that passes begins with '-' or means anything to a shell.
 */
int endpoint_check(const char *text, bool with_port, struct endpoint *ret, struct fail *why);

#endif
