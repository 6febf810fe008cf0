/* SPDX-License-Identifier: Apache-2.0 */
/* info - what this machine is, from files: DMI, os-release, keys, settings. */
#ifndef PALETTE_INFO_H
#define PALETTE_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

#define SSH_KEYS_MAX	   4
#define LOCALUI_CERT	   "/run/palette-tls/cert.pem" /* what is served; see docs/HOSTD.md */
#define LOCALUI_CONF	   "/etc/palette/localui.conf"
#define LINK_CONF	   "/etc/palette/link.conf"
#define LOCALUI_PORT	   5080
#define SETTINGS_FILE	   SITE_KEEP "/settings.conf"
#define COPIED_FROM_FILE   "/run/palette/copied-from" /* palette-init's */
#define RESET_REQUEST_FILE SITE_KEEP "/reset-request"

struct info {
	char product_uuid[64], serial[128], vendor[128], model[128]; /* "" unknown */
	char version[64];
	char slot[4]; /* "a", "b" or "" */
	char ssh_fingerprints[SSH_KEYS_MAX][128];
	unsigned n_ssh_fingerprints;
	bool ssh_running;
	unsigned localui_port;
	char localui_fingerprint[3 * 32];
	bool reset_requested;
	char copied_from
		[64]; /* the product UUID of the machine that this one became a copy of by this start; "" none */
	uint64_t boot_time_s; /* since 1970 */
};

void info_read(const struct site *site, struct info *ret);

/* The Local UI's port as its file sets it. */
unsigned info_localui_port(const struct site *site);

/*
 * Writes the Local UI's file where the settings file names another port, and has the firewall and the
 * Local UI take it.
 */
int info_apply_localui_port(const struct site *site, struct fail *why);

/* The same of the link daemon's file and its sync port; the daemon has the firewall opened. */
int info_apply_sync_port(const struct site *site, struct fail *why);

#endif
