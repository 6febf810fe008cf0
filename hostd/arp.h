/* SPDX-License-Identifier: Apache-2.0 */
/* arp - does another host answer for an address? Runs in jobs: it waits for answers. */
#ifndef PALETTE_ARP_H
#define PALETTE_ARP_H

#include <stdint.h>

#include "lib/fail.h"

struct arp_probe {
	const char *adapter;
	uint32_t address; /* host byte order */
	unsigned vlan;	  /* probes carry this tag; 0: none */
	unsigned interval_ms;
};

/*
 * Three probes of RFC 5227 and a pause behind each. 0: nobody has it, or the link is down and nobody
 * can be asked. 1: somebody has it; their MAC is in @mac of 18 bytes.
 */
int arp_is_taken(const struct arp_probe *probe, char *mac, struct fail *why);

#endif
