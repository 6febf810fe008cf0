/* SPDX-License-Identifier: Apache-2.0 */
/* info - what this machine is, from files: DMI, os-release, keys, settings. */
#ifndef PALETTE_INFO_H
#define PALETTE_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "site.h"

#define SSH_KEYS_MAX	   4
#define LOCALUI_CERT	   "/var/lib/palette/localui/cert.pem"
#define LOCALUI_PORT	   5080
#define SETTINGS_FILE	   SITE_KEEP "/settings.conf"
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
	uint64_t boot_time_s; /* since 1970 */
};

void info_read(const struct site *site, struct info *ret);

#endif
