/* SPDX-License-Identifier: Apache-2.0 */
/* coldplug - drivers for the devices that were there before we listened. */
#ifndef PALETTE_COLDPLUG_H
#define PALETTE_COLDPLUG_H

#include "modules.h"

/*
 * Asks for a driver for every device on every bus below @sys ("/sys"). Not for the processor: its
 * faster ways to hash cost more time to load than the initrd saves by them.
 */
void coldplug(const char *sys, struct modules *modules);

#endif
