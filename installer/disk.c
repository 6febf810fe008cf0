/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/size.h"

void disks_done(struct disks *disks)
{
	free(disks->items);
	*disks = (struct disks){ 0 };
}

/* Why a kind of block device is no target; NULL: it is one. */
static const char *const kind_reasons[] = {
	[DISK_KIND_DISK] = NULL,
	[DISK_KIND_FILE] = NULL,
	[DISK_KIND_CD] = "a CD or DVD drive",
	[DISK_KIND_LOOP] = "a loop device: a file, not a disk",
	[DISK_KIND_RAM] = "memory, not a disk",
	[DISK_KIND_ZRAM] = "compressed memory, not a disk",
	[DISK_KIND_DM] = "a device-mapper volume that lies on other disks",
	[DISK_KIND_MD] = "a software RAID that lies on other disks",
	[DISK_KIND_FLOPPY] = "a floppy drive",
	[DISK_KIND_NBD] = "a network block device",
	[DISK_KIND_NVME_PATH] = "one path of a multipath NVMe disk, which is listed on its own",
	[DISK_KIND_EMMC_BOOT] = "a boot or extra area of an eMMC, not the disk itself",
	[DISK_KIND_ZONED] = "a zoned disk (host-managed SMR), which must be written in order",
	[DISK_KIND_VIRTUAL] = "a virtual device that the kernel makes of something else",
};

static const char *const transport_names[] = {
	[DISK_TRANSPORT_UNKNOWN] = "-",	    [DISK_TRANSPORT_SATA] = "SATA",
	[DISK_TRANSPORT_IDE] = "IDE",	    [DISK_TRANSPORT_SAS] = "SAS",
	[DISK_TRANSPORT_SCSI] = "SCSI",	    [DISK_TRANSPORT_RAID] = "RAID",
	[DISK_TRANSPORT_NVME] = "NVMe",	    [DISK_TRANSPORT_VIRTIO] = "virtio",
	[DISK_TRANSPORT_USB] = "USB",	    [DISK_TRANSPORT_MMC] = "MMC",
	[DISK_TRANSPORT_FC] = "FC",	    [DISK_TRANSPORT_ISCSI] = "iSCSI",
	[DISK_TRANSPORT_HYPERV] = "HyperV", [DISK_TRANSPORT_XEN] = "Xen",
	[DISK_TRANSPORT_FILE] = "file",
};

static bool exclude(struct disk *disk, enum disk_excluded why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool exclude(struct disk *disk, enum disk_excluded why, const char *fmt, ...)
{
	va_list args;

	disk->excluded = why;
	va_start(args, fmt);
	vsnprintf(disk->reason, sizeof(disk->reason), fmt, args);
	va_end(args);
	return false;
}

bool disk_judge(struct disk *disk, const struct disk_rules *rules)
{
	const char *kind = kind_reasons[disk->kind];

	if (disk->medium[0])
		return exclude(disk, DISK_EXCLUDED_MEDIUM, "this installation is read from it (%s)",
			       disk->medium);
	if (rules->answers && strcmp(disk->name, rules->answers) == 0)
		return exclude(disk, DISK_EXCLUDED_ANSWERS, "the answers are read from it");
	if (kind)
		return exclude(disk, DISK_EXCLUDED_KIND, "%s", kind);
	if (disk->size_bytes == 0)
		return exclude(disk, DISK_EXCLUDED_NO_SIZE, "it has no size: %s",
			       disk->removable
				       ? "an empty slot of a card reader or of virtual media"
				       : "it does not answer, or its sectors are not of 512 "
					 "or 4096 bytes");
	if (disk->read_only)
		return exclude(disk, DISK_EXCLUDED_READ_ONLY, "it is read-only");
	if (disk->use[0])
		return exclude(disk, DISK_EXCLUDED_IN_USE, "it is in use: %s", disk->use);
	if (disk->logical_bytes != 512 && disk->logical_bytes != 4096)
		return exclude(disk, DISK_EXCLUDED_SECTOR_SIZE,
			       "it has %u-byte sectors; 512 and 4096 are supported",
			       disk->logical_bytes);
	if (rules->bios && disk->logical_bytes == 4096 && disk->kind != DISK_KIND_FILE)
		return exclude(disk, DISK_EXCLUDED_SECTOR_SIZE,
			       "it has 4096-byte sectors, which legacy BIOS cannot start; "
			       "switch the firmware to UEFI");
	if (disk->size_bytes < rules->need_bytes)
		return exclude(disk, DISK_EXCLUDED_TOO_SMALL,
			       "it is too small: it has %ju MiB, the system needs %ju MiB",
			       (uintmax_t)(disk->size_bytes / MIB),
			       (uintmax_t)(rules->need_bytes / MIB));
	disk->excluded = DISK_OFFERED;
	disk->reason[0] = '\0';
	return true;
}

/*
 * Are these two paths to one disk? Their WWNs say so. Cheap disks share one; their serial numbers differ.
 * A "t10." name is made of vendor and model where there is no serial number, and tells nothing.
 */
static bool is_same(const struct disk *a, const struct disk *b)
{
	return a->wwn[0] && strncmp(a->wwn, "t10.", 4) != 0 && strcmp(a->wwn, b->wwn) == 0 &&
	       a->size_bytes == b->size_bytes && strcmp(a->serial, b->serial) == 0;
}

/* A disk of the list that @disk is another path to, and that speaks against offering it. */
static const struct disk *other_path(const struct disks *disks, const struct disk *disk)
{
	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *other = &disks->items[i];
		bool taken = other->excluded == DISK_EXCLUDED_MEDIUM ||
			     other->excluded == DISK_EXCLUDED_ANSWERS ||
			     other->excluded == DISK_EXCLUDED_IN_USE;

		if (other != disk && is_same(other, disk) &&
		    (taken || (other->excluded == DISK_OFFERED && other < disk)))
			return other;
	}
	return NULL;
}

size_t disks_judge(struct disks *disks, const struct disk_rules *rules)
{
	size_t n = 0;

	for (size_t i = 0; i < disks->n; i++)
		(void)disk_judge(&disks->items[i], rules);
	for (size_t i = 0; i < disks->n; i++) {
		struct disk *disk = &disks->items[i];
		const struct disk *other;

		if (disk->excluded != DISK_OFFERED)
			continue;
		other = other_path(disks, disk);
		if (!other)
			n++;
		else if (other->excluded == DISK_OFFERED)
			(void)exclude(disk, DISK_EXCLUDED_SAME,
				      "another path to the disk %s (WWN %s)", other->path,
				      other->wwn);
		else
			(void)exclude(disk, DISK_EXCLUDED_SAME,
				      "another path to the disk %s (WWN %s): %s", other->path,
				      other->wwn, other->reason);
	}
	return n;
}

static int differs(const struct disk *then, const char *what, const char *was, const char *is,
		   struct fail *why)
{
	return fail_with(why, ESTALE,
			 "%s is no longer the disk that was chosen: its %s was %s and is now %s",
			 then->path, what, was, is[0] ? is : "not known");
}

int disk_check_same(const struct disk *then, const struct disk *now, struct fail *why)
{
	if (strcmp(then->serial, now->serial) != 0)
		return differs(then, "serial number", then->serial[0] ? then->serial : "not known",
			       now->serial, why);
	if (strcmp(then->wwn, now->wwn) != 0)
		return differs(then, "WWN", then->wwn[0] ? then->wwn : "not known", now->wwn, why);
	if (then->size_bytes != now->size_bytes)
		return fail_with(why, ESTALE,
				 "%s is no longer the disk that was chosen: it had %ju bytes and "
				 "has %ju now",
				 then->path, (uintmax_t)then->size_bytes,
				 (uintmax_t)now->size_bytes);
	if (then->logical_bytes != now->logical_bytes)
		return fail_with(why, ESTALE,
				 "%s is no longer the disk that was chosen: its sectors had %u "
				 "bytes and have %u now",
				 then->path, then->logical_bytes, now->logical_bytes);
	/* Last, so that a swap by another disk is told by what a person can read off it. */
	if (then->diskseq != now->diskseq)
		return fail_with(why, ESTALE,
				 "%s is no longer the disk that was chosen: it was removed and "
				 "inserted again, or another one took its name",
				 then->path);
	return 0;
}

const char *disk_transport_name(enum disk_transport transport)
{
	return transport_names[transport];
}

const char *disk_title(const struct disk *disk, char *buf, size_t size)
{
	/* SATA disks behind libata say vendor "ATA", which is none. */
	bool vendor = disk->vendor[0] && strcmp(disk->vendor, "ATA") != 0 &&
		      strncasecmp(disk->model, disk->vendor, strlen(disk->vendor)) != 0;

	if (disk->kind == DISK_KIND_FILE)
		snprintf(buf, size, "disk image");
	else if (!vendor && !disk->model[0])
		snprintf(buf, size, "no model name");
	else
		snprintf(buf, size, "%s%s%s", vendor ? disk->vendor : "",
			 vendor && disk->model[0] ? " " : "", disk->model);
	return buf;
}

const char *disk_identity(const struct disk *disk, char *buf, size_t size)
{
	if (disk->serial[0])
		snprintf(buf, size, "serial %s", disk->serial);
	else if (disk->location[0])
		snprintf(buf, size, "at %s", disk->location);
	else
		snprintf(buf, size, "no serial number");
	return buf;
}

const char *disk_size(const struct disk *disk, char *buf, size_t size)
{
	char decimal[32], binary[32];

	snprintf(buf, size, "%s (%s)", size_decimal(disk->size_bytes, decimal, sizeof(decimal)),
		 size_binary(disk->size_bytes, binary, sizeof(binary)));
	return buf;
}

/* What tells a row from the others: a VM's disks without serial numbers differ behind the PCI function. */
static const char *row_identity(const struct disk *disk)
{
	const char *behind;

	if (disk->serial[0])
		return disk->serial;
	behind = strncmp(disk->location, "pci-", 4) == 0 ? strchr(disk->location + 4, '-') : NULL;
	return behind ? behind + 1 : disk->location;
}

const char *disk_row(const struct disk *disk, unsigned columns, char *buf, size_t size)
{
	char decimal[32], title[100], row[512];
	int n;

	disk_title(disk, title, sizeof(title));
	n = snprintf(row, sizeof(row), "%-12s %7s  %-6s  %-26.26s  %s", disk->path,
		     size_decimal(disk->size_bytes, decimal, sizeof(decimal)),
		     disk_transport_name(disk->transport), title, row_identity(disk));
	while (n > 0 && row[n - 1] == ' ')
		row[--n] = '\0';
	snprintf(buf, size, "%.*s", (int)columns, row);
	return buf;
}

const char *disk_detail(const struct disk *disk, char *buf, size_t size)
{
	char binary[32], identity[160];

	snprintf(buf, size, "%s, %s; %s", size_binary(disk->size_bytes, binary, sizeof(binary)),
		 disk_identity(disk, identity, sizeof(identity)),
		 disk->content[0] ? disk->content : "content not known");
	return buf;
}

_Static_assert(ARRAY_SIZE(kind_reasons) == DISK_KIND_VIRTUAL + 1, "a reason for each kind");
_Static_assert(ARRAY_SIZE(transport_names) == DISK_TRANSPORTS, "a name for each transport");
