/* SPDX-License-Identifier: Apache-2.0 */
/* neighbour - what the switch at the other end of a cable says about itself (LLDP), as networkd heard it. */
#ifndef PALETTE_NEIGHBOUR_H
#define PALETTE_NEIGHBOUR_H

#include "site.h"

#define NEIGHBOUR_BYTES 256

/*
 * "SWITCH, port PORT (DESCRIPTION)" into @buf, "" where nothing was heard: switches speak every 30 s, many
 * never. Asks networkd, and waits for it: in jobs.
 */
int neighbour_read(const struct site *site, const char *adapter, char buf[NEIGHBOUR_BYTES],
		   struct fail *why);

#endif
