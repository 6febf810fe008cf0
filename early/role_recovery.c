/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role recovery - the menu that repairs this disk, with as much of the system behind it as can be
 * opened: a part that is damaged is what somebody came here for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "boot_clock.h"
#include "boot_conf.h"
#include "data.h"
#include "disk.h"
#include "early.h"
#include "efivars.h"
#include "events.h"
#include "hotkeys.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "mounts.h"
#include "power.h"
#include "reset.h"
#include "screens.h"
#include "sysroot.h"

#define NOTES_PATH	 "/run/palette/recovery-notes"
#define CRASH_PAUSE_S	 5
#define STATUS_REBOOT	 10
#define STATUS_POWER_OFF 11
#define STATUS_RESTART	 12
#define STATUS_RESET	 13

/* The menu shows it: whatever is said before is gone with its first screen. */
static bool failed(int r, const struct fail *why)
{
	autofclose FILE *notes = r < 0 ? fopen(NOTES_PATH, "ae") : NULL;

	if (r == 0)
		return false;
	log_error("%s", why->msg);
	if (notes)
		fprintf(notes, "%s\n", why->msg);
	return true;
}

/* /dev/vda of /dev/vda2, as sysfs nests them. */
static void disk_of(const char *partition, char *ret, size_t size)
{
	char link[120], target[512], *slash;
	ssize_t n;

	ret[0] = '\0';
	snprintf(link, sizeof(link), "/sys/class/block/%s", partition + strlen("/dev/"));
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return;
	*slash = '\0';
	slash = strrchr(target, '/');
	if (slash)
		snprintf(ret, size, "/dev/%.60s", slash + 1);
}

/* The kernel's file systems in the OS root, so that a login finds what it expects. */
static int join_kernel(struct fail *why)
{
	static const char *const joined[] = { "/dev", "/proc", "/sys", "/run", "/tmp" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(joined) && r == 0; i++) {
		char target[64];

		snprintf(target, sizeof(target), SYSROOT "%s", joined[i]);
		r = mount_at(joined[i], target, NULL, MS_BIND | MS_REC, NULL, why);
	}
	return r;
}

static void take_hostname(void)
{
	char name[65];

	if (file_read_line(SYSROOT "/etc/hostname", name, sizeof(name)) == 0 && name[0] &&
	    sethostname(name, strlen(name)) < 0)
		log_warn("set the host name %s: %s", name, strerror(errno));
}

static int open_data(struct early *early, bool image, struct fail *why)
{
	char device[80];
	int r = disk_find(early, "data", early->args.data, device, sizeof(device), why);

	if (r == 0)
		r = make_dir(SYSROOT, 0755, why);
	if (r == 0 && !image)
		r = make_dir(DATA_DIR, 0755, why);
	if (r == 0)
		r = data_mount(early, device, DATA_DIR, why);
	if (r < 0 || !image)
		return r;
	r = disk_finish_reset(early, why);
	return r < 0 ? r : disk_mount_state(early, why);
}

/* What cannot be opened is said, and left out. */
static void open_system(struct early *early, char *ret_disk, size_t size)
{
	struct fail why = { 0 };
	char device[80] = "";
	int r = disk_find(early, "system", early->args.system, device, sizeof(device), &why);
	bool image;

	ret_disk[0] = '\0';
	if (r == 0) {
		disk_of(device, ret_disk, size);
		r = sysroot_mount_image(early, device, &why);
	}
	image = !failed(r, &why);
	(void)failed(open_data(early, image, &why), &why);
	if (!image)
		return;
	(void)failed(join_kernel(&why), &why);
	take_hostname();
}

/* The new state is made by the next start: here the old one may be in use. */
static void begin_reset(void)
{
	struct fail why;
	int r;

	/* Where it could not be opened, the folder is one of the memory's. */
	if (is_mount_point(DATA_DIR))
		r = reset_begin(DATA_DIR, &why);
	else
		r = fail_with(&why, ENODEV,
			      "factory reset: nothing was reset, because the data partition is not "
			      "open; the lines above say why. Repair the disk, or install anew");
	if (!failed(r, &why))
		power_down(POWER_REBOOT);
}

static void pause_after_crash(struct early *early)
{
	const unsigned keys = HOTKEY_RESTART | HOTKEY_POWER_OFF;
	int64_t end = boot_clock_ms() + CRASH_PAUSE_S * INT64_C(1000);
	struct event event;

	notice_print(&early->notice, "The recovery menu ended unexpectedly and starts again.\n\n");
	hotkeys_print(early, keys);
	while (boot_clock_ms() < end) {
		events_wait(early, 200, &event);
		(void)hotkeys_take(early, &event, keys);
	}
}

int role_recovery(struct early *early, struct fail *why)
{
	static const char *const soon[] = { "dm_verity", "squashfs", "overlay", "ext4", "vfat" };
	static const char *const menu[] = { "/bin/palette-console",
					    "--shell",
					    "/usr/lib/palette/recovery-shell",
					    "--",
					    "palette-install",
					    "--recovery",
					    NULL };
	struct screens_children children = { 0 };
	char disk[80];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(soon); i++)
		modules_queue(&early->modules, soon[i]);
	notice_clear(&early->notice);
	notice_print(&early->notice, "Palette Edge %s recovery is starting from slot %c ...\n",
		     early->image.version, early->args.slot);
	if (efivars_mount(&early->modules, why) < 0)
		log_warn("%s", why->msg);
	open_system(early, disk, sizeof(disk));
	r = boot_conf_write(early, "disk", disk, why);
	if (r < 0)
		return r;
	for (;;) {
		switch (screens_run(early, &children, menu)) {
		case STATUS_REBOOT:
		case STATUS_RESTART:
			power_down(POWER_REBOOT);
		case STATUS_POWER_OFF:
			power_down(POWER_OFF);
		case STATUS_RESET:
			begin_reset();
			break;
		default:
			pause_after_crash(early);
		}
	}
}
