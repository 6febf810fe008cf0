/* SPDX-License-Identifier: Apache-2.0 */
/* config - what the command line and /etc/palette/localui.conf say. Reading the text is pure. */
#ifndef PALETTE_LOCALUI_CONFIG_H
#define PALETTE_LOCALUI_CONFIG_H

#include "lib/fail.h"

#define CONFIG_FILE "/etc/palette/localui.conf"
#define CONFIG_PORT 5080

struct config {
	const char *file, *certificate, *key, *files, *api, *address, *link;
	unsigned port; /* 0: the kernel picks one (tests) */
};

/* "port = N"; @text is changed. The message names the line. */
int config_read(char *text, unsigned *port, struct fail *why);

#endif
