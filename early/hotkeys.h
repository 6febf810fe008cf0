/* SPDX-License-Identifier: Apache-2.0 */
/* hotkeys - the keys that work below every notice of PID 1. */
#ifndef PALETTE_HOTKEYS_H
#define PALETTE_HOTKEYS_H

#include "early.h"
#include "events.h"

#define HOTKEY_SHELL	 (1U << 0) /* s */
#define HOTKEY_RESTART	 (1U << 1) /* r, Ctrl+Alt+Del */
#define HOTKEY_POWER_OFF (1U << 2) /* p */
#define HOTKEY_ALL	 (HOTKEY_SHELL | HOTKEY_RESTART | HOTKEY_POWER_OFF)

/* "Press s for a shell, r to restart, p to power off." for those of @keys. */
void hotkeys_print(struct early *early, unsigned keys);

/*
 * Does what the key of @event stands for, and brings a console back whose shell ended. Restart and
 * power off do not return. True when the event was one of these.
 */
bool hotkeys_take(struct early *early, const struct event *event, unsigned keys);

#endif
