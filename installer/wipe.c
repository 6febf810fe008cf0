/* SPDX-License-Identifier: Apache-2.0 */
#include "wipe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"

DEFINE_CLEANUP(blkid_probe, blkid_free_probe)

/* Both ends of an area: the places of every signature but a few, which blkid is asked for. */
#define END_BYTES MIB

/* Signatures to remove from one area before we give up: each removal may uncover another. */
#define SIGNATURES_MAX 64

struct area {
	uint64_t start_bytes, size_bytes;
};

struct areas {
	struct area *items;
	size_t n;
};

static void areas_done(struct areas *areas)
{
	free(areas->items);
}

/* Where partitions are now, nested ones too. No table, or an unreadable one: none. */
static void find_old(struct target *target, struct areas *ret)
{
	autoclean(blkid_probe) probe = blkid_new_probe();
	blkid_partlist list;
	int n;

	if (!probe || blkid_probe_set_device(probe, target->fd, 0, 0) < 0)
		return;
	(void)blkid_probe_set_sectorsize(probe, target->sector_bytes);
	(void)blkid_probe_enable_superblocks(probe, 0);
	(void)blkid_probe_enable_partitions(probe, 1);
	list = blkid_probe_get_partitions(probe);
	n = list ? blkid_partlist_numof_partitions(list) : 0;
	if (n <= 0)
		return;
	ret->items = xcalloc((size_t)n, sizeof(*ret->items));
	for (int i = 0; i < n; i++) {
		blkid_partition part = blkid_partlist_get_partition(list, i);
		/* blkid counts in units of 512 bytes whatever the sectors have. */
		uint64_t start = (uint64_t)blkid_partition_get_start(part) * 512;
		uint64_t size = (uint64_t)blkid_partition_get_size(part) * 512;

		if (start >= target->size_bytes || size == 0)
			continue;
		if (size > target->size_bytes - start)
			size = target->size_bytes - start;
		ret->items[ret->n++] = (struct area){ start, size };
	}
}

static int zero_ends(struct target *target, const struct area *area, struct fail *why)
{
	uint64_t head = area->size_bytes < END_BYTES ? area->size_bytes : END_BYTES;
	int r;

	r = target_zero(target, area->start_bytes, head, why);
	if (r == 0)
		r = target_zero(target, area->start_bytes + area->size_bytes - head, head, why);
	return r;
}

/* What is left in the middle: some keep copies of their superblock there. */
static int remove_signatures(struct target *target, const struct area *area, struct fail *why)
{
	autoclean(blkid_probe) probe = blkid_new_probe();
	int r = 0;

	if (!probe)
		return fail_errno(why, ENOMEM, "start libblkid");
	if (blkid_probe_set_device(probe, target->fd, (blkid_loff_t)area->start_bytes,
				   (blkid_loff_t)area->size_bytes) < 0)
		return fail_errno(why, errno ? errno : EIO, "look for signatures on %s",
				  target->path);
	(void)blkid_probe_set_sectorsize(probe, target->sector_bytes);
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE |
							       BLKID_SUBLKS_BADCSUM);
	(void)blkid_probe_enable_partitions(probe, 1);
	(void)blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
	for (int i = 0; i < SIGNATURES_MAX && (r = blkid_do_probe(probe)) == 0; i++) {
		const char *type = NULL;

		if (blkid_probe_lookup_value(probe, "TYPE", &type, NULL) < 0)
			(void)blkid_probe_lookup_value(probe, "PTTYPE", &type, NULL);
		log_info("%s: removing the signature of %s", target->path, type ? type : "?");
		if (blkid_do_wipe(probe, 0) < 0)
			return fail_errno(why, errno ? errno : EIO,
					  "remove the signature of %s from %s", type ? type : "?",
					  target->path);
	}
	if (r < 0)
		return fail_errno(why, errno ? errno : EIO, "look for signatures on %s",
				  target->path);
	return 0;
}

static int wipe_area(struct target *target, const struct area *area, struct fail *why)
{
	int r = meter_check(target->meter, why);

	if (r == 0)
		r = zero_ends(target, area, why);
	if (r == 0)
		r = remove_signatures(target, area, why);
	return r;
}

/* Bottom up: what lies in partitions first, so that no layer is uncovered by a later one. */
static int wipe_old(struct target *target, struct fail *why)
{
	__attribute__((cleanup(areas_done))) struct areas old = { 0 };
	struct area whole = { 0, target->size_bytes };
	int r;

	find_old(target, &old);
	r = target_unboot(target, why);
	for (size_t i = 0; i < old.n && r == 0; i++)
		r = wipe_area(target, &old.items[i], why);
	return r < 0 ? r : wipe_area(target, &whole, why);
}

int wipe_target(const struct plan *plan, struct target *target, struct fail *why)
{
	int r;

	if (target->blank)
		return 0;
	r = wipe_old(target, why);
	for (size_t i = 0; i < PLAN_PARTS && r == 0; i++) {
		struct area area = { plan->parts[i].start_bytes, plan->parts[i].size_bytes };

		r = wipe_area(target, &area, why);
	}
	return r < 0 ? r : target_flush(target, why);
}

int wipe_disk(const struct disk *disk, struct fail *why)
{
	struct target target = { .fd = -1, .direct_fd = -1 };
	struct meter meter = { 0 };
	struct fail unread = { 0 };
	int r = target_open(disk, &meter, &target, why);

	if (r < 0)
		return r;
	log_info("wiping %s", disk->path);
	r = wipe_old(&target, why);
	if (r == 0)
		r = target_flush(&target, why);
	if (r == 0 && target_reread_table(&target, &unread) < 0)
		log_warn("%s", unread.msg);
	target_done(&target);
	return r;
}
