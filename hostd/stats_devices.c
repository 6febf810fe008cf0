/* SPDX-License-Identifier: Apache-2.0 */
/* Disks with their partitions and what is mounted of them, and GPUs. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <systemd/sd-hwdb.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mountinfo.h"
#include "lib/utf8.h"
#include "stats.h"

#define SECTOR_BYTES  UINT64_C(512) /* of sysfs, whatever the disk's */
#define CLASS_DISPLAY "0x03"

/* An attribute of sysfs without blanks around it; "" where there is none. */
static void read_text(const struct site *site, const char *directory, const char *name, char *buf,
		      size_t size)
{
	size_t skip, n;

	(void)file_read_line(site_pathf(site, "%s/%s", directory, name).s, buf, size);
	skip = strspn(buf, " ");
	memmove(buf, buf + skip, strlen(buf + skip) + 1);
	for (n = strlen(buf); n > 0 && buf[n - 1] == ' '; n--)
		buf[n - 1] = '\0';
	utf8_clean(buf);
}

static uint64_t read_number(const struct site *site, const char *directory, const char *name)
{
	char text[32];

	read_text(site, directory, name, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/*
 * Finds the mount of the device "MAJOR:MINOR" in @mounts, the text of mountinfo. One of the whole file
 * system goes before one of a folder of it, as /data before /var.
 */
static bool find_mount(const char *mounts, const char *device, struct stats_partition *ret)
{
	bool found = false;

	for (const char *line = mounts; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char dev[32], root[256], point[256], kind[32];
		const char *behind;

		if (sscanf(line, "%*u %*u %31s %255s %255s", dev, root, point) != 3 ||
		    strcmp(dev, device) != 0 || (found && strcmp(root, "/") != 0))
			continue;
		behind = strstr(line, " - ");
		if (!behind || sscanf(behind, " - %31s", kind) != 1)
			continue;
		mountinfo_unescape(point);
		memcpy(ret->mount, point, sizeof(point));
		memcpy(ret->filesystem, kind, sizeof(kind));
		found = true;
		if (strcmp(root, "/") == 0)
			break;
	}
	utf8_clean(ret->mount);
	return found;
}

static void read_use(const struct site *site, struct stats_partition *ret)
{
	struct statvfs fs;

	if (statvfs(site_path(site, ret->mount).s, &fs) < 0)
		return;
	ret->total_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
	ret->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	ret->used_bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
}

/* A mount of a mapping over the device: verity over a slot. */
static bool find_held_mount(const struct site *site, const char *directory, const char *mounts,
			    struct stats_partition *ret)
{
	char holders[200], held[512], device[32];
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(holders, sizeof(holders), "%.180s/holders", directory);
	dir = opendir(site_path(site, holders).s);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(held, sizeof(held), "%s/%s", holders, entry->d_name);
		read_text(site, held, "dev", device, sizeof(device));
		found = find_mount(mounts, device, ret);
	}
	closedir(dir);
	return found;
}

static void read_mount(const struct site *site, const char *directory, const char *mounts,
		       struct stats_partition *ret)
{
	char device[32];

	read_text(site, directory, "dev", device, sizeof(device));
	if (find_mount(mounts, device, ret) || find_held_mount(site, directory, mounts, ret))
		read_use(site, ret);
}

static void read_label(const struct site *site, const char *directory, char *buf, size_t size)
{
	static const char key[] = "PARTNAME=";
	autofree char *text = NULL;
	char path[256];
	const char *at;

	snprintf(path, sizeof(path), "%.240s/uevent", directory);
	if (site_read(site, path, &text, NULL) < 0 || !(at = strstr(text, key)))
		return;
	at += strlen(key);
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
	utf8_clean(buf);
}

static void add_partition(const struct site *site, const char *directory, const char *name,
			  const char *mounts, struct stats_disk *disk)
{
	struct stats_partition *part = &disk->partitions[disk->n_partitions];

	memset(part, 0, sizeof(*part));
	snprintf(part->name, sizeof(part->name), "%.31s", name);
	part->size_bytes = read_number(site, directory, "size") * SECTOR_BYTES;
	read_label(site, directory, part->label, sizeof(part->label));
	read_mount(site, directory, mounts, part);
	disk->n_partitions++;
}

/* By the number at the end: sda10 behind sda9. */
static int by_number(const void *a, const void *b)
{
	const struct stats_partition *x = a, *y = b;
	size_t n = strlen(x->name), m = strlen(y->name);

	return n != m ? (n > m) - (n < m) : strcmp(x->name, y->name);
}

static void read_partitions(const struct site *site, const char *directory, const char *mounts,
			    struct stats_disk *disk)
{
	DIR *dir = opendir(site_path(site, directory).s);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL && disk->n_partitions < STATS_PARTITIONS_MAX) {
		char path[400];

		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (access(site_pathf(site, "%s/partition", path).s, F_OK) == 0)
			add_partition(site, path, entry->d_name, mounts, disk);
	}
	if (dir)
		closedir(dir);
	qsort(disk->partitions, disk->n_partitions, sizeof(disk->partitions[0]), by_number);
	/* A file system on the disk itself. */
	if (disk->n_partitions == 0) {
		add_partition(site, directory, disk->name, mounts, disk);
		disk->n_partitions = disk->partitions[0].mount[0] != '\0';
	}
}

/* Page 0x80 of the SCSI inquiry: four bytes, then the serial number. */
static void read_inquiry_serial(const struct site *site, const char *directory, char *buf,
				size_t size)
{
	autofree char *page = NULL;
	size_t n = 0, from = 4;

	if (file_read(site_pathf(site, "%s/device/vpd_pg80", directory).s, 256, &page, &n, NULL) <
	    0)
		return;
	while (from < n && page[from] == ' ')
		from++;
	while (n > from && (page[n - 1] == ' ' || page[n - 1] == '\0'))
		n--;
	snprintf(buf, size, "%.*s", n > from ? (int)(n - from) : 0, page + (n > from ? from : 0));
	utf8_clean(buf);
}

static bool read_disk(const struct site *site, const char *name, const char *mounts,
		      struct stats_disk *ret)
{
	static const char *const no_disks[] = { "loop", "ram", "zram", "dm-", "sr", "fd", "nbd" };
	char directory[80];

	for (size_t i = 0; i < ARRAY_SIZE(no_disks); i++)
		if (strncmp(name, no_disks[i], strlen(no_disks[i])) == 0)
			return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "%.31s", name);
	snprintf(directory, sizeof(directory), "/sys/block/%s", ret->name);
	ret->size_bytes = read_number(site, directory, "size") * SECTOR_BYTES;
	if (ret->size_bytes == 0)
		return false;
	read_text(site, directory, "device/vendor", ret->vendor, sizeof(ret->vendor));
	read_text(site, directory, "device/model", ret->model, sizeof(ret->model));
	read_text(site, directory, "serial", ret->serial, sizeof(ret->serial));
	if (!ret->serial[0])
		read_text(site, directory, "device/serial", ret->serial, sizeof(ret->serial));
	if (!ret->serial[0])
		read_inquiry_serial(site, directory, ret->serial, sizeof(ret->serial));
	ret->rotational = read_number(site, directory, "queue/rotational") != 0;
	ret->removable = read_number(site, directory, "removable") != 0;
	read_partitions(site, directory, mounts, ret);
	return true;
}

static int by_disk_name(const void *a, const void *b)
{
	return strcmp(((const struct stats_disk *)a)->name, ((const struct stats_disk *)b)->name);
}

void stats_read_disks(const struct site *site, struct stats *ret)
{
	DIR *dir = opendir(site_path(site, "/sys/block").s);
	autofree char *mounts = NULL;
	const struct dirent *entry;

	(void)site_read(site, "/proc/self/mountinfo", &mounts, NULL);
	while (dir && (entry = readdir(dir)) != NULL && ret->n_disks < STATS_DISKS_MAX)
		if (entry->d_name[0] != '.')
			ret->n_disks +=
				read_disk(site, entry->d_name, mounts, &ret->disks[ret->n_disks]);
	if (dir)
		closedir(dir);
	qsort(ret->disks, ret->n_disks, sizeof(ret->disks[0]), by_disk_name);
}

/* From udev's database where the image has one; else the numbers. */
static void name_gpu(sd_hwdb *hwdb, const char *modalias, const char *vendor, const char *device,
		     struct stats_gpu *ret)
{
	const char *name;

	snprintf(ret->vendor, sizeof(ret->vendor), "%.63s", vendor);
	snprintf(ret->model, sizeof(ret->model), "%.127s", device);
	if (hwdb && sd_hwdb_get(hwdb, modalias, "ID_VENDOR_FROM_DATABASE", &name) >= 0)
		snprintf(ret->vendor, sizeof(ret->vendor), "%.63s", name);
	if (hwdb && sd_hwdb_get(hwdb, modalias, "ID_MODEL_FROM_DATABASE", &name) >= 0)
		snprintf(ret->model, sizeof(ret->model), "%.127s", name);
	utf8_clean(ret->vendor);
	utf8_clean(ret->model);
}

static bool read_gpu(const struct site *site, const char *address, sd_hwdb **hwdb,
		     struct stats_gpu *ret)
{
	char directory[80], text[32], vendor[16], device[16], modalias[128], link[PATH_MAX];
	ssize_t n;

	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%.31s", address);
	read_text(site, directory, "class", text, sizeof(text));
	if (strncmp(text, CLASS_DISPLAY, strlen(CLASS_DISPLAY)) != 0)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->address, sizeof(ret->address), "%.31s", address);
	read_text(site, directory, "vendor", vendor, sizeof(vendor));
	read_text(site, directory, "device", device, sizeof(device));
	read_text(site, directory, "modalias", modalias, sizeof(modalias));
	n = readlink(site_pathf(site, "%s/driver", directory).s, link, sizeof(link) - 1);
	if (n > 0) {
		link[n] = '\0';
		snprintf(ret->driver, sizeof(ret->driver), "%.31s",
			 strrchr(link, '/') ? strrchr(link, '/') + 1 : link);
	}
	if (!*hwdb)
		(void)sd_hwdb_new(hwdb);
	name_gpu(*hwdb, modalias, vendor, device, ret);
	return true;
}

void stats_read_gpus(const struct site *site, struct stats *ret)
{
	DIR *dir = opendir(site_path(site, "/sys/bus/pci/devices").s);
	const struct dirent *entry;
	sd_hwdb *hwdb = NULL;

	while (dir && (entry = readdir(dir)) != NULL && ret->n_gpus < STATS_GPUS_MAX)
		if (entry->d_name[0] != '.')
			ret->n_gpus +=
				read_gpu(site, entry->d_name, &hwdb, &ret->gpus[ret->n_gpus]);
	if (dir)
		closedir(dir);
	sd_hwdb_unref(hwdb);
}
