/* SPDX-License-Identifier: Apache-2.0 */
#include "earlier.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fat.h"
#include "lib/cleanup.h"
#include "lib/text.h"

DEFINE_CLEANUP(blkid_probe, blkid_free_probe)

#define NAME_BYTES     40
#define CONF_BYTES_MAX 65536

/*
 * Labels come from strangers' disks and go to a terminal: ours and theirs are plain ASCII. COS_LIVE is
 * no installation but the stick that one was made from.
 */
static bool is_known(const char *name)
{
	static const char *const prefixes[] = { "palette-", "COS_" };
	bool known = false;

	if (strcmp(name, "COS_LIVE") == 0)
		return false;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		known |= strncmp(name, prefixes[i], strlen(prefixes[i])) == 0;
	for (const char *p = name; *p; p++)
		known &= *p > ' ' && *p < 0x7f;
	return known && strlen(name) < NAME_BYTES;
}

/* The label of the file system in a partition. */
static void label_of(int fd, uint64_t start_bytes, uint64_t bytes, char buf[NAME_BYTES])
{
	autoclean(blkid_probe) probe = blkid_new_probe();
	const char *label = NULL;

	buf[0] = '\0';
	if (!probe ||
	    blkid_probe_set_device(probe, fd, (blkid_loff_t)start_bytes, (blkid_loff_t)bytes) < 0)
		return;
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL);
	if (blkid_do_safeprobe(probe) == 0 &&
	    blkid_probe_lookup_value(probe, "LABEL", &label, NULL) == 0 && label)
		snprintf(buf, NAME_BYTES, "%s", label);
}

static void read_medium_id(const char *path, uint64_t start_bytes, char ret[17])
{
	static const char key[] = "medium-id = ";
	autofree uint8_t *conf = NULL;
	char image[FAT_IMAGE_BYTES];
	const char *at;
	size_t bytes;

	if (fat_get(fat_image(path, start_bytes, image), "palette/install.conf", CONF_BYTES_MAX,
		    &conf, &bytes, NULL) < 0)
		return;
	at = strstr((const char *)conf, key);
	if (at)
		snprintf(ret, 17, "%.*s", (int)strcspn(at + strlen(key), "\n"), at + strlen(key));
}

static void look_at(const char *path, int fd, blkid_partition part, struct earlier *ret,
		    struct text_out *what)
{
	/* blkid counts in units of 512 bytes whatever the sectors have. */
	uint64_t start = (uint64_t)blkid_partition_get_start(part) * 512;
	uint64_t bytes = (uint64_t)blkid_partition_get_size(part) * 512;
	const char *name = blkid_partition_get_name(part);
	char label[NAME_BYTES];

	if (!name || !is_known(name)) {
		label_of(fd, start, bytes, label);
		name = label;
	}
	if (!is_known(name))
		return;
	text_put(what, "%s%s", what->used ? ", " : "", name);
	ret->found = true;
	if (strcmp(name, "palette-esp") == 0)
		read_medium_id(path, start, ret->medium_id);
}

void earlier_find(const char *path, unsigned sector_bytes, struct earlier *ret)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	autoclean(blkid_probe) probe = blkid_new_probe();
	struct text_out what = text_out_start(ret->what, sizeof(ret->what));
	blkid_partlist list;
	int n;

	*ret = (struct earlier){ 0 };
	if (fd < 0 || !probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return;
	(void)blkid_probe_set_sectorsize(probe, sector_bytes);
	(void)blkid_probe_enable_superblocks(probe, 0);
	(void)blkid_probe_enable_partitions(probe, 1);
	list = blkid_probe_get_partitions(probe);
	n = list ? blkid_partlist_numof_partitions(list) : 0;
	for (int i = 0; i < n; i++)
		look_at(path, fd, blkid_partlist_get_partition(list, i), ret, &what);
}
