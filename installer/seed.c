/* SPDX-License-Identifier: Apache-2.0 */
#include "seed.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "fat.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "probe_mounts.h"

DEFINE_CLEANUP(blkid_probe, blkid_free_probe)

#define MOUNT_DIR "/run/palette/seed"

const char *seed_title(const struct seed *seed, char *buf, size_t size)
{
	snprintf(buf, size, "%s (%s)", seed->device, seed->label);
	return buf;
}

/* FAT labels are upper case, and one character shorter than our name. */
static bool is_seed_label(const char *label, bool *user_data)
{
	*user_data = strcasecmp(label, "cidata") == 0;
	return *user_data || strcmp(label, "PALETTE_SEED") == 0 ||
	       strcmp(label, "PALETTESEED") == 0;
}

static bool probe_value(blkid_probe probe, const char *name, char *buf, size_t size)
{
	const char *value = NULL;

	if (blkid_probe_lookup_value(probe, name, &value, NULL) < 0 || !value)
		return false;
	snprintf(buf, size, "%s", value);
	return true;
}

static bool is_fat(const struct seed *seed)
{
	return strcmp(seed->type, "vfat") == 0;
}

static bool look_at(const char *path, struct seed *ret)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	autoclean(blkid_probe) probe = blkid_new_probe();
	/*
	 * Those that are read, and those that a person may have on a stick. Looking for each of the
	 * hundred there are costs a tenth of a second before the first screen.
	 */
	static char vfat[] = "vfat", iso9660[] = "iso9660", exfat[] = "exfat", ntfs[] = "ntfs",
		    ext4[] = "ext4";
	char *types[] = { vfat, iso9660, exfat, ntfs, ext4, NULL };

	*ret = (struct seed){ 0 };
	if (fd < 0 || !probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return false;
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
	(void)blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN, types);
	if (blkid_do_safeprobe(probe) != 0 ||
	    !probe_value(probe, "TYPE", ret->type, sizeof(ret->type)) ||
	    !probe_value(probe, "LABEL", ret->label, sizeof(ret->label)) ||
	    !is_seed_label(ret->label, &ret->user_data))
		return false;
	snprintf(ret->device, sizeof(ret->device), "%s", path);
	return true;
}

/* The disk of the block device @name: itself, or the one it is a partition of. */
static void disk_of(const char *name, char *buf, size_t size)
{
	autofree char *link = xasprintf("/sys/class/block/%s", name);
	autofree char *number = xasprintf("/sys/class/block/%s/partition", name);
	char dir[PATH_MAX];

	snprintf(buf, size, "%s", name);
	if (access(number, F_OK) < 0 || !realpath(link, dir))
		return;
	*strrchr(dir, '/') = '\0';
	snprintf(buf, size, "%s", strrchr(dir, '/') + 1);
}

static int two(const struct seed *a, const struct seed *b, struct fail *why)
{
	char first[120], second[120];

	return fail_with(
		why, ENOTUNIQ, "there are two media with answers, %s and %s: remove one of them",
		seed_title(a, first, sizeof(first)), seed_title(b, second, sizeof(second)));
}

/* A hybrid ISO on a stick is seen on the disk and on a partition that begins with it: one medium. */
static int take(struct seed *ret, const struct seed *found, struct fail *why)
{
	char title[120];
	bool first = !ret->device[0];
	bool same = !first && !ret->directory && !found->directory &&
		    strcmp(ret->disk, found->disk) == 0 && strcmp(ret->label, found->label) == 0;

	if (!found->directory && !is_fat(found) && strcmp(found->type, "iso9660") != 0)
		return fail_with(
			why, EMEDIUMTYPE,
			"the file system of %s is %s: answers are read from FAT and ISO 9660; "
			"copy them to such a medium, or remove it",
			seed_title(found, title, sizeof(title)), found->type);
	if (!first && !same)
		return two(ret, found, why);
	if (first || strlen(found->device) < strlen(ret->device))
		*ret = *found;
	return 0;
}

/* Those that nobody puts answers on, and whose reading takes time or memory. */
static bool is_skipped(const char *name)
{
	static const char *const prefixes[] = { "ram", "zram", "loop", "dm-", "md", "fd", "nbd" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return name[0] == '.';
}

static int find_devices(struct seed *ret, struct fail *why)
{
	struct dirent **entries = NULL;
	int n = scandir("/sys/class/block", &entries, NULL, versionsort), r = 0;

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		autofree char *path = xasprintf("/dev/%s", name);
		struct seed found;

		if (r == 0 && !is_skipped(name) && look_at(path, &found)) {
			disk_of(name, found.disk, sizeof(found.disk));
			r = take(ret, &found, why);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* A directory may be what a disk is mounted on. */
static void disk_below(const char *root, const char *dir, char *buf, size_t size)
{
	__attribute__((cleanup(probe_mounts_done))) struct probe_mounts mounts;
	const struct probe_mount *mount;

	probe_mounts_read(root, &mounts);
	mount = probe_mounts_of(&mounts, dir);
	if (mount && strcmp(mount->point, dir) == 0 && strncmp(mount->source, "/dev/", 5) == 0)
		disk_of(mount->source + 5, buf, size);
}

int seed_find(const char *root, const char *const directories[], size_t n_directories,
	      struct seed *ret, struct fail *why)
{
	int r = 0;

	*ret = (struct seed){ 0 };
	for (size_t i = 0; i < n_directories && r == 0; i++) {
		size_t n = strcspn(directories[i], ":");
		struct seed found = { .directory = true };

		snprintf(found.label, sizeof(found.label), "%.*s", (int)n, directories[i]);
		snprintf(found.device, sizeof(found.device), "%s",
			 directories[i][n] ? directories[i] + n + 1 : "");
		if (!is_seed_label(found.label, &found.user_data) || !found.device[0])
			return fail_with(why, EINVAL, "\"%.80s\" is not LABEL:DIRECTORY",
					 directories[i]);
		disk_below(root, found.device, found.disk, sizeof(found.disk));
		r = take(ret, &found, why);
	}
	if (r == 0 && strcmp(root, "/") == 0)
		r = find_devices(ret, why);
	return r;
}

/* How a file of the medium is read; @where: a folder, or mtools' name of the file system. */
typedef int (*read_file)(const char *where, const char *name, char **ret, size_t *ret_bytes,
			 struct fail *why);

static int read_in_folder(const char *where, const char *name, char **ret, size_t *ret_bytes,
			  struct fail *why)
{
	autofree char *path = xasprintf("%s/%s", where, name);

	return file_read(path, ANSWERS_BYTES_MAX, ret, ret_bytes, why);
}

static int read_in_fat(const char *where, const char *name, char **ret, size_t *ret_bytes,
		       struct fail *why)
{
	return fat_get(where, name, ANSWERS_BYTES_MAX, (uint8_t **)ret, ret_bytes, why);
}

static bool has_file(read_file read, const char *where, const char *name)
{
	autofree char *text = NULL;
	size_t bytes = 0;
	int r = read(where, name, &text, &bytes, NULL);

	return r == -EFBIG || (r == 0 && bytes > 0);
}

static int read_all(const struct seed *seed, read_file read, const char *where,
		    struct seed_files *ret, struct fail *why)
{
	int r = read(where, seed->user_data ? "user-data" : "answers.conf", &ret->text, &ret->bytes,
		     why);

	if (r < 0 || !seed->user_data)
		return r;
	ret->network = has_file(read, where, "network-config");
	ret->vendor = has_file(read, where, "vendor-data");
	r = read(where, "meta-data", &ret->meta, &ret->meta_bytes, why);
	/* It need not be there; mtools does not tell that from what it cannot read. */
	return r == -ENOENT || (is_fat(seed) && r != -EFBIG && r < 0) ? 0 : r;
}

static int read_iso(const struct seed *seed, struct seed_files *ret, struct fail *why)
{
	int r;

	(void)mkdir(MOUNT_DIR, 0700);
	if (mount(seed->device, MOUNT_DIR, "iso9660", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  NULL) < 0)
		return fail_errno(why, errno, "mount %s", seed->device);
	r = read_all(seed, read_in_folder, MOUNT_DIR, ret, why);
	if (umount(MOUNT_DIR) < 0)
		log_warn("unmount %s: %s", MOUNT_DIR, strerror(errno));
	return r;
}

int seed_read(const struct seed *seed, struct seed_files *ret, struct fail *why)
{
	char title[120], image[FAT_IMAGE_BYTES];
	int r;

	*ret = (struct seed_files){ 0 };
	if (seed->directory)
		r = read_all(seed, read_in_folder, seed->device, ret, why);
	else if (is_fat(seed))
		r = read_all(seed, read_in_fat, fat_image(seed->device, 0, image), ret, why);
	else
		r = read_iso(seed, ret, why);
	if (r < 0)
		seed_files_done(ret);
	if (r < 0 && why)
		fail_wrap(why, "the medium with answers, %s",
			  seed_title(seed, title, sizeof(title)));
	return r;
}

static void forget(char *text, size_t bytes)
{
	if (text)
		explicit_bzero(text, bytes);
	free(text);
}

void seed_files_done(struct seed_files *files)
{
	forget(files->text, files->bytes);
	forget(files->meta, files->meta_bytes);
	*files = (struct seed_files){ 0 };
}

int seed_write(const struct seed *seed, const char *name, const void *data, size_t bytes,
	       struct fail *why)
{
	autofree char *path = xasprintf("%s/%s", seed->device, name);
	char image[FAT_IMAGE_BYTES];

	if (seed->directory)
		return file_write_atomic(path, data, bytes, 0644, why);
	if (!is_fat(seed))
		return fail_with(why, EROFS, "%s cannot be written to", seed->device);
	return fat_put(fat_image(seed->device, 0, image), data, bytes, name, why);
}
