/* SPDX-License-Identifier: Apache-2.0 */
/* medium - find the installation medium and mount it. */
#ifndef PALETTE_EARLY_MEDIUM_H
#define PALETTE_EARLY_MEDIUM_H

#include "early.h"

#define MEDIUM_DIR   "/run/palette/medium"
#define ISO_DISK_DIR "/run/palette/iso-disk" /* the file system an ISO file is on */

/*
 * Waits for the medium the kernel arguments name, mounts it at MEDIUM_DIR and writes boot.conf.
 */
int medium_find(struct early *early, struct fail *why);

#endif
