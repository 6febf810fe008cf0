/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "child.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "volume.h"

DEFINE_CLEANUP(blkid_probe, blkid_free_probe)

/* GPT in 512-byte sectors, whatever the device has: UEFI specification 5.3.3, entry 2 of 128 bytes. */
#define ESP_FIRST_LBA_OFFSET (1024 + 128 + 32)

/*
 * Whether the image goes on to its EFI partition, which is its last part. A disk that once held this
 * image, or only its beginning, still has the volume's name; the backup partition table behind it
 * says nothing, for UEFI firmware writes a missing one by itself.
 */
static bool has_last_part(int fd)
{
	unsigned char lba[8], mark[2];
	uint64_t first = 0;

	if (file_read_all(fd, lba, sizeof(lba), ESP_FIRST_LBA_OFFSET) < 0)
		return false;
	for (size_t i = sizeof(lba); i-- > 0;)
		first = first << 8 | lba[i];
	return first < UINT64_MAX / 1024 &&
	       file_read_all(fd, mark, sizeof(mark), first * 512 + 510) == 0 && mark[0] == 0x55 &&
	       mark[1] == 0xaa;
}

/* The image's own partition table has one that begins where the image does: the name, not the end. */
static bool is_partition(const char *device)
{
	char path[200];

	snprintf(path, sizeof(path), "/sys/class/block/%s/partition", device + strlen("/dev/"));
	return access(path, F_OK) == 0;
}

bool probe_medium(const char *device, const char *medium_id, char *ret_path, size_t size)
{
	unsigned char descriptor[VOLUME_DESCRIPTOR_BYTES];
	char id[VOLUME_SET_ID_BYTES + 1];
	autoclose int fd = is_partition(device) ? -1 : open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0 ||
	    file_read_all(fd, descriptor, sizeof(descriptor), VOLUME_DESCRIPTOR_OFFSET) < 0)
		return false;
	if (volume_set_id(descriptor, id, sizeof(id)) < 0 || strcasecmp(id, medium_id) != 0)
		return false;
	if (!has_last_part(fd))
		return false;
	snprintf(ret_path, size, "%s", device);
	return true;
}

/* The device node of a disk's partition; the kernel's names differ ("sda1", "nvme0n1p1"). */
static bool partition_path(const char *disk, int number, char *ret_path, size_t size)
{
	char path[600], value[16];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s", disk);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/block/%s/%s/partition", disk,
			 entry->d_name);
		found = file_read_line(path, value, sizeof(value)) == 0 &&
			strtol(value, NULL, 10) == number;
		if (found)
			snprintf(ret_path, size, "/dev/%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

bool probe_partuuid(const char *device, const char *partuuid, char *ret_path, size_t size)
{
	autoclean(blkid_probe) probe = blkid_new_probe_from_filename(device);
	blkid_partlist list;
	const char *uuid;

	if (!probe || blkid_probe_enable_superblocks(probe, 0) < 0 ||
	    blkid_probe_enable_partitions(probe, 1) < 0)
		return false;
	list = blkid_probe_get_partitions(probe);
	for (int i = 0; list && i < blkid_partlist_numof_partitions(list); i++) {
		blkid_partition part = blkid_partlist_get_partition(list, i);

		uuid = blkid_partition_get_uuid(part);
		if (uuid && strcasecmp(uuid, partuuid) == 0)
			return partition_path(device + strlen("/dev/"),
					      blkid_partition_get_partno(part), ret_path, size);
	}
	return false;
}

bool probe_fs_uuid(const char *device, const char *uuid, char *ret_path, size_t size)
{
	autoclean(blkid_probe) probe = blkid_new_probe_from_filename(device);
	const char *found;

	if (!probe || blkid_probe_enable_superblocks(probe, 1) < 0 ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_MAGIC) < 0 ||
	    blkid_do_safeprobe(probe) != 0 ||
	    blkid_probe_lookup_value(probe, "UUID", &found, NULL) < 0 ||
	    strcasecmp(found, uuid) != 0)
		return false;
	snprintf(ret_path, size, "%s", device);
	return true;
}

int probe_start(const char *name, const struct probe_kind *kind, int result_fd, struct fail *why)
{
	struct probe_result result = { .search = kind->search };
	char device[80];
	pid_t pid = fork();

	if (pid < 0)
		return fail_errno(why, errno, "start a look at %s", name);
	if (pid > 0)
		return 0;
	child_setup();
	snprintf(result.name, sizeof(result.name), "%s", name);
	snprintf(device, sizeof(device), "/dev/%s", name);
	result.found = kind->matches(device, kind->what, result.device, sizeof(result.device));
	/* Shorter than PIPE_BUF: results of several children do not mix. */
	_exit(write(result_fd, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}
