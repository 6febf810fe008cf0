/* SPDX-License-Identifier: Apache-2.0 */
#include "hotkeys.h"

#include "lib/cleanup.h"
#include "power.h"

static const struct {
	unsigned key;
	char letter;
	const char *text;
} hotkeys[] = {
	{ HOTKEY_SHELL, 's', "s for a shell" },
	{ HOTKEY_RESTART, 'r', "r to restart" },
	{ HOTKEY_POWER_OFF, 'p', "p to power off" },
};

void hotkeys_print(struct early *early, unsigned keys)
{
	const char *before = "Press ";

	for (size_t i = 0; i < ARRAY_SIZE(hotkeys); i++) {
		if (!(keys & hotkeys[i].key))
			continue;
		notice_print(&early->notice, "%s%s", before, hotkeys[i].text);
		before = ", ";
	}
	notice_print(&early->notice, ".\n");
}

static bool take_key(struct early *early, const struct event *event, unsigned keys)
{
	for (size_t i = 0; i < ARRAY_SIZE(hotkeys); i++) {
		/* 'S' and 's' alike: Caps Lock is not seen on a BMC's picture. */
		if (!(keys & hotkeys[i].key) || (event->key | 0x20) != hotkeys[i].letter)
			continue;
		if (hotkeys[i].key == HOTKEY_RESTART)
			power_down(POWER_REBOOT);
		if (hotkeys[i].key == HOTKEY_POWER_OFF)
			power_down(POWER_OFF);
		notice_lend(&early->notice, event->console);
		return true;
	}
	return false;
}

bool hotkeys_take(struct early *early, const struct event *event, unsigned keys)
{
	if (event->kind == EVENT_KEY)
		return take_key(early, event, keys);
	if (event->kind == EVENT_CHILD)
		notice_child_ended(&early->notice, event->pid);
	if (event->kind == EVENT_RESTART && (keys & HOTKEY_RESTART))
		power_down(POWER_REBOOT);
	return event->kind == EVENT_CHILD;
}
