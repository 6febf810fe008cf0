/* SPDX-License-Identifier: Apache-2.0 */
/*
 * medium - the directory the installation is read from.
 *
 * A BMC's virtual medium drops out and comes back. Reads are tried again for a while, with the state
 * "gone" for the progress screen; the file is opened again each time, because the old descriptor stays
 * dead after a remount.
 */
#ifndef PALETTE_MEDIUM_H
#define PALETTE_MEDIUM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "manifest.h"

/*
 * Reads palette/manifest below @source and checks that each file it lists is there with the size it
 * says: a truncated medium is found here, before a disk is touched.
 */
int medium_open(const char *source, struct manifest *ret, struct fail *why);

#endif
