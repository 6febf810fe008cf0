/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_match.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "disk_link.h"
#include "lib/size.h"
#include "lib/text.h"

#define TEXT_MAX   200
#define MORE_BYTES 48 /* "; and 4096 more: the log lists all" and its end */

enum condition { SERIAL, MODEL, TRANSPORT, SIZE, SMALLEST, LARGEST, CONDITIONS };

static const char *const names[CONDITIONS] = {
	[SERIAL] = "serial=", [MODEL] = "model=",      [TRANSPORT] = "transport=",
	[SIZE] = "size>=",    [SMALLEST] = "smallest", [LARGEST] = "largest",
};

struct match {
	bool given[CONDITIONS];
	char value[CONDITIONS][TEXT_MAX]; /* empty where it is not given or has none */
	uint64_t least_bytes;
};

/* Is @text of @bytes that condition? Its value goes into @value, without blanks around. */
static bool take_condition(const char *text, size_t bytes, const char *name, char *value)
{
	size_t n = strlen(name);

	if (bytes < n || strncmp(text, name, n) != 0)
		return false;
	if (name[n - 1] != '=')
		return bytes == n;
	text += n;
	bytes -= n;
	while (bytes > 0 && *text == ' ')
		text++, bytes--;
	snprintf(value, TEXT_MAX, "%.*s", (int)bytes, text);
	return bytes > 0;
}

static bool is_transport(const char *name)
{
	for (enum disk_transport i = 0; i < DISK_TRANSPORTS; i++)
		if (strcasecmp(name, disk_transport_name(i)) == 0)
			return true;
	return false;
}

static int check_value(enum condition condition, const char *value, struct match *match,
		       struct fail *why)
{
	if (condition == SIZE)
		return size_parse(value, &match->least_bytes, why);
	if (condition == TRANSPORT && !is_transport(value))
		return fail_with(why, EINVAL,
				 "transport=%.60s: it is none of those that palette-install --list "
				 "names, such as SATA, NVMe or virtio",
				 value);
	if (condition == SERIAL && strstr(value, " #"))
		return fail_with(why, EINVAL, "serial=%.60s: a comment stands on a line of its own",
				 value);
	return 0;
}

static int parse_condition(const char *text, size_t bytes, struct match *match, struct fail *why)
{
	while (bytes > 0 && *text == ' ')
		text++, bytes--;
	while (bytes > 0 && text[bytes - 1] == ' ')
		bytes--;
	for (size_t i = 0; i < CONDITIONS; i++) {
		char value[TEXT_MAX] = "";

		if (!take_condition(text, bytes, names[i], value))
			continue;
		if (match->given[i])
			return fail_with(why, EINVAL, "%s is there twice: leave one of them",
					 names[i]);
		match->given[i] = true;
		snprintf(match->value[i], TEXT_MAX, "%s", value);
		return check_value(i, value, match, why);
	}
	return fail_with(why, EINVAL,
			 "\"%.*s\" is no path and none of serial=, model=, transport=, "
			 "size>=, smallest and largest",
			 bytes > 60 ? 60 : (int)bytes, text);
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
	if (ret->given[SMALLEST] && ret->given[LARGEST])
		return fail_with(why, EINVAL, "smallest and largest exclude each other");
	return 0;
}

static int check_path(const char *text, struct fail *why)
{
	/* udev writes '_' for a blank and leaves '#' as it is. */
	bool link = strncmp(text, "/dev/disk/", 10) == 0;

	if (strncmp(text, "/dev/", 5) != 0 || !text[5])
		return fail_with(why, EINVAL,
				 "\"%.60s\" is not below /dev: a disk is, such as /dev/sda", text);
	if (strpbrk(text, link ? " \t" : " \t#"))
		return fail_with(why, EINVAL,
				 "\"%.60s\" is no path of a disk; a comment stands on a line of "
				 "its own",
				 text);
	if (link && !disk_link_is_known(text))
		return fail_with(why, EINVAL,
				 "\"%.60s\" names a file system or a partition; of /dev/disk use "
				 "by-id, by-path or by-diskseq",
				 text);
	return 0;
}

int disk_match_check(const char *text, struct fail *why)
{
	struct match match;

	if (strlen(text) >= TEXT_MAX)
		return fail_with(why, EINVAL, "more than %d characters", TEXT_MAX - 1);
	return text[0] == '/' ? check_path(text, why) : parse(text, &match, why);
}

static bool is_offered(const struct disk *disk)
{
	return disk->excluded == DISK_OFFERED;
}

static bool is_matched(const struct disk *disk)
{
	return disk->matched;
}

/* Does the pattern of that condition fit @text? So it does where it is not given. */
static bool fits_text(const struct match *match, enum condition condition, const char *text)
{
	return !match->given[condition] ||
	       fnmatch(match->value[condition], text, FNM_CASEFOLD) == 0;
}

static bool fits(const struct disk *disk, const struct match *match)
{
	char title[100];

	if (!is_offered(disk) || disk->size_bytes < match->least_bytes)
		return false;
	if (!fits_text(match, SERIAL, disk->serial))
		return false;
	if (!fits_text(match, MODEL, disk->model) &&
	    !fits_text(match, MODEL, disk_title(disk, title, sizeof(title))))
		return false;
	return !match->given[TRANSPORT] ||
	       strcasecmp(match->value[TRANSPORT], disk_transport_name(disk->transport)) == 0;
}

/* The size that smallest or largest asks for among those that fit otherwise; 0: any. */
static uint64_t wanted_bytes(const struct disks *disks, const struct match *match)
{
	uint64_t wanted = 0;

	if (!match->given[SMALLEST] && !match->given[LARGEST])
		return 0;
	for (size_t i = 0; i < disks->n; i++) {
		uint64_t bytes = disks->items[i].size_bytes;

		if (fits(&disks->items[i], match) &&
		    (wanted == 0 || (match->given[LARGEST] ? bytes > wanted : bytes < wanted)))
			wanted = bytes;
	}
	return wanted;
}

static size_t count(const struct disks *disks, bool (*is)(const struct disk *disk))
{
	size_t n = 0;

	for (size_t i = 0; i < disks->n; i++)
		n += is(&disks->items[i]);
	return n;
}

/*
 * "/dev/sda (960 GB, SATA, serial S4XYNX0R); ...": those that @is holds of, whole ones, as many as fit,
 * and how many more there are.
 */
static void put_disks(struct text_out *out, const struct disks *disks,
		      bool (*is)(const struct disk *disk))
{
	size_t left = count(disks, is);
	const char *between = "";

	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *disk = &disks->items[i];
		char size[32], identity[160], text[480];
		int n;

		if (!is(disk))
			continue;
		n = snprintf(text, sizeof(text), "%s%s (%s, %s, %s)", between, disk->path,
			     size_decimal(disk->size_bytes, size, sizeof(size)),
			     disk_transport_name(disk->transport),
			     disk_identity(disk, identity, sizeof(identity)));
		if (out->used + (size_t)n + MORE_BYTES > out->size)
			break;
		text_put(out, "%s", text);
		between = "; ";
		left--;
	}
	if (left)
		text_put(out, "%sand %zu more: the log lists all", between, left);
}

/*
 * " (at least 1030 GB)": a size in the unit of the disks that are listed below it, since "960G" is more
 * than the "960 GB" of a disk. Of terabytes one decimal would hide that.
 */
static const char *least_text(uint64_t least_bytes, char *buf, size_t size)
{
	const uint64_t gb = UINT64_C(1000000000);
	char bytes[32];

	buf[0] = '\0';
	if (least_bytes >= 1000 * gb)
		snprintf(buf, size, " (at least %" PRIu64 " GB)", least_bytes / gb);
	else if (least_bytes > 0)
		snprintf(buf, size, " (at least %s)",
			 size_decimal(least_bytes, bytes, sizeof(bytes)));
	return buf;
}

static int none(const char *text, uint64_t least_bytes, const struct disks *disks, struct fail *why)
{
	char msg[sizeof(why->msg)], least[64];
	struct text_out out = text_out_start(msg, sizeof(msg));

	text_put(&out, "disk = %s%s: no such disk can be installed on; there %s", text,
		 least_text(least_bytes, least, sizeof(least)),
		 count(disks, is_offered) ? "are: " : "is none");
	put_disks(&out, disks, is_offered);
	return fail_with(why, ENODEV, "%s", msg);
}

/*
 * Another path to a disk of the list, or an area of one: no second disk. NVMe's hidden paths and the
 * areas of an eMMC have the names of the disk itself.
 */
static bool is_aside(const struct disk *disk)
{
	return disk->excluded == DISK_EXCLUDED_SAME || disk->kind == DISK_KIND_NVME_PATH ||
	       disk->kind == DISK_KIND_EMMC_BOOT;
}

/* Marks the disks that a path or a link names; how many. */
static size_t mark_named(const char *path, struct disks *disks)
{
	size_t n = 0, n_aside = 0;
	struct disk *alone;

	for (size_t i = 0; i < disks->n; i++) {
		struct disk *disk = &disks->items[i];

		disk->matched = disk_link_names(disk, path);
		n += disk->matched;
		n_aside += disk->matched && is_aside(disk);
	}
	if (n > n_aside) {
		for (size_t i = 0; i < disks->n; i++)
			if (is_aside(&disks->items[i]))
				disks->items[i].matched = false;
		return n - n_aside;
	}
	alone = n == 0 ? disk_link_alone(disks, path) : NULL;
	if (alone)
		alone->matched = true;
	return alone ? 1 : n;
}

/* Marks the disks that all conditions hold of; how many. */
static size_t mark_fitting(const struct match *match, struct disks *disks)
{
	uint64_t bytes = wanted_bytes(disks, match);
	size_t n = 0;

	for (size_t i = 0; i < disks->n; i++) {
		struct disk *disk = &disks->items[i];

		disk->matched = fits(disk, match) && (bytes == 0 || disk->size_bytes == bytes);
		n += disk->matched;
	}
	return n;
}

static int several(const char *text, const struct disks *disks, size_t n, struct fail *why)
{
	char msg[sizeof(why->msg)];
	struct text_out out = text_out_start(msg, sizeof(msg));

	text_put(&out, "disk = %s: %zu disks match, one must: ", text, n);
	put_disks(&out, disks, is_matched);
	return fail_with(why, ENOTUNIQ, "%s", msg);
}

/* The first of the marked disks that is offered, or the first of them; NULL: none. */
static const struct disk *marked(const struct disks *disks)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *disk = &disks->items[i];

		if (disk->matched && is_offered(disk))
			return disk;
		if (disk->matched && !found)
			found = disk;
	}
	return found;
}

int disk_match(const char *text, struct disks *disks, const struct disk **ret, struct fail *why)
{
	const struct disk *found;
	struct match match = { 0 };
	size_t n;

	if (text[0] == '/') {
		n = mark_named(text, disks);
	} else {
		int r = parse(text, &match, why);

		if (r < 0)
			return r;
		n = mark_fitting(&match, disks);
	}
	found = marked(disks);
	if (!found)
		return none(text, match.least_bytes, disks, why);
	/* Of several that cannot be installed on the reason of one says more than their names. */
	if (!is_offered(found))
		return fail_with(why, ENODEV, "disk = %s: %s cannot be installed on: %s", text,
				 found->path, found->reason);
	if (n > 1)
		return several(text, disks, n, why);
	*ret = found;
	return 0;
}
