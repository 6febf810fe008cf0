/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"

#define NAME_MAX_BYTES 200

bool disk_link_is_known(const char *path)
{
	static const char *const places[] = { "/dev/disk/by-id/", "/dev/disk/by-path/",
					      "/dev/disk/by-diskseq/" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return true;
	return false;
}

/* udev writes names with '_' for what may not stand in a file name, and one for several. */
static bool same_name(const char *link, const char *name)
{
	while (*link && *name) {
		if (*name == ' ') {
			while (*name == ' ')
				name++;
			if (*name && *link++ != '_')
				return false;
			continue;
		}
		if (*link++ != *name++)
			return false;
	}
	return !*link && !*name;
}

/* "wwn-0x5000..." of "naa.5000...", "nvme-eui.0025..." of "eui.0025..." */
static bool is_wwn(const struct disk *disk, const char *id)
{
	if (strncmp(disk->wwn, "naa.", 4) == 0)
		return (strncmp(id, "wwn-0x", 6) == 0 && strcasecmp(id + 6, disk->wwn + 4) == 0) ||
		       (strncmp(id, "scsi-3", 6) == 0 && strcasecmp(id + 6, disk->wwn + 4) == 0);
	return disk->wwn[0] && strncmp(id, "nvme-", 5) == 0 && strcasecmp(id + 5, disk->wwn) == 0;
}

/*
 * "0QEMU_QEMU_HARDDISK_drive-scsi0", "SATA_MODEL_SERIAL", "1ATA_MODEL_SERIAL": the kind of identification
 * before it, and of an ATA disk's model what SCSI has room for, but in "1ATA".
 */
static bool is_scsi_id(const struct disk *disk, const char *name)
{
	char own[NAME_MAX_BYTES];

	if (*name && strchr("01S", *name))
		name++;
	snprintf(own, sizeof(own), "%s %s %s", disk->vendor, disk->model, disk->serial);
	if (same_name(name, own))
		return true;
	snprintf(own, sizeof(own), "%s %.16s %s", disk->vendor, disk->model, disk->serial);
	return same_name(name, own);
}

/* "ata-MODEL_SERIAL" and its like: the bus, then what the disk says of itself. */
static bool is_id(const struct disk *disk, const char *id)
{
	const char *name = strchr(id, '-');
	char own[NAME_MAX_BYTES];

	if (is_wwn(disk, id))
		return true;
	if (!name || !disk->serial[0])
		return false;
	name++;
	if (strncmp(id, "virtio-", 7) == 0)
		return strcmp(name, disk->serial) == 0;
	snprintf(own, sizeof(own), "%s %s", disk->model, disk->serial);
	if (same_name(name, own))
		return true;
	if (strncmp(id, "scsi-", 5) == 0)
		return is_scsi_id(disk, name);
	/* udev has NVMe disks with the namespace's number behind it too; without it, it is any of them. */
	if (strncmp(id, "nvme-", 5) == 0) {
		snprintf(own, sizeof(own), "%s %s %u", disk->model, disk->serial, disk->nsid);
		return disk->nsid && same_name(name, own);
	}
	/* USB has the vendor before it and the LUN behind it. */
	snprintf(own, sizeof(own), "%s %s %s", disk->vendor, disk->model, disk->serial);
	if (same_name(name, own))
		return true;
	snprintf(own, sizeof(own), "%s %s %s-0:0", disk->vendor, disk->model, disk->serial);
	return same_name(name, own);
}

/* udev has "-ata-1" beside "-ata-1.0". */
static bool is_at(const struct disk *disk, const char *name)
{
	size_t n = strlen(name);

	if (!disk->location[0] || strncmp(disk->location, name, n) != 0)
		return false;
	return !disk->location[n] ||
	       (strstr(name, "-ata-") && strcmp(disk->location + n, ".0") == 0);
}

bool disk_link_names(const struct disk *disk, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char seq[24];

	if (strncmp(path, "/dev/disk/by-path/", 18) == 0)
		return is_at(disk, name);
	snprintf(seq, sizeof(seq), "%" PRIu64, disk->diskseq);
	if (strncmp(path, "/dev/disk/by-diskseq/", 21) == 0)
		return disk->diskseq && strcmp(name, seq) == 0;
	if (strncmp(path, "/dev/disk/by-id/", 16) == 0)
		return is_id(disk, name);
	return strcmp(path, disk->path) == 0;
}

/* "ata", of "-ata-1.0"; empty where nothing is behind the PCI function. */
static size_t kind_bytes(const char *rest)
{
	return rest[0] == '-' ? strcspn(rest + 1, "-") + 1 : 0;
}

struct disk *disk_link_alone(const struct disks *disks, const char *path)
{
	static const char prefix[] = "/dev/disk/by-path/";
	struct disk *found = NULL;
	size_t n = strlen("pci-0000:00:00.0");
	const char *text;

	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return NULL;
	text = path + strlen(prefix);
	for (size_t i = 0; i < disks->n; i++) {
		const char *own = disks->items[i].location;

		if (strlen(own) < n || strncmp(own, text, n) != 0 ||
		    (text[n] != '\0' && text[n] != '-'))
			continue;
		if (kind_bytes(own + n) && kind_bytes(own + n) == kind_bytes(text + n) &&
		    strncmp(own + n, text + n, kind_bytes(own + n)) == 0)
			return NULL;
		if (found)
			return NULL;
		found = &disks->items[i];
	}
	return found;
}
