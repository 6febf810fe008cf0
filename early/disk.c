/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <stdio.h>

#include "hotkeys.h"
#include "reset.h"
#include "search.h"

#define DISK_TIMEOUT_S 60

int disk_find(struct early *early, const char *what, const char *partuuid, char *ret_device,
	      size_t size, struct fail *why)
{
	char title[120];
	struct search search = {
		.kind = { probe_partuuid, partuuid },
		.title = title,
		.advice = "It is on the disk this machine was started from. When the disk does not "
			  "appear, the machine starts again.",
		.timeout_s = DISK_TIMEOUT_S,
		.keys = HOTKEY_RESTART | HOTKEY_POWER_OFF,
	};

	snprintf(title, sizeof(title), "Looking for the %s partition %s", what, partuuid);
	return search_device(early, &search, ret_device, size, why);
}

int disk_finish_reset(struct early *early, struct fail *why)
{
	if (!reset_begun(DATA_DIR)) {
		reset_empty_trash(DATA_DIR);
		return 0;
	}
	notice_clear(&early->notice);
	notice_print(&early->notice,
		     "Factory reset: the configuration is kept, everything else is deleted.\n"
		     "If the power fails, the next start goes on with it.\n\n");
	return reset_finish(DATA_DIR, SYSROOT, why);
}

int disk_mount_state(struct early *early, struct fail *why)
{
	char note[500];
	int r = sysroot_mount_state(STATE_DIR, note, sizeof(note), why);

	if (r == 0 && note[0])
		notice_print(&early->notice, "%s\n", note);
	return r;
}
