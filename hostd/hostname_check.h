/* SPDX-License-Identifier: Apache-2.0 */
/* hostname_check - which host names are taken, and the one a machine has by default. Pure. */
#ifndef PALETTE_HOSTNAME_CHECK_H
#define PALETTE_HOSTNAME_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

#define HOSTNAME_MAX 64 /* what the kernel holds; RFC 1123's 253 do not fit */

/* RFC 1123: labels of 1 to 63 of a-z, 0-9 and -, not starting or ending in -, not an address. */
int hostname_check(const char *name, struct fail *why);

/*
 * Whether a product UUID tells this machine from others: well-formed, not all one digit, none of
 * those that board makers ship unset.
 */
bool product_uuid_is_real(const char *uuid);

/*
 * "edge-<product uuid>", or "edge-<mac without colons>" where the UUID is not real, or "edge" where
 * there is no @mac ("") either. Returns @buf of HOSTNAME_MAX + 1.
 */
char *hostname_default(const char *uuid, const char *mac, char *buf);

/* Whether @name is one an image or an installer leaves behind: "", "localhost", "debian" ... . */
bool hostname_is_unset(const char *name);

#endif
