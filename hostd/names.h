/* SPDX-License-Identifier: Apache-2.0 */
/* names - host name, DNS and time servers in force and configured. The writers run in jobs. */
#ifndef PALETTE_NAMES_H
#define PALETTE_NAMES_H

#include <stdbool.h>

#include "dns_check.h"
#include "hostname_check.h"
#include "network.h"
#include "site.h"

#define DNS_IN_FORCE_MAX   12
#define HOSTNAME_MAC_BYTES 24
#define RESOLV_CONF	   "/run/systemd/resolve/resolv.conf" /* what resolved asks, DHCP's too */

struct dns_in_force {
	char servers[DNS_IN_FORCE_MAX][64];
	size_t n_servers;
	char domains[DNS_IN_FORCE_MAX][256];
	size_t n_domains;
};

/* The configured name, "" where there is none. Returns @buf of HOSTNAME_MAX + 1. */
char *hostname_read(const struct site *site, char *buf);

/*
 * The MAC of the first adapter, which names a machine whose product UUID does not; "" where there is
 * none yet. Returns @buf.
 */
char *hostname_mac(const struct site *site, char buf[HOSTNAME_MAC_BYTES]);

/* 1: nobody has given it a name; 0: it has one; -errno: nobody knows, and the name stays. */
int hostname_is_missing(const struct site *site, struct fail *why);

/* Through hostnamed, and flushed. One that is so already is left alone. */
int hostname_apply(const struct site *site, const char *name, struct fail *why);

/* Empty settings where there are none; -errno where nobody knows. */
int dns_read(const struct site *site, struct dns_settings *ret, struct fail *why);
void dns_read_in_force(const struct site *site, struct dns_in_force *ret);

/*
 * For resolved, and for networkd, which passes on what DHCP says or does not. @trial: the adapter's
 * change that waits for Confirm, NULL none. Where one fails both are as they were.
 */
int dns_apply(const struct site *site, const struct dns_settings *dns,
	      const struct network_change *trial, struct fail *why);

void ntp_read(const struct site *site, struct ntp_settings *ret);
int ntp_apply(const struct site *site, const struct ntp_settings *ntp, struct fail *why);
bool ntp_is_synchronized(const struct site *site);

#endif
