/* SPDX-License-Identifier: Apache-2.0 */
/* ethtool - driver and speed of a link, as its driver tells them. */
#ifndef PALETTE_ETHTOOL_H
#define PALETTE_ETHTOOL_H

struct link;

/* Fills driver and speed_mbit; leaves "" and 0 where the driver does not say. */
void ethtool_read(struct link *link);

#endif
