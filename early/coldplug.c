/* SPDX-License-Identifier: Apache-2.0 */
#include "coldplug.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/file.h"

/* Disks and keyboards hang on these; their drivers are worth starting first. */
static const char *const first[] = { "pci", "virtio", "vmbus", "xen", "usb", "scsi" };

static bool is_first(const char *bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		if (strcmp(first[i], bus) == 0)
			return true;
	}
	return false;
}

/*
 * /sys/bus has every device that can have a driver, some hundred; a walk over all of /sys/devices
 * would open some thousand folders for the same answer.
 */
static void coldplug_bus(const char *sys, const char *bus, struct modules *modules)
{
	char path[600], alias[1024];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s/bus/%s/devices", sys, bus);
	autoclosedir DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/bus/%s/devices/%s/modalias", sys, bus,
			 entry->d_name);
		if (file_read_line(path, alias, sizeof(alias)) == 0 && alias[0])
			modules_queue(modules, alias);
	}
}

void coldplug(const char *sys, struct modules *modules)
{
	char path[256];
	struct dirent *entry;

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		coldplug_bus(sys, first[i], modules);
	snprintf(path, sizeof(path), "%s/bus", sys);
	autoclosedir DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && !is_first(entry->d_name))
			coldplug_bus(sys, entry->d_name, modules);
	}
}
