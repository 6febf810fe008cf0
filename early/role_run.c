/* SPDX-License-Identifier: Apache-2.0 */
/* roles run and reset - from a slot of the disk to the installed system. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot_conf.h"
#include "boot_limit.h"
#include "data.h"
#include "disk.h"
#include "early.h"
#include "esp_unit.h"
#include "identity.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "mounts.h"
#include "random_seed.h"
#include "reset.h"
#include "screens.h"
#include "sysroot.h"

#define COPIED_FROM  "/run/palette/copied-from"
#define STATUS_RESET 13 /* palette-install: a person confirmed the factory reset */

static void say_starting(struct early *early)
{
	notice_print(&early->notice, "Palette Edge %s is starting from slot %c ...\n",
		     early->image.version, early->args.slot);
}

/* Whether somebody wants it: palette-hostd's request, or a person here within a minute. */
static bool reset_wanted(struct early *early)
{
	static const char *const question[] = { "/bin/palette-console", "--", "palette-install",
						"--reset-question", NULL };
	struct screens_children children = { 0 };

	if (access(DATA_DIR "/" RESET_REQUEST, F_OK) == 0)
		return true;
	return screens_run(early, &children, question) == STATUS_RESET;
}

static int reset_data(struct early *early, struct fail *why)
{
	bool asked = early->args.role == ROLE_RESET && !reset_begun(DATA_DIR);
	int r = 0;

	/* From here on this is a boot like any other. */
	early->args.role = ROLE_RUN;
	if (asked && reset_wanted(early))
		r = reset_begin(DATA_DIR, why);
	if (r == 0)
		r = disk_finish_reset(early, why);
	if (r == 0 && asked)
		say_starting(early);
	return r;
}

/* Returns whether this disk's random seed is this machine's alone. A copy that stays one starts all the same. */
static bool settle_identity(struct early *early)
{
	char uuid[IDENTITY_UUID_BYTES], original[IDENTITY_UUID_BYTES];
	struct fail why = { 0 };
	int r;

	(void)file_read_line("/sys/class/dmi/id/product_uuid", uuid, sizeof(uuid));
	r = identity_settle(DATA_DIR, uuid, original, &why);
	if (r < 0) {
		log_error("%s", why.msg);
		notice_print(&early->notice, "This host's identity could not be settled: %s\n",
			     why.msg);
	}
	if (r == IDENTITY_COPY) {
		notice_print(&early->notice,
			     "This machine is a copy of %s.\n"
			     "It gets a machine id, SSH keys and a certificate of its own.\n",
			     original);
		if (file_write_atomic(COPIED_FROM, original, strlen(original), 0644, &why) < 0)
			log_warn("%s", why.msg);
	}
	return r == IDENTITY_SAME || r == IDENTITY_UNKNOWN;
}

static int mount_data(struct early *early, const char *device, struct fail *why)
{
	int r = data_mount(early, device, DATA_DIR, why);
	bool own_seed = false;

	if (r == 0)
		r = make_dir(DATA_DIR "/keep", 0700, why);
	if (r == 0)
		r = reset_data(early, why);
	if (r == 0)
		own_seed = settle_identity(early);
	if (r == 0)
		r = disk_mount_state(early, why);
	if (r < 0)
		return r;
	data_take_over(DATA_DIR, STATE_DIR);
	if (random_seed_load(DATA_DIR "/random-seed", own_seed, why) < 0)
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
	say_starting(early);
	r = disk_find(early, "system", early->args.system, system, sizeof(system), why);
	if (r == 0)
		r = sysroot_mount_image(early, system, why);
	if (r == 0)
		r = disk_find(early, "data", early->args.data, data, sizeof(data), why);
	if (r == 0)
		r = mount_data(early, data, why);
	if (r == 0)
		r = boot_conf_write(early, NULL, NULL, why);
	if (r == 0)
		r = esp_unit_write(early->args.esp, why);
	if (r == 0 && boot_limit_start(early, why) < 0)
		log_warn("%s", why->msg);
	return r < 0 ? r : sysroot_switch(early, why);
}
