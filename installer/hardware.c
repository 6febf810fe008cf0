/* SPDX-License-Identifier: Apache-2.0 */
#include "hardware.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fail.h"
#include "lib/file.h"
#include "lib/size.h"

/* What the vendor's documentation asks of an edge host. A machine's 8 GB are less once the firmware
 * and the kernel have taken theirs. */
#define CPUS_WANTED	    2
#define MEMORY_WANTED_GB    8
#define MEMORY_WANTED_BYTES (7 * GIB + 256 * MIB)
#define DISK_WANTED_GB	    100
#define DISK_WANTED_BYTES   UINT64_C(100000000000)

#define PROC_BYTES_MAX MIB
#define PCI_CLASS_RAID 0x0104

static const struct {
	unsigned vendor;
	const char *name;
} raid_vendors[] = {
	{ 0x1000, "Broadcom (LSI)" },
	{ 0x1028, "Dell" },
	{ 0x103c, "HPE" },
	{ 0x1590, "HPE" },
	{ 0x9005, "Adaptec" },
	{ 0x8086, "Intel" },
	{ 0x17d3, "Areca" },
	{ 0x1b4b, "Marvell" },
	{ 0x1103, "HighPoint" },
	{ 0x13c1, "3ware" },
	{ 0x15ad, "VMware" },
};

static unsigned count_cpus(const char *root)
{
	char path[4096];
	autofree char *text = NULL;
	unsigned n = 0;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	if (file_read(path, PROC_BYTES_MAX, &text, &bytes, NULL) < 0)
		return 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += strncmp(line, "processor\t", 10) == 0;
	}
	return n;
}

static uint64_t memory_bytes(const char *root)
{
	char path[4096];
	autofree char *text = NULL;
	const char *line;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	if (file_read(path, PROC_BYTES_MAX, &text, &bytes, NULL) < 0)
		return 0;
	line = strstr(text, "MemTotal:");
	return line ? strtoull(line + strlen("MemTotal:"), NULL, 10) * KIB : 0;
}

static unsigned read_hex(const char *dir, const char *name, const char *attribute)
{
	char path[4096 + 300], text[32];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, attribute);
	if (file_read_line(path, text, sizeof(text)) < 0)
		return 0;
	return (unsigned)strtoul(text, NULL, 16);
}

static const char *raid_vendor(unsigned vendor)
{
	for (size_t i = 0; i < ARRAY_SIZE(raid_vendors); i++)
		if (raid_vendors[i].vendor == vendor)
			return raid_vendors[i].name;
	return "RAID controller";
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void find_raid(const char *root, struct hardware *ret)
{
	struct dirent **entries = NULL;
	char dir[4096];
	int n;

	snprintf(dir, sizeof(dir), "%s/sys/bus/pci/devices", root);
	n = scandir(dir, &entries, not_hidden, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (read_hex(dir, name, "class") >> 8 == PCI_CLASS_RAID &&
		    ret->n_raid < HARDWARE_RAID_MAX)
			snprintf(ret->raid[ret->n_raid++], sizeof(ret->raid[0]), "%s at %.16s",
				 raid_vendor(read_hex(dir, name, "vendor")), name);
		free(entries[i]);
	}
	free(entries);
}

void hardware_probe(const char *root, struct hardware *ret)
{
	*ret = (struct hardware){ .cpus = count_cpus(root), .memory_bytes = memory_bytes(root) };
	find_raid(root, ret);
}

const char *hardware_shortfall(const struct hardware *hardware, uint64_t disk_bytes, char *buf,
			       size_t size)
{
	bool few = hardware->cpus && hardware->cpus < CPUS_WANTED;
	bool little = hardware->memory_bytes && hardware->memory_bytes < MEMORY_WANTED_BYTES;
	bool small = disk_bytes && disk_bytes < DISK_WANTED_BYTES;
	char memory[32], disk[32], has[160] = "";
	int n = 0;

	buf[0] = '\0';
	if (few)
		n += snprintf(has + n, sizeof(has) - (size_t)n, "%u CPU", hardware->cpus);
	if (little)
		n += snprintf(has + n, sizeof(has) - (size_t)n, "%s%s memory", n ? ", " : "",
			      size_binary(hardware->memory_bytes, memory, sizeof(memory)));
	if (small)
		n += snprintf(has + n, sizeof(has) - (size_t)n, "%sa disk of %s", n ? ", " : "",
			      size_decimal(disk_bytes, disk, sizeof(disk)));
	if (n > 0)
		snprintf(buf, size,
			 "Less than recommended (%d CPUs, %d GB memory, %d GB disk): this machine "
			 "has %s.",
			 CPUS_WANTED, MEMORY_WANTED_GB, DISK_WANTED_GB, has);
	return buf;
}

/* FNV-1a: the mark need not withstand anybody. */
static uint64_t mark_text(uint64_t mark, const char *text)
{
	for (; *text; text++)
		mark = (mark ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (mark ^ '\n') * UINT64_C(0x100000001b3);
}

uint64_t hardware_disks_mark(const char *root)
{
	uint64_t mark = UINT64_C(0xcbf29ce484222325);
	struct dirent **entries = NULL;
	char dir[4096];
	int n;

	snprintf(dir, sizeof(dir), "%s/sys/block", root);
	n = scandir(dir, &entries, not_hidden, alphasort);
	for (int i = 0; i < n; i++) {
		static const char *const attributes[] = { "size", "diskseq", "ro" };

		mark = mark_text(mark, entries[i]->d_name);
		for (size_t a = 0; a < ARRAY_SIZE(attributes); a++) {
			char path[sizeof(dir) + 300], text[64] = "";

			snprintf(path, sizeof(path), "%s/%s/%s", dir, entries[i]->d_name,
				 attributes[a]);
			(void)file_read_line(path, text, sizeof(text));
			mark = mark_text(mark, text);
		}
		free(entries[i]);
	}
	free(entries);
	return mark;
}

void hardware_rescan(const char *root)
{
	static const char dir[] = "/sys/class/scsi_host";
	autoclosedir DIR *hosts = NULL;
	struct dirent *entry;

	if (strcmp(root, "/") != 0)
		return;
	hosts = opendir(dir);
	while (hosts && (entry = readdir(hosts))) {
		char path[sizeof(dir) + 300];
		autoclose int fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/scan", dir, entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)!write(fd, "- - -", 5);
	}
}
