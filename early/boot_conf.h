/* SPDX-License-Identifier: Apache-2.0 */
/* boot_conf - what this boot is, for the programs that follow: docs/FORMATS.md. */
#ifndef PALETTE_BOOT_CONF_H
#define PALETTE_BOOT_CONF_H

#include "early.h"

#define BOOT_CONF_PATH "/run/palette/boot.conf"

/* @device stands there under @key; both may be NULL. */
int boot_conf_write(const struct early *early, const char *key, const char *device,
		    struct fail *why);

#endif
