/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/dmi.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "manifest.h"
#include "probe_content.h"
#include "probe_medium.h"
#include "probe_mounts.h"
#include "probe_sysfs.h"

/* What all disks of one look at the machine share. */
struct probe {
	const char *root; /* "" for "/" */
	struct probe_hits hits;
	struct probe_mounts mounts;
	char medium_id[17]; /* of a medium that was copied into memory; empty: it is on a device */
};

/* The volume set id of an ISO 9660 file system: where it is and how long. */
#define ISO_VOLUME_SET_OFFSET (16 * 2048 + 190)
#define ISO_VOLUME_SET_BYTES  128

/*
 * A medium in memory still has the stick it came from, which must not be written to either. Its id is
 * that of the volume, which is not the manifest's where palette-iso made it.
 */
static void find_medium_id(const char *source, char ret[17])
{
	autofree char *path = xasprintf("%s/palette", source);
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "id-%16[0-9a-f]", ret) == 1)
			break;
	if (dir)
		closedir(dir);
}

static bool has_medium_id(const char *path, const char *medium_id)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char id[ISO_VOLUME_SET_BYTES];

	return fd >= 0 && file_read_all(fd, id, sizeof(id), ISO_VOLUME_SET_OFFSET) == 0 &&
	       strncmp(id, medium_id, strlen(medium_id)) == 0;
}

static void probe_begin(const struct probe_options *options, struct probe *ret)
{
	*ret = (struct probe){ .root = strcmp(options->root, "/") ? options->root : "" };
	if (options->source)
		probe_medium_find(options->root, options->source, &ret->hits);
	if (options->source && !ret->hits.on_device)
		find_medium_id(options->source, ret->medium_id);
	probe_mounts_read(options->root, &ret->mounts);
}

static void probe_end(struct probe *probe)
{
	probe_mounts_done(&probe->mounts);
}

static void add_use(struct disk *disk, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add_use(struct disk *disk, const char *fmt, ...)
{
	size_t used = strlen(disk->use);
	va_list args;

	if (used + 2 < sizeof(disk->use) && used > 0)
		used += (size_t)snprintf(disk->use + used, sizeof(disk->use) - used, ", ");
	va_start(args, fmt);
	vsnprintf(disk->use + used, sizeof(disk->use) - used, fmt, args);
	va_end(args);
}

/* Who uses the device @name, a disk or one of its partitions, whose directory is @dir? */
static void find_use_of(const struct probe *probe, const char *dir, const char *name,
			struct disk *disk)
{
	autofree char *dev_path = xasprintf("%s/dev", dir);
	autofree char *holders = xasprintf("%s/holders", dir);
	autofree char *node = xasprintf("/dev/%s", name);
	struct dirent *entry;
	char dev[24];
	DIR *list;

	(void)file_read_line(dev_path, dev, sizeof(dev));
	for (size_t i = 0; i < probe->mounts.n_mounts; i++) {
		const struct probe_mount *mount = &probe->mounts.mounts[i];

		/* btrfs has a number of its own, but names its device. */
		if (strcmp(mount->dev, dev) == 0 || strcmp(mount->source, node) == 0)
			add_use(disk, "%s is mounted on %s", name, mount->point);
	}
	for (size_t i = 0; i < probe->mounts.n_swaps; i++) {
		if (strcmp(probe->mounts.swaps[i].source, node) == 0)
			add_use(disk, "%s is swap", name);
	}
	list = opendir(holders);
	while (list && (entry = readdir(list))) {
		if (entry->d_name[0] != '.')
			add_use(disk, "%s is held by %s", name, entry->d_name);
	}
	if (list)
		closedir(list);
}

static void find_use(const struct probe *probe, const char *dir, struct disk *disk)
{
	struct dirent **entries = NULL;
	int n;

	find_use_of(probe, dir, disk->name, disk);
	n = scandir(dir, &entries, NULL, versionsort);
	for (int i = 0; i < n; i++) {
		autofree char *part = xasprintf("%s/%s", dir, entries[i]->d_name);
		autofree char *number = xasprintf("%s/partition", part);

		if (access(number, F_OK) == 0)
			find_use_of(probe, part, entries[i]->d_name, disk);
		free(entries[i]);
	}
	free(entries);
}

/* Only what may be a target is opened: a CD drive would start to spin. */
static void find_content(const struct probe *probe, struct disk *disk)
{
	autofree char *path = probe->root[0] ? xasprintf("%s/heads/%s.img", probe->root, disk->name)
					     : xstrdup(disk->path);

	if (disk->size_bytes == 0 || disk->kind != DISK_KIND_DISK)
		return;
	probe_content(path, disk->logical_bytes, disk->content, sizeof(disk->content));
	if (probe->medium_id[0] && !disk->medium[0] && has_medium_id(path, probe->medium_id))
		snprintf(disk->medium, sizeof(disk->medium), "copied to memory from it");
}

static void look_at(const struct probe *probe, const char *dir, struct disk *ret)
{
	const struct probe_hit *hit;

	probe_sysfs_disk(probe->root, dir, ret);
	hit = probe_medium_hit(&probe->hits, ret->name);
	if (hit)
		snprintf(ret->medium, sizeof(ret->medium), "%s", hit->how);
	find_use(probe, dir, ret);
	find_content(probe, ret);
}

/* sda before sdb before sdaa, nvme2n1 before nvme10n1. */
static int compare_disks(const void *a, const void *b)
{
	const char *left = ((const struct disk *)a)->name, *right = ((const struct disk *)b)->name;
	size_t n_left = strlen(left), n_right = strlen(right);
	bool letters = !strpbrk(left, "0123456789") && !strpbrk(right, "0123456789");

	if (letters && left[0] == right[0] && n_left != n_right)
		return n_left < n_right ? -1 : 1;
	return strverscmp(left, right);
}

/* The kernel keeps names for devices that nobody has made: /dev/loop0 to 7, /dev/nbd0 to 15. */
static bool is_unused_name(const struct disk *disk)
{
	return disk->size_bytes == 0 &&
	       (disk->kind == DISK_KIND_LOOP || disk->kind == DISK_KIND_NBD ||
		disk->kind == DISK_KIND_RAM || disk->kind == DISK_KIND_ZRAM);
}

int probe_disks(const struct probe_options *options, struct disks *ret, struct fail *why)
{
	autofree char *list_path =
		xasprintf("%s/sys/block", strcmp(options->root, "/") ? options->root : "");
	struct disks disks = { 0 };
	struct dirent *entry;
	struct probe probe;
	DIR *list;

	list = opendir(list_path);
	if (!list)
		return fail_errno(why, errno, "look for disks in %s", list_path);
	probe_begin(options, &probe);
	while ((entry = readdir(list))) {
		autofree char *link = xasprintf("%s/%s", list_path, entry->d_name);
		struct disk *grown;
		char dir[PATH_MAX];

		if (entry->d_name[0] == '.' || !realpath(link, dir))
			continue;
		grown = realloc(disks.items, (disks.n + 1) * sizeof(*grown));
		if (!grown)
			abort(); /* as xmalloc() */
		disks.items = grown;
		look_at(&probe, dir, &disks.items[disks.n]);
		disks.n += !is_unused_name(&disks.items[disks.n]);
	}
	closedir(list);
	probe_end(&probe);
	if (disks.n > 0)
		qsort(disks.items, disks.n, sizeof(*disks.items), compare_disks);
	*ret = disks;
	return 0;
}

/* Which loop device has the file @path attached? */
static void find_loop(const char *path, struct disk *disk)
{
	DIR *list = opendir("/sys/block");
	struct dirent *entry;
	char real[PATH_MAX];

	while (list && realpath(path, real) && (entry = readdir(list))) {
		autofree char *backing =
			xasprintf("/sys/block/%s/loop/backing_file", entry->d_name);
		char file[PATH_MAX];

		if (file_read_line(backing, file, sizeof(file)) == 0 && strcmp(file, real) == 0)
			add_use(disk, "it is attached to %s", entry->d_name);
	}
	if (list)
		closedir(list);
}

static void look_at_file(const char *path, uint64_t bytes, struct disk *ret)
{
	*ret = (struct disk){
		.kind = DISK_KIND_FILE,
		.transport = DISK_TRANSPORT_FILE,
		.size_bytes = bytes,
		.logical_bytes = 512,
		.physical_bytes = 4096,
	};
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	find_loop(path, ret);
	probe_content(path, ret->logical_bytes, ret->content, sizeof(ret->content));
}

static int look_at_node(const struct probe_options *options, const char *link, const char *path,
			struct disk *ret, struct fail *why)
{
	char dir[PATH_MAX];
	autofree char *partition = NULL;
	struct probe probe;

	if (!realpath(link, dir))
		return fail_errno(why, errno, "look for %s in sysfs", path);
	partition = xasprintf("%s/partition", dir);
	if (access(partition, F_OK) == 0) {
		*strrchr(dir, '/') = '\0';
		return fail_with(
			why, EINVAL,
			"%s is a partition; the system needs a whole disk, such as /dev/%s", path,
			strrchr(dir, '/') + 1);
	}
	probe_begin(options, &probe);
	look_at(&probe, dir, ret);
	/* Named by path, these are what the person means; a list never offers them. */
	if (ret->kind == DISK_KIND_LOOP || ret->kind == DISK_KIND_NBD) {
		ret->kind = DISK_KIND_DISK;
		find_content(&probe, ret);
	}
	probe_end(&probe);
	return 0;
}

int probe_target(const struct probe_options *options, const char *path, struct disk *ret,
		 struct fail *why)
{
	autofree char *link = NULL;
	struct stat st;

	if (strlen(path) >= sizeof(ret->path))
		return fail_with(why, ENAMETOOLONG, "the path %.40s... is too long", path);
	if (strcmp(options->root, "/") != 0 && strncmp(path, "/dev/", 5) == 0) {
		link = xasprintf("%s/sys/class/block/%s", options->root, path + 5);
		return look_at_node(options, link, path, ret, why);
	}
	if (stat(path, &st) < 0)
		return fail_errno(why, errno, "look at %s", path);
	if (S_ISREG(st.st_mode)) {
		look_at_file(path, (uint64_t)st.st_size, ret);
		return 0;
	}
	if (!S_ISBLK(st.st_mode))
		return fail_with(why, EINVAL, "%s is neither a disk nor a plain file", path);
	link = xasprintf("/sys/dev/block/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return look_at_node(options, link, path, ret, why);
}

static void read_clean(const char *root, const char *path, char *buf, size_t size)
{
	autofree char *full = xasprintf("%s%s", root, path);
	char line[256];

	(void)file_read_line(full, line, sizeof(line));
	probe_sysfs_clean(line, buf, size);
}

static bool is_virtual(const char *prefix)
{
	autofree char *path = xasprintf("%s/proc/cpuinfo", prefix);
	autofree char *text = NULL;

	/* The first processor's flags are enough; a large machine has hundreds of kilobytes. */
	return file_read(path, 4 * MIB, &text, NULL, NULL) == 0 && strstr(text, " hypervisor");
}

void probe_machine(const char *root, struct machine *ret)
{
	static const char secure_boot[] =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	const char *prefix = strcmp(root, "/") ? root : "";
	autofree char *efi = xasprintf("%s/sys/firmware/efi", prefix);
	autofree char *variable = xasprintf("%s%s", prefix, secure_boot);
	autofree char *value = NULL;
	size_t bytes;

	*ret = (struct machine){ 0 };
	read_clean(prefix, "/sys/class/dmi/id/sys_vendor", ret->vendor, sizeof(ret->vendor));
	read_clean(prefix, "/sys/class/dmi/id/product_name", ret->model, sizeof(ret->model));
	read_clean(prefix, "/sys/class/dmi/id/product_serial", ret->serial, sizeof(ret->serial));
	if (dmi_is_filler(ret->vendor))
		ret->vendor[0] = '\0';
	if (dmi_is_filler(ret->model))
		ret->model[0] = '\0';
	if (dmi_is_filler(ret->serial))
		ret->serial[0] = '\0';
	ret->uefi = access(efi, F_OK) == 0;
	ret->virtual_machine = is_virtual(prefix);
	/* Four bytes of attributes, then the value. */
	if (ret->uefi && file_read(variable, 16, &value, &bytes, NULL) == 0 && bytes == 5)
		ret->secure_boot = value[4] == 1;
}
