/* SPDX-License-Identifier: Apache-2.0 */
#include "settle.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hardware.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotonic.h"

#define DRIVERS_BUSY_PATH "/run/palette/drivers-starting"

/* From a root hub's start to its first device's name the kernel waits 250 ms for the plug to sit. */
#define QUIET_MS   500
#define USB_MAX_MS 10000
#define LOOK_MS	   20
/* A RAID controller's firmware takes its time; a driver that never ends is not waited for. */
#define DRIVERS_MAX_MS 60000

static const char *prefix(const char *root)
{
	return strcmp(root, "/") == 0 ? "" : root;
}

bool settle_drivers_start(const char *root)
{
	autofree char *path = xasprintf("%s" DRIVERS_BUSY_PATH, prefix(root));

	return access(path, F_OK) == 0;
}

/* The first entry of @dir that @pattern fits, as a path; NULL: none. Caller frees. */
static char *entry_of(const char *dir, const char *pattern)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	char *found = NULL;

	while (stream && !found && (entry = readdir(stream)))
		if (fnmatch(pattern, entry->d_name, 0) == 0)
			found = xasprintf("%s/%s", dir, entry->d_name);
	if (stream)
		closedir(stream);
	return found;
}

static bool is_there(const char *dir, const char *name)
{
	autofree char *path = xasprintf("%s/%s", dir, name);

	return access(path, F_OK) == 0;
}

/*
 * A storage interface: usb-storage asks a second after it came, then the disk may have to spin up. One
 * without a driver is nobody's; one with other things than disks (type 0) behind it is done.
 */
static bool storage_waits(const char *interface)
{
	autofree char *host = NULL, *target = NULL, *lun = NULL;
	autofree char *path = NULL;
	char type[16];

	if (!is_there(interface, "driver"))
		return false;
	host = entry_of(interface, "host*");
	target = host ? entry_of(host, "target*") : NULL;
	lun = target ? entry_of(target, "[0-9]*:*:*:*") : NULL;
	if (!lun)
		return true;
	path = xasprintf("%s/type", lun);
	return file_read_line(path, type, sizeof(type)) == 0 && strcmp(type, "0") == 0 &&
	       !is_there(lun, "block");
}

/* A hub's port whose device has come and has no configuration yet. */
static bool port_waits(const char *hub, char *ret, size_t size)
{
	static const char *const settled[] = { "not attached", "configured", "suspended" };
	DIR *stream = opendir(hub);
	struct dirent *entry;
	bool waits = false;

	while (stream && !waits && (entry = readdir(stream))) {
		autofree char *path = xasprintf("%s/%s/state", hub, entry->d_name);
		char state[32];

		if (!strstr(entry->d_name, "-port") ||
		    file_read_line(path, state, sizeof(state)) < 0)
			continue;
		waits = true;
		for (size_t i = 0; i < ARRAY_SIZE(settled); i++)
			waits &= strcmp(state, settled[i]) != 0;
		if (waits)
			snprintf(ret, size, "%s", entry->d_name);
	}
	if (stream)
		closedir(stream);
	return waits;
}

bool settle_usb_waits(const char *root, char *ret, size_t size)
{
	autofree char *dir = xasprintf("%s/sys/bus/usb/devices", prefix(root));
	DIR *stream = opendir(dir);
	struct dirent *entry;
	bool waits = false;

	while (stream && !waits && (entry = readdir(stream))) {
		autofree char *interface = xasprintf("%s/%s", dir, entry->d_name);
		autofree char *path = xasprintf("%s/bInterfaceClass", interface);
		char class[8];

		if (file_read_line(path, class, sizeof(class)) < 0)
			continue;
		if (strcmp(class, "09") == 0)
			waits = port_waits(interface, ret, size);
		if (strcmp(class, "08") == 0 && storage_waits(interface)) {
			snprintf(ret, size, "%s", entry->d_name);
			waits = true;
		}
	}
	if (stream)
		closedir(stream);
	return waits;
}

/* Changes with the disks and with the devices on USB. */
static uint64_t mark_of(const char *root)
{
	autofree char *dir = xasprintf("%s/sys/bus/usb/devices", prefix(root));
	uint64_t n = 0;
	DIR *stream = opendir(dir);

	while (stream && readdir(stream))
		n++;
	if (stream)
		closedir(stream);
	return hardware_disks_mark(root) + n;
}

void settle_wait(const char *root, char *ret, size_t size)
{
	const struct timespec moment = { .tv_nsec = LOOK_MS * 1000000L };
	uint64_t start = monotonic_ms(), still = start, now = start;
	uint64_t mark = mark_of(root);
	bool usb = true, drivers = true;

	while (now - still < QUIET_MS) {
		uint64_t now_mark;

		nanosleep(&moment, NULL);
		now = monotonic_ms();
		now_mark = mark_of(root);
		usb = settle_usb_waits(root, ret, size);
		drivers = settle_drivers_start(root);
		if (now_mark != mark || (usb && now - start < USB_MAX_MS) ||
		    (drivers && now - start < DRIVERS_MAX_MS))
			still = now;
		mark = now_mark;
		if (now - start >= DRIVERS_MAX_MS)
			break;
	}
	if (!usb)
		ret[0] = '\0';
	log_info("disks: settled after %ju ms%s%s%s", (uintmax_t)(now - start),
		 drivers ? ", drivers still starting" : "",
		 usb ? ", no answer from USB device " : "", usb ? ret : "");
}
