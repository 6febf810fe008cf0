/* SPDX-License-Identifier: Apache-2.0 */
#include "medium.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "boot_conf.h"
#include "hotkeys.h"
#include "lib/log.h"
#include "mounts.h"
#include "search.h"

/* Empty drives are asked every two seconds whether a disc has been put in. */
#define POLL_PATH "/sys/module/block/parameters/events_dfl_poll_msecs"

int medium_find(struct early *early, struct fail *why)
{
	char title[100], device[80];
	struct search search = {
		.kind = { probe_medium, early->args.medium },
		.title = title,
		.advice = "Connect the USB stick, CD or virtual medium this machine was started "
			  "from; "
			  "it is "
			  "found by itself. A medium of another build is not taken.",
		.keys = HOTKEY_ALL,
	};
	int r;

	snprintf(title, sizeof(title), "Looking for the installation medium %s ...",
		 early->args.medium);
	(void)write_attribute(POLL_PATH, "2000");
	modules_queue(&early->modules, "isofs");
	r = make_dir(MEDIUM_DIR, 0755, why);
	/* A medium that fails right after it was found is looked for again. */
	while (r == 0) {
		r = search_device(early, &search, device, sizeof(device), why);
		if (r < 0)
			return r;
		r = modules_load(&early->modules, "isofs", why);
		if (r < 0)
			return r;
		r = mount_at(device, MEDIUM_DIR, "iso9660",
			     MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, why);
		if (r == 0)
			return boot_conf_write(early, "medium-device", device, why);
		log_warn("%s", why->msg);
		notice_print(&early->notice, "%s\n", why->msg);
		r = 0;
	}
	return r;
}
