/* SPDX-License-Identifier: Apache-2.0 */
/* ethtool - driver and speed of a link, as its driver tells them, and its light. */
#ifndef PALETTE_ETHTOOL_H
#define PALETTE_ETHTOOL_H

#include "lib/fail.h"

struct link;

/* Fills driver and speed_mbit; leaves "" and 0 where the driver does not say. */
void ethtool_read(struct link *link);

/* Blinks the adapter's light and waits for the end: in jobs. */
int ethtool_blink(const char *name, unsigned seconds, struct fail *why);

#endif
