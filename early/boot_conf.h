/* SPDX-License-Identifier: Apache-2.0 */
/* boot_conf - what this boot is, for the programs that follow: docs/FORMATS.md. */
#ifndef PALETTE_BOOT_CONF_H
#define PALETTE_BOOT_CONF_H

#include "early.h"

#define BOOT_CONF_PATH "/run/palette/boot.conf"

/* @medium is the medium's device, or NULL. */
int boot_conf_write(const struct early *early, const char *medium, struct fail *why);

#endif
