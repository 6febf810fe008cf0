/* SPDX-License-Identifier: Apache-2.0 */
/* efivars - the firmware's variables, for the boot entry of a disk. */
#ifndef PALETTE_EFIVARS_H
#define PALETTE_EFIVARS_H

#include "lib/fail.h"
#include "modules.h"

/* Mounts them; nothing happens on a machine without. */
int efivars_mount(struct modules *modules, struct fail *why);

#endif
