/* SPDX-License-Identifier: Apache-2.0 */
/* network - records of adapters' settings, and bringing networkd into line with them. Runs in jobs. */
#ifndef PALETTE_NETWORK_H
#define PALETTE_NETWORK_H

#include <stdbool.h>

#include "net_config.h"
#include "site.h"

/* One adapter's settings: what a change asks for. */
struct network_change {
	char adapter[16];
	char mac[24]; /* noted in the record */
	struct net_settings settings;
};

/* What is recorded for @adapter: 1; DHCP where nothing is: 0; -errno where nobody knows. */
int network_recorded(const struct site *site, const char *adapter, struct net_settings *ret,
		     struct fail *why);

/*
 * Makes networkd's files from the records, the setting of DNS, and from @trial (NULL: none) instead of its adapter's
 * record; tells networkd where one of them changed, or where it could not be told the last time. Ours
 * that no record asks for are removed, with the interfaces of their VLANs. -REFUSED or another
 * failure: the files are as they were, where the disk has room to write that.
 */
int network_sync(const struct site *site, const struct network_change *trial, struct fail *why);

/* Probes for the address where it is new here. -REFUSED: another host answers for it. */
int network_probe(const struct site *site, const struct network_change *change, struct fail *why);

/* Records the change and syncs; takes the record back where that fails. */
int network_apply(const struct site *site, const struct network_change *change, struct fail *why);

#endif
