/* SPDX-License-Identifier: Apache-2.0 */
#include "probe_sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"

#define VPD_HEADER_BYTES   4
#define EXTRA_MODULES_PATH "/run/palette/extra-modules" /* early/modules.h */
#define LIST_BYTES_MAX	   65536

void probe_sysfs_clean(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	for (; *text && used + 1 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c > 0x7e || (c == ' ' && (used == 0 || buf[used - 1] == ' ')))
			continue;
		buf[used++] = (char)c;
	}
	while (used > 0 && buf[used - 1] == ' ')
		used--;
	buf[used] = '\0';
}

/* An attribute below @dir, cleaned; empty when it is not there. */
static void attribute(const char *dir, const char *name, char *buf, size_t size)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	char line[256];

	(void)file_read_line(path, line, sizeof(line));
	probe_sysfs_clean(line, buf, size);
}

static uint64_t number(const char *dir, const char *name, uint64_t otherwise)
{
	char text[32];
	char *end;
	uint64_t value;

	attribute(dir, name, text, sizeof(text));
	if (!isdigit((unsigned char)text[0]))
		return otherwise;
	value = strtoull(text, &end, 10);
	return *end ? otherwise : value;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum disk_kind kind_of(const char *name, const char *dir)
{
	static const struct {
		const char *prefix;
		enum disk_kind kind;
	} prefixes[] = {
		{ "loop", DISK_KIND_LOOP }, { "ram", DISK_KIND_RAM }, { "zram", DISK_KIND_ZRAM },
		{ "dm-", DISK_KIND_DM },    { "md", DISK_KIND_MD },   { "sr", DISK_KIND_CD },
		{ "fd", DISK_KIND_FLOPPY }, { "nbd", DISK_KIND_NBD },
	};
	char zoned[32];

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (starts(name, prefixes[i].prefix))
			return prefixes[i].kind;
	}
	if (starts(name, "mmcblk") &&
	    (strstr(name, "boot") || strstr(name, "rpmb") || strstr(name, "gp")))
		return DISK_KIND_EMMC_BOOT;
	/* What hardware gives has a parent; NVMe's multipath disks are below virtual/nvme-subsystem. */
	if (strstr(dir, "/devices/virtual/block/") || starts(name, "mtdblock"))
		return DISK_KIND_VIRTUAL;
	if (number(dir, "hidden", 0) == 1)
		return DISK_KIND_NVME_PATH;
	if (number(dir, "device/type", 0) == 5) /* a CD behind a driver with its own names */
		return DISK_KIND_CD;
	attribute(dir, "queue/zoned", zoned, sizeof(zoned));
	return strcmp(zoned, "host-managed") == 0 ? DISK_KIND_ZONED : DISK_KIND_DISK;
}

/* Is @text of @n characters of that form? '9' in it stands for digits, 'f' for one hex digit. */
static bool has_form(const char *text, size_t n, const char *form)
{
	const char *end = text + n;

	for (; *form; form++) {
		size_t digits = strspn(text, "0123456789");

		if (text >= end)
			return false;
		if (*form == '9' && digits > 0)
			text += digits;
		else if (*form == 'f' ? isxdigit((unsigned char)*text) : *text == *form)
			text++;
		else
			return false;
	}
	return text == end;
}

/* "2:0:0:0" from ".../host2/target2:0:0/2:0:0:0/block/sda"; false: no SCSI device. */
static bool scsi_address(const char *dir, char *buf, size_t size)
{
	for (const char *p = dir; (p = strchr(p, '/')); p++) {
		size_t n = strcspn(p + 1, "/");

		if (has_form(p + 1, n, "9:9:9:9")) {
			snprintf(buf, size, "%.*s", (int)n, p + 1);
			return true;
		}
	}
	return false;
}

/* The driver of the SCSI host: "ahci", "megaraid_sas", "vmw_pvscsi". */
static void scsi_driver(const char *root, const char *address, char *buf, size_t size)
{
	autofree char *dir = xasprintf("%s/sys/class/scsi_host/host%u", root,
				       (unsigned)strtoul(address, NULL, 10));

	attribute(dir, "proc_name", buf, size);
}

static enum disk_transport scsi_transport(const char *root, const char *dir)
{
	static const struct {
		const char *driver;
		enum disk_transport transport;
	} drivers[] = {
		{ "ata_piix", DISK_TRANSPORT_IDE },   { "pata_", DISK_TRANSPORT_IDE },
		{ "megaraid", DISK_TRANSPORT_RAID },  { "hpsa", DISK_TRANSPORT_RAID },
		{ "smartpqi", DISK_TRANSPORT_RAID },  { "aacraid", DISK_TRANSPORT_RAID },
		{ "arcmsr", DISK_TRANSPORT_RAID },    { "mpi3mr", DISK_TRANSPORT_RAID },
		{ "3w-", DISK_TRANSPORT_RAID },	      { "mpt2sas", DISK_TRANSPORT_SAS },
		{ "mpt3sas", DISK_TRANSPORT_SAS },    { "mptsas", DISK_TRANSPORT_SAS },
		{ "isci", DISK_TRANSPORT_SAS },	      { "virtio_scsi", DISK_TRANSPORT_VIRTIO },
		{ "storvsc", DISK_TRANSPORT_HYPERV }, { "usb-storage", DISK_TRANSPORT_USB },
		{ "uas", DISK_TRANSPORT_USB },
	};
	char address[32], driver[32];

	if (!scsi_address(dir, address, sizeof(address)))
		return DISK_TRANSPORT_UNKNOWN;
	scsi_driver(root, address, driver, sizeof(driver));
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (starts(driver, drivers[i].driver))
			return drivers[i].transport;
	}
	return DISK_TRANSPORT_SCSI;
}

/* What the path of the device says is surer than its driver's name. */
static enum disk_transport transport_of(const char *root, const char *name, const char *dir)
{
	enum disk_transport by_driver = scsi_transport(root, dir);

	if (starts(name, "nvme"))
		return DISK_TRANSPORT_NVME;
	if (starts(name, "mmcblk"))
		return DISK_TRANSPORT_MMC;
	if (starts(name, "xvd"))
		return DISK_TRANSPORT_XEN;
	if (starts(name, "vd"))
		return DISK_TRANSPORT_VIRTIO;
	if (strstr(dir, "/usb"))
		return DISK_TRANSPORT_USB;
	if (strstr(dir, "/rport-"))
		return DISK_TRANSPORT_FC;
	if (strstr(dir, "/session"))
		return DISK_TRANSPORT_ISCSI;
	if (strstr(dir, "/ata"))
		return by_driver == DISK_TRANSPORT_IDE ? by_driver : DISK_TRANSPORT_SATA;
	if (strstr(dir, "/end_device-") && by_driver != DISK_TRANSPORT_RAID)
		return DISK_TRANSPORT_SAS;
	return by_driver;
}

/* "/sys/.../ata1/host0/..." up to and with the name that begins so and goes on with digits; or empty. */
static void dir_with(const char *dir, const char *name, char *buf, size_t size)
{
	size_t n_name = strlen(name);

	buf[0] = '\0';
	for (const char *p = dir; (p = strchr(p, '/')); p++) {
		size_t digits = 0;

		if (strncmp(p + 1, name, n_name) == 0)
			digits = strspn(p + 1 + n_name, "0123456789");
		if (digits == 0 || p[1 + n_name + digits] != '/')
			continue;
		snprintf(buf, size, "%.*s", (int)((size_t)(p - dir) + 1 + n_name + digits), dir);
		return;
	}
}

/* The number of the first of the SCSI hosts that are beside @host ("/sys/.../host3"). */
static unsigned long first_host(const char *host)
{
	autofree char *parent = xasprintf("%.*s", (int)(strrchr(host, '/') - host), host);
	unsigned long first = strtoul(strrchr(host, '/') + 5, NULL, 10);
	DIR *stream = opendir(parent);
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		unsigned long number;

		if (!starts(entry->d_name, "host") || !isdigit((unsigned char)entry->d_name[4]))
			continue;
		number = strtoul(entry->d_name + 4, NULL, 10);
		first = number < first ? number : first;
	}
	if (stream)
		closedir(stream);
	return first;
}

/*
 * As udev's by-path names it: "ata-1.0" by the port, where the kernel tells it; "scsi-0:0:1:0", its
 * host counted among those of the controller. Empty: no SCSI device.
 */
static void scsi_location(const char *dir, char *buf, size_t size)
{
	char scsi[32], ata[PATH_MAX], host[PATH_MAX], port[16] = "";
	unsigned long n_host, channel, target, lun;
	char *end;

	buf[0] = '\0';
	if (!scsi_address(dir, scsi, sizeof(scsi)))
		return;
	/* It has the form: a number behind each colon. */
	n_host = strtoul(scsi, &end, 10);
	channel = strtoul(end + 1, &end, 10);
	target = strtoul(end + 1, &end, 10);
	lun = strtoul(end + 1, &end, 10);
	dir_with(dir, "ata", ata, sizeof(ata));
	if (ata[0]) {
		autofree char *name = xasprintf("ata_port%s/port_no", strrchr(ata, '/'));

		attribute(ata, name, port, sizeof(port));
	}
	dir_with(dir, "host", host, sizeof(host));
	if (port[0] && channel) /* behind a port multiplier */
		snprintf(buf, size, "ata-%s.%lu.0", port, channel);
	else if (port[0])
		snprintf(buf, size, "ata-%s.%lu", port, target);
	else if (ata[0] || !host[0])
		snprintf(buf, size, "scsi-%s", scsi);
	else
		snprintf(buf, size, "scsi-%lu:%lu:%lu:%lu", n_host - first_host(host), channel,
			 target, lun);
}

/* The PCI function that is nearest to the device, and what tells its disks apart. */
static void location_of(const char *name, const char *dir, unsigned nsid, char *buf, size_t size)
{
	char pci[32] = "", scsi[64], usb[32] = "";

	for (const char *p = dir; (p = strchr(p, '/')); p++) {
		size_t n = strcspn(p + 1, "/");

		/* Intel's VMD has domains of its own, from 10000 on. */
		if (has_form(p + 1, n, "ffff:ff:ff.f") || has_form(p + 1, n, "fffff:ff:ff.f"))
			snprintf(pci, sizeof(pci), "%.*s", (int)n, p + 1);
		/* ".../usb2/2-1/2-1.4/2-1.4:1.0/host6": the last port before the interface */
		if (isdigit((unsigned char)p[1]) && strstr(dir, "/usb") &&
		    p[1 + strspn(p + 1, "0123456789")] == '-' &&
		    p[1 + strspn(p + 1, "0123456789-.")] == '/')
			snprintf(usb, sizeof(usb), "%.*s", (int)strcspn(p + 1, "/"), p + 1);
	}
	buf[0] = '\0';
	if (pci[0])
		snprintf(buf, size, "pci-%s", pci);
	if (usb[0])
		snprintf(buf + strlen(buf), size - strlen(buf), "-usb-%s", usb);
	scsi_location(dir, scsi, sizeof(scsi));
	if (!usb[0] && scsi[0])
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", pci[0] ? "-" : "", scsi);
	else if (starts(name, "nvme") && pci[0] && nsid)
		snprintf(buf + strlen(buf), size - strlen(buf), "-nvme-%u", nsid);
	else if (starts(name, "nvme"))
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", pci[0] ? "-" : "", name);
}

/* A page of SCSI's vital product data; at least @least bytes, or NULL. Caller frees. */
static char *vpd_page(const char *dir, const char *name, size_t least, size_t *ret_bytes)
{
	autofree char *path = xasprintf("%s/device/%s", dir, name);
	char *page;

	if (file_read(path, 4096, &page, ret_bytes, NULL) < 0)
		return NULL;
	if (*ret_bytes >= least)
		return page;
	free(page);
	return NULL;
}

/* The unit serial number page; libata makes one from the ATA identity. */
static void vpd_serial(const char *dir, char *buf, size_t size)
{
	size_t bytes;
	autofree char *page = vpd_page(dir, "vpd_pg80", VPD_HEADER_BYTES + 1, &bytes);

	if (page)
		probe_sysfs_clean(page + VPD_HEADER_BYTES, buf, size);
}

/*
 * What identifies a disk without that page, as QEMU's often are: in the device identification page the
 * maker's own text (SPC: code set 2, association 0, type 0), which udev takes, too.
 */
static void vpd_identification(const char *dir, char *buf, size_t size)
{
	size_t bytes;
	autofree char *page = vpd_page(dir, "vpd_pg83", VPD_HEADER_BYTES, &bytes);

	for (size_t at = VPD_HEADER_BYTES; page && at + VPD_HEADER_BYTES <= bytes;) {
		const uint8_t *one = (const uint8_t *)page + at;
		size_t n = one[3];
		char text[256];

		at += VPD_HEADER_BYTES + n;
		if (at > bytes)
			return;
		if ((one[0] & 0x0f) != 2 || (one[1] & 0x3f) != 0)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)n, (const char *)one + VPD_HEADER_BYTES);
		probe_sysfs_clean(text, buf, size);
		return;
	}
}

/*
 * SCSI has room for 16 characters of a model, ATA for 40: in the ATA information page (SAT) the answer
 * to IDENTIFY DEVICE begins at byte 60; its words 27 to 46 hold two characters each, the second first.
 */
static void ata_model(const char *dir, char *buf, size_t size)
{
	enum { IDENTIFY = 60, MODEL = 2 * 27, MODEL_BYTES = 40 };
	size_t bytes;
	autofree char *page = vpd_page(dir, "vpd_pg89", IDENTIFY + MODEL + MODEL_BYTES, &bytes);
	char model[MODEL_BYTES + 1] = "", clean[MODEL_BYTES + 1];

	for (size_t i = 0; page && i < MODEL_BYTES; i++)
		model[i] = page[IDENTIFY + MODEL + (i ^ 1)];
	probe_sysfs_clean(model, clean, sizeof(clean));
	if (clean[0])
		snprintf(buf, size, "%s", clean);
}

/* A USB disk's serial number is the USB device's: the first directory above that has one. */
static void usb_serial(const char *dir, char *buf, size_t size)
{
	autofree char *above = xstrdup(dir);
	char *slash;

	while (!buf[0] && (slash = strrchr(above, '/')) && slash != above) {
		autofree char *vendor = NULL;
		char found[16];

		*slash = '\0';
		attribute(above, "idVendor", found, sizeof(found));
		if (!found[0])
			continue;
		attribute(above, "serial", buf, size);
		break;
	}
}

static void names_of(const char *dir, struct disk *ret)
{
	attribute(dir, "device/vendor", ret->vendor, sizeof(ret->vendor));
	if (starts(ret->vendor, "0x")) /* virtio and NVMe have a number there */
		ret->vendor[0] = '\0';
	attribute(dir, "device/model", ret->model, sizeof(ret->model));
	if (!ret->model[0])
		attribute(dir, "device/name", ret->model, sizeof(ret->model)); /* MMC */
	if (strcmp(ret->vendor, "ATA") == 0)
		ata_model(dir, ret->model, sizeof(ret->model));
	attribute(dir, "device/serial", ret->serial, sizeof(ret->serial));
	if (starts(ret->serial, "0x") && ret->transport != DISK_TRANSPORT_MMC)
		ret->serial[0] = '\0';
	if (!ret->serial[0])
		attribute(dir, "serial", ret->serial, sizeof(ret->serial)); /* virtio */
	if (!ret->serial[0])
		vpd_serial(dir, ret->serial, sizeof(ret->serial));
	if (!ret->serial[0] && ret->transport == DISK_TRANSPORT_USB)
		usb_serial(dir, ret->serial, sizeof(ret->serial));
	if (!ret->serial[0])
		vpd_identification(dir, ret->serial, sizeof(ret->serial));
	attribute(dir, "wwid", ret->wwn, sizeof(ret->wwn));
	if (!ret->wwn[0])
		attribute(dir, "device/wwid", ret->wwn, sizeof(ret->wwn));
}

/* Is @name a line of @list? */
static bool has_line(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = list; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, n) == 0 && line[n] == '\n')
			return true;
	return false;
}

/* Whether the driver of the disk, or of what it hangs on, came with the medium's extra modules. */
static bool has_extra_driver(const char *root, const char *dir)
{
	autofree char *list_path = xasprintf("%s" EXTRA_MODULES_PATH, root);
	autofree char *list = NULL, *above = xstrdup(dir);
	char *slash;

	if (file_read(list_path, LIST_BYTES_MAX, &list, NULL, NULL) < 0)
		return false;
	while ((slash = strrchr(above, '/')) && slash != above) {
		autofree char *link = xasprintf("%s/driver/module", above);
		char module[PATH_MAX];
		ssize_t n = readlink(link, module, sizeof(module) - 1);

		if (n > 0) {
			module[n] = '\0';
			if (has_line(list,
				     strrchr(module, '/') ? strrchr(module, '/') + 1 : module))
				return true;
		}
		*slash = '\0';
	}
	return false;
}

void probe_sysfs_disk(const char *root, const char *dir, struct disk *ret)
{
	const char *name = strrchr(dir, '/') + 1;

	*ret = (struct disk){ 0 };
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	snprintf(ret->path, sizeof(ret->path), "/dev/%.200s", name);
	/* Names with a slash ("cciss/c0d0") have a '!' in sysfs. */
	for (char *p = ret->path; (p = strchr(p, '!'));)
		*p = '/';
	ret->kind = kind_of(name, dir);
	ret->transport = transport_of(root, name, dir);
	ret->size_bytes = number(dir, "size", 0) * 512; /* whatever the sectors have */
	ret->logical_bytes = (unsigned)number(dir, "queue/logical_block_size", 512);
	ret->physical_bytes = (unsigned)number(dir, "queue/physical_block_size", 512);
	ret->removable = number(dir, "removable", 0) == 1;
	ret->read_only = number(dir, "ro", 0) == 1;
	ret->rotational = number(dir, "queue/rotational", 0) == 1;
	ret->diskseq = number(dir, "diskseq", 0);
	ret->extra_driver = has_extra_driver(root, dir);
	names_of(dir, ret);
	ret->nsid = (unsigned)number(dir, "nsid", 0);
	location_of(name, dir, ret->nsid, ret->location, sizeof(ret->location));
}
