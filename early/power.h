/* SPDX-License-Identifier: Apache-2.0 */
/* power - the end: everything written, everything unmounted, then the machine itself. */
#ifndef PALETTE_POWER_H
#define PALETTE_POWER_H

enum power_action { POWER_REBOOT, POWER_OFF };

/* Ends all other processes first. Does not return. */
void power_down(enum power_action action) __attribute__((noreturn));

#endif
