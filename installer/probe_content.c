/* SPDX-License-Identifier: Apache-2.0 */
#include "probe_content.h"

#include <blkid/blkid.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/size.h"

DEFINE_CLEANUP(blkid_probe, blkid_free_probe)

#define END_BYTES ((size_t)MIB)
#define NAMED_MAX 4 /* partitions that are named in the line; the others are counted */

/* Partition types that say more than the file system in them. */
static const struct {
	const char *type, *name;
} known_types[] = {
	{ "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ESP" },
	{ "21686148-6449-6e6f-744e-656564454649", "BIOS boot" },
	{ "e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved" },
	{ "de94bba4-06d1-4d40-a16a-bfd50179d6ac", "Windows recovery" },
	{ "aa31e02a-400f-11db-9590-000c2911d1b8", "VMware datastore" },
	{ "9d275380-40ad-11db-bf97-000c2911d1b8", "VMware core dump" },
	{ "7c3457ef-0000-11aa-aa11-00306543ecac", "Apple APFS" },
	{ "Apple_partition_map", "partition map" },
	{ "Apple_Bootstrap", "bootstrap" },
	{ "Apple_HFS", "Apple HFS" },
	{ "0xa5", "FreeBSD slice" },
	{ "0xa6", "OpenBSD slice" },
	{ "0xee", "GPT" },
	{ "0xef", "ESP" },
};

/* What libblkid calls by names that few people know. "_raid_member" stands for all that end so. */
static const struct {
	const char *type, *words;
} known_content[] = {
	{ "linux_raid_member", "member of a software RAID" },
	{ "_raid_member", "member of a firmware RAID" },
	{ "LVM2_member", "LVM volumes" },
	{ "zfs_member", "member of a ZFS pool" },
	{ "crypto_LUKS", "encrypted (LUKS)" },
	{ "BitLocker", "encrypted (BitLocker)" },
	{ "bcache", "bcache device" },
	{ "VMFS", "VMware datastore" },
	{ "VMFS_volume_member", "VMware datastore" },
};

struct line {
	char *buf;
	size_t size, used;
};

static void add(struct line *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line->buf + line->used, line->size - line->used, fmt, args);
	va_end(args);
	if (n > 0)
		line->used += (size_t)n;
	if (line->used >= line->size)
		line->used = line->size - 1;
}

/* Labels come from strangers' disks and go to a terminal. */
static void add_label(struct line *line, const char *label)
{
	add(line, " '");
	for (size_t i = 0; label[i] && i < 32; i++)
		add(line, "%c", isprint((unsigned char)label[i]) ? label[i] : '?');
	add(line, "'");
}

static const char *value(blkid_probe probe, const char *name)
{
	const char *text = NULL;

	return blkid_probe_lookup_value(probe, name, &text, NULL) == 0 && text[0] ? text : NULL;
}

static const char *words_for(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_content); i++) {
		const char *known = known_content[i].type;
		size_t n_known = strlen(known), n = strlen(type);

		if (strcmp(type, known) == 0 ||
		    (known[0] == '_' && n > n_known && strcmp(type + n - n_known, known) == 0))
			return known_content[i].words;
	}
	return type;
}

/*
 * libblkid does not choose: several signatures, or a read error (both come as -1 or -2, depending on
 * its version). False: there are none at all.
 */
static bool add_ambivalent(struct line *line, blkid_probe probe)
{
	char types[120] = "";
	unsigned n = 0;

	(void)blkid_reset_probe(probe);
	while (blkid_do_probe(probe) == 0) {
		const char *type = value(probe, "TYPE");
		size_t used = strlen(types);

		if (type && n++ < NAMED_MAX)
			snprintf(types + used, sizeof(types) - used, "%s%s", used ? ", " : "",
				 words_for(type));
	}
	if (n > 1)
		add(line, "several signatures: %s%s", types, n > NAMED_MAX ? ", ..." : "");
	else if (n == 1)
		add(line, "%s", types);
	return n > 0;
}

/* The file system of the area the probe is set to. False: none. */
static bool add_filesystem(struct line *line, blkid_probe probe)
{
	const char *type, *label;
	int r;

	(void)blkid_probe_enable_partitions(probe, 0);
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
							       BLKID_SUBLKS_MAGIC);
	r = blkid_do_safeprobe(probe);
	if (r < 0)
		return add_ambivalent(line, probe);
	type = r == 0 ? value(probe, "TYPE") : NULL;
	if (!type)
		return false;
	add(line, "%s", words_for(type));
	label = value(probe, "LABEL");
	if (label)
		add_label(line, label);
	return true;
}

static const char *known_type(blkid_partition part)
{
	const char *type = blkid_partition_get_type_string(part);
	char number[16];

	if (!type) {
		snprintf(number, sizeof(number), "0x%02x",
			 (unsigned)blkid_partition_get_type(part));
		type = number;
	}
	for (size_t i = 0; i < ARRAY_SIZE(known_types); i++) {
		if (strcasecmp(type, known_types[i].type) == 0)
			return known_types[i].name;
	}
	return NULL;
}

static void add_partition(struct line *line, int fd, blkid_partition part)
{
	autoclean(blkid_probe) probe = blkid_new_probe();
	const char *name = known_type(part);
	/* blkid counts in units of 512 bytes whatever the sectors have. */
	blkid_loff_t start = blkid_partition_get_start(part) * 512;
	blkid_loff_t size = blkid_partition_get_size(part) * 512;

	if (name) {
		add(line, "%s", name);
		return;
	}
	if (blkid_partition_is_extended(part)) {
		add(line, "extended");
		return;
	}
	if (!probe || blkid_probe_set_device(probe, fd, start, size) < 0 ||
	    !add_filesystem(line, probe))
		add(line, "unknown");
}

/* False: there is no partition table. */
static bool add_table(struct line *line, int fd, unsigned sector_bytes)
{
	autoclean(blkid_probe) probe = blkid_new_probe();
	blkid_partlist list;
	const char *type;
	int n;

	if (!probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return false;
	(void)blkid_probe_set_sectorsize(probe, sector_bytes);
	(void)blkid_probe_enable_superblocks(probe, 0);
	(void)blkid_probe_enable_partitions(probe, 1);
	list = blkid_probe_get_partitions(probe);
	if (!list || !blkid_partlist_get_table(list))
		return false;
	type = blkid_parttable_get_type(blkid_partlist_get_table(list));
	n = blkid_partlist_numof_partitions(list);
	add(line, "%s, %d partition%s",
	    strcmp(type, "gpt") == 0   ? "GPT"
	    : strcmp(type, "dos") == 0 ? "MBR"
				       : type,
	    n, n == 1 ? "" : "s");
	for (int i = 0; i < n && i < NAMED_MAX; i++) {
		add(line, "%s", i == 0 ? ": " : ", ");
		add_partition(line, fd, blkid_partlist_get_partition(list, i));
	}
	if (n > NAMED_MAX)
		add(line, ", ...");
	return true;
}

/* As new and erased disks read: zeros, or the ones of erased flash. */
static bool is_blank(const uint8_t *data, size_t bytes)
{
	return (data[0] == 0 || data[0] == 0xff) && memcmp(data, data + 1, bytes - 1) == 0;
}

/*
 * Data that libblkid has no name for: encryption without a header, a database's own disk, what is left
 * beside a damaged table. All of it begins or ends at an end of the disk. What an interrupted
 * installation leaves is blank there: it goes on by itself at the next start.
 */
static void add_unknown(struct line *line, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t bytes = size < (off_t)END_BYTES ? (size_t)size : END_BYTES;
	autofree uint8_t *data = xcalloc(1, END_BYTES);
	const off_t ends[] = { 0, size - (off_t)bytes };
	bool blank = true;
	int r = size < 0 ? -errno : 0;

	for (size_t i = 0; i < ARRAY_SIZE(ends) && r == 0 && bytes > 0; i++) {
		r = file_read_all(fd, data, bytes, (uint64_t)ends[i]);
		blank &= r == 0 && is_blank(data, bytes);
	}
	if (r < 0)
		add(line, "cannot be read: %s", strerror(-r));
	else
		add(line, "%s", blank ? "empty" : "data of an unknown kind");
}

void probe_content(const char *path, unsigned sector_bytes, char *buf, size_t size)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	autoclean(blkid_probe) probe = blkid_new_probe();
	struct line line = { .buf = buf, .size = size };
	char byte;

	buf[0] = '\0';
	if (fd < 0 || pread(fd, &byte, 1, 0) < 0) {
		add(&line, "cannot be read: %s", strerror(errno));
		return;
	}
	/* A table first: an old file system's signature may outlive it, the other way round not. */
	if (add_table(&line, fd, sector_bytes))
		return;
	if (!probe || blkid_probe_set_device(probe, fd, 0, 0) < 0) {
		add(&line, "cannot be read: %s", strerror(errno));
		return;
	}
	(void)blkid_probe_set_sectorsize(probe, sector_bytes);
	if (!add_filesystem(&line, probe))
		add_unknown(&line, fd);
}
