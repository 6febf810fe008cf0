/* SPDX-License-Identifier: Apache-2.0 */
/* role run - from a slot of the disk to the installed system. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "boot_conf.h"
#include "boot_limit.h"
#include "data.h"
#include "early.h"
#include "esp_unit.h"
#include "hotkeys.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "mounts.h"
#include "random_seed.h"
#include "search.h"
#include "sysroot.h"

#define DISK_TIMEOUT_S 60
#define DATA_DIR       SYSROOT "/data"

static int find_partition(struct early *early, const char *what, const char *partuuid,
			  char *ret_device, size_t size, struct fail *why)
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

static int mount_data(struct early *early, const char *device, struct fail *why)
{
	static const char state[] = DATA_DIR "/state";
	char note[500];
	int r = data_mount(early, device, DATA_DIR, why);

	if (r == 0)
		r = make_dir(DATA_DIR "/keep", 0700, why);
	if (r < 0)
		return r;
	r = sysroot_mount_state(state, note, sizeof(note), why);
	if (r < 0)
		return r;
	if (note[0])
		notice_print(&early->notice, "%s\n", note);
	data_take_over(DATA_DIR, state);
	if (random_seed_load(DATA_DIR "/random-seed", why) < 0)
		log_warn("%s", why->msg);
	return 0;
}

int role_run(struct early *early, struct fail *why)
{
	static const char *const soon[] = { "dm_verity", "squashfs", "overlay", "ext4" };
	char system[80], data[80];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(soon); i++)
		modules_queue(&early->modules, soon[i]);
	notice_clear(&early->notice);
	notice_print(&early->notice, "Palette Edge %s is starting from slot %c ...\n",
		     early->image.version, early->args.slot);
	r = boot_conf_write(early, NULL, NULL, why);
	if (r == 0)
		r = find_partition(early, "system", early->args.system, system, sizeof(system),
				   why);
	if (r == 0)
		r = sysroot_mount_image(early, system, why);
	if (r == 0)
		r = find_partition(early, "data", early->args.data, data, sizeof(data), why);
	if (r == 0)
		r = mount_data(early, data, why);
	if (r == 0)
		r = esp_unit_write(early->args.esp, why);
	if (r == 0 && boot_limit_start(early, why) < 0)
		log_warn("%s", why->msg);
	return r < 0 ? r : sysroot_switch(early, why);
}
