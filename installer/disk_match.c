/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_match.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/size.h"
#include "lib/text.h"

#define TEXT_MAX 200

/* The conditions; unset ones are empty, 0 or false. */
struct match {
	char serial[TEXT_MAX], model[TEXT_MAX], transport[TEXT_MAX];
	uint64_t least_bytes;
	bool smallest, largest;
};

/* "name=value" at @text of @bytes; the value into @buf, without blanks around. */
static bool take_value(const char *text, size_t bytes, const char *name, char *buf)
{
	size_t n = strlen(name);

	if (bytes <= n || strncmp(text, name, n) != 0)
		return false;
	text += n;
	bytes -= n;
	while (bytes > 0 && *text == ' ')
		text++, bytes--;
	while (bytes > 0 && text[bytes - 1] == ' ')
		bytes--;
	snprintf(buf, TEXT_MAX, "%.*s", (int)bytes, text);
	return bytes > 0;
}

static bool is_word(const char *text, size_t bytes, const char *word)
{
	return bytes == strlen(word) && strncmp(text, word, bytes) == 0;
}

static int parse_condition(const char *text, size_t bytes, struct match *match, struct fail *why)
{
	char size[TEXT_MAX];

	while (bytes > 0 && *text == ' ')
		text++, bytes--;
	while (bytes > 0 && text[bytes - 1] == ' ')
		bytes--;
	if (take_value(text, bytes, "size>=", size))
		return size_parse(size, &match->least_bytes, why);
	if (take_value(text, bytes, "serial=", match->serial) ||
	    take_value(text, bytes, "model=", match->model) ||
	    take_value(text, bytes, "transport=", match->transport))
		return 0;
	if (is_word(text, bytes, "smallest"))
		match->smallest = true;
	else if (is_word(text, bytes, "largest"))
		match->largest = true;
	else
		return fail_with(why, EINVAL,
				 "\"%.*s\" is no path and none of serial=, model=, transport=, "
				 "size>=, smallest and largest",
				 bytes > 60 ? 60 : (int)bytes, text);
	return 0;
}

static int parse(const char *text, struct match *ret, struct fail *why)
{
	*ret = (struct match){ 0 };
	do {
		size_t bytes = strcspn(text, ",");
		int r = parse_condition(text, bytes, ret, why);

		if (r < 0)
			return r;
		text += bytes + (text[bytes] == ',');
	} while (*text);
	if (ret->smallest && ret->largest)
		return fail_with(why, EINVAL, "smallest and largest exclude each other");
	return 0;
}

static bool is_link(const char *text)
{
	static const char *const places[] = { "/dev/disk/by-id/", "/dev/disk/by-path/",
					      "/dev/disk/by-diskseq/" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (strncmp(text, places[i], strlen(places[i])) == 0)
			return true;
	return false;
}

int disk_match_check(const char *text, struct fail *why)
{
	struct match match;

	if (strlen(text) >= TEXT_MAX)
		return fail_with(why, EINVAL, "more than %d characters", TEXT_MAX - 1);
	if (text[0] != '/')
		return parse(text, &match, why);
	if (strncmp(text, "/dev/disk/", 10) == 0 && !is_link(text))
		return fail_with(why, EINVAL,
				 "\"%.60s\" names a file system or a partition; of /dev/disk use "
				 "by-id, by-path or by-diskseq",
				 text);
	return 0;
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

/* "ata-MODEL_SERIAL" and its like: the bus, then what the disk says of itself. */
static bool is_id(const struct disk *disk, const char *id)
{
	const char *name = strchr(id, '-');
	char own[TEXT_MAX];

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
	/* USB and SCSI have the vendor before it; USB the LUN behind it. */
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

static bool is_named(const struct disk *disk, const char *path)
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

static bool fits(const struct disk *disk, const struct match *match)
{
	char title[100];

	if (disk->excluded != DISK_OFFERED || disk->size_bytes < match->least_bytes)
		return false;
	if (match->serial[0] && fnmatch(match->serial, disk->serial, FNM_CASEFOLD) != 0)
		return false;
	if (match->model[0] && fnmatch(match->model, disk->model, FNM_CASEFOLD) != 0 &&
	    fnmatch(match->model, disk_title(disk, title, sizeof(title)), FNM_CASEFOLD) != 0)
		return false;
	return !match->transport[0] ||
	       strcasecmp(match->transport, disk_transport_name(disk->transport)) == 0;
}

/* The size that smallest or largest asks for among those that fit otherwise; 0: any. */
static uint64_t wanted_bytes(const struct disks *disks, const struct match *match)
{
	uint64_t wanted = 0;

	if (!match->smallest && !match->largest)
		return 0;
	for (size_t i = 0; i < disks->n; i++) {
		uint64_t bytes = disks->items[i].size_bytes;

		if (fits(&disks->items[i], match) &&
		    (wanted == 0 || (match->largest ? bytes > wanted : bytes < wanted)))
			wanted = bytes;
	}
	return wanted;
}

/* "/dev/sda (960 GB, SATA, SAMSUNG ..., serial ...)" */
static void put_disk(struct text_out *out, const struct disk *disk)
{
	char size[32], title[100], identity[160];

	text_put(out, "%s%s (%s, %s, %s, %s)", out->used ? "; " : "", disk->path,
		 size_decimal(disk->size_bytes, size, sizeof(size)),
		 disk_transport_name(disk->transport), disk_title(disk, title, sizeof(title)),
		 disk_identity(disk, identity, sizeof(identity)));
}

static int none(const char *text, const struct disks *disks, struct fail *why)
{
	char list[400];
	struct text_out out = text_out_start(list, sizeof(list));

	for (size_t i = 0; i < disks->n; i++)
		if (disks->items[i].excluded == DISK_OFFERED)
			put_disk(&out, &disks->items[i]);
	return fail_with(why, ENODEV, "disk = %s: no such disk can be installed on; there %s %s",
			 text, list[0] ? "are:" : "is", list[0] ? list : "none");
}

/* "ata", of "-ata-1.0"; empty where nothing is behind the PCI function. */
static size_t kind_bytes(const char *rest)
{
	return rest[0] == '-' ? strcspn(rest + 1, "-") + 1 : 0;
}

/*
 * What udev puts behind the PCI function for USB and SAS ("-sas-phy0-lun-0") takes more than sysfs to
 * tell; where one disk is behind that function it is not needed. A name of our own kind is another
 * place of it. NULL: none or several.
 */
static const struct disk *alone_at(const struct disks *disks, const char *text)
{
	static const char prefix[] = "/dev/disk/by-path/";
	const struct disk *found = NULL;
	size_t n = strlen("pci-0000:00:00.0");

	if (strncmp(text, prefix, strlen(prefix)) != 0)
		return NULL;
	text += strlen(prefix);
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

static int by_path(const char *text, const struct disks *disks, const struct disk **ret,
		   struct fail *why)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < disks->n && !found; i++)
		if (is_named(&disks->items[i], text))
			found = &disks->items[i];
	if (!found)
		found = alone_at(disks, text);
	if (!found)
		return none(text, disks, why);
	if (found->excluded != DISK_OFFERED)
		return fail_with(why, ENODEV, "disk = %s: %s cannot be installed on: %s", text,
				 found->path, found->reason);
	*ret = found;
	return 0;
}

int disk_match(const char *text, const struct disks *disks, const struct disk **ret,
	       struct fail *why)
{
	char list[400];
	struct text_out out = text_out_start(list, sizeof(list));
	const struct disk *found = NULL;
	struct match match;
	uint64_t bytes;
	size_t n = 0;
	int r;

	if (text[0] == '/')
		return by_path(text, disks, ret, why);
	r = parse(text, &match, why);
	if (r < 0)
		return r;
	bytes = wanted_bytes(disks, &match);
	for (size_t i = 0; i < disks->n; i++) {
		if (!fits(&disks->items[i], &match) ||
		    (bytes && disks->items[i].size_bytes != bytes))
			continue;
		found = &disks->items[i];
		put_disk(&out, found);
		n++;
	}
	if (n == 0)
		return none(text, disks, why);
	if (n > 1)
		return fail_with(why, ENOTUNIQ, "disk = %s: %zu disks match, one must: %s", text, n,
				 list);
	*ret = found;
	return 0;
}
