/* SPDX-License-Identifier: Apache-2.0 */
#include "medium.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "boot_conf.h"
#include "hotkeys.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "loopdev.h"
#include "mounts.h"
#include "search.h"

/* Empty drives are asked every two seconds whether a disc has been put in. */
#define POLL_PATH "/sys/module/block/parameters/events_dfl_poll_msecs"

/* The file system with the ISO, read-only: without even its journal's replay. */
static int mount_iso_disk(struct early *early, const char *device, struct fail *why)
{
	static const struct {
		const char *type, *options;
	} kinds[] = { { "ext4", "noload" }, { "vfat", NULL } };
	const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int r = make_dir(ISO_DISK_DIR, 0755, why);

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++) {
		struct fail tried;

		if (modules_load(&early->modules, kinds[i].type, &tried) == 0 &&
		    mount_at(device, ISO_DISK_DIR, kinds[i].type, flags, kinds[i].options,
			     &tried) == 0)
			return 0;
	}
	return r < 0 ? r
		     : fail_with(why, EINVAL,
				 "%s, which should have the ISO file %s, cannot be mounted as ext4 "
				 "or "
				 "FAT",
				 device, early->args.iso_path);
}

/* The ISO as a file (loopback.cfg): the disk with it first, then a loop device of it. */
static int find_iso_file(struct early *early, char *ret_device, size_t size, struct fail *why)
{
	char title[400], file[400], disk[80], found[80];
	struct search search = {
		.kind = { probe_fs_uuid, early->args.iso_uuid },
		.title = title,
		.advice = "The boot menu names a file on that file system as the installation "
			  "medium.",
		.keys = HOTKEY_ALL,
	};
	int r;

	snprintf(title, sizeof(title), "Looking for the file system %s with %s ...",
		 early->args.iso_uuid, early->args.iso_path);
	r = search_device(early, &search, disk, sizeof(disk), why);
	if (r == 0)
		r = mount_iso_disk(early, disk, why);
	if (r == 0)
		r = modules_load(&early->modules, "loop", why);
	snprintf(file, sizeof(file), "%s%s", ISO_DISK_DIR, early->args.iso_path);
	if (r == 0)
		r = loopdev_open(file, 512, ret_device, size, why);
	if (r == 0 && !probe_medium(ret_device, early->args.medium, found, sizeof(found)))
		r = fail_with(why, EINVAL, "%s on %s is not the medium %s", early->args.iso_path,
			      disk, early->args.medium);
	return r;
}

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
	bool as_file = early->args.iso_uuid[0];
	int r;

	snprintf(title, sizeof(title), "Looking for the installation medium %s ...",
		 early->args.medium);
	(void)write_attribute(POLL_PATH, "2000");
	modules_queue(&early->modules, "isofs");
	r = make_dir(MEDIUM_DIR, 0755, why);
	/* A medium that fails right after it was found is looked for again; a file is where it is. */
	while (r == 0) {
		r = as_file ? find_iso_file(early, device, sizeof(device), why)
			    : search_device(early, &search, device, sizeof(device), why);
		if (r == 0)
			r = modules_load(&early->modules, "isofs", why);
		if (r < 0)
			return r;
		r = mount_at(device, MEDIUM_DIR, "iso9660",
			     MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, why);
		if (r == 0)
			return boot_conf_write(early, "medium-device", device, why);
		if (as_file)
			return r;
		log_warn("%s", why->msg);
		notice_print(&early->notice, "%s\n", why->msg);
		r = 0;
	}
	return r;
}
