/* SPDX-License-Identifier: Apache-2.0 */
/* settle - whether the machine has found all its disks: drivers start and sticks answer in their time. */
#ifndef PALETTE_SETTLE_H
#define PALETTE_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

/* palette-init's drivers are still starting. */
bool settle_drivers_start(const char *root);

/*
 * The name in sysfs of a USB device that is being set up or whose disk has not been asked yet: "1-2",
 * "1-2:1.0", "usb1-port3". False: there is none.
 */
bool settle_usb_waits(const char *root, char *ret, size_t size);

/*
 * Waits until drivers have started, USB has answered and nothing new has come for a moment. @ret is
 * the USB device that has not answered in all that time; empty: all have.
 */
void settle_wait(const char *root, char *ret, size_t size);

#endif
