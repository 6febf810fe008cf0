/* SPDX-License-Identifier: Apache-2.0 */
#include "esp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "esp_files.h"
#include "fat.h"
#include "fat_tree.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "lib/size.h"

struct esp {
	const struct plan *plan;
	const struct medium *medium;
	struct target *target;
	char image[FAT_IMAGE_BYTES]; /* mtools' name of the partition: "/dev/sda@@2097152" */
};

static int run(struct esp *esp, const char *const argv[], struct fail *why)
{
	struct meter *meter = esp->target->meter;
	int r = meter_check(meter, why);

	if (r < 0)
		return r;
	meter_wait_begin(meter, APPLY_WAIT_DISK);
	r = proc_run(argv, NULL, 0, why);
	meter_wait_end(meter, APPLY_WAIT_DISK);
	return r;
}

static int format(struct esp *esp, struct fail *why)
{
	const struct plan_part *part = &esp->plan->parts[PLAN_ESP];
	unsigned sector_bytes = esp->plan->target.logical_bytes;
	char bits[8], sector[8], cluster[8], volume[12], offset[32], blocks[32];
	/* No --invariant: it overrides -i, and every disk would have the same volume id. */
	const char *const argv[] = { "mkfs.fat", "-I",	  "-F",
				     bits,	 "-S",	  sector,
				     "-s",	 cluster, "-i",
				     volume,	 "-n",	  "PALETTE-ESP",
				     "--offset", offset,  esp->plan->target.path,
				     blocks,	 NULL };
	struct esp_fat fat;
	int r;

	r = esp_fat_choose(part->size_bytes, sector_bytes, &fat, why);
	if (r < 0)
		return r;
	snprintf(bits, sizeof(bits), "%u", fat.bits);
	snprintf(sector, sizeof(sector), "%u", sector_bytes);
	snprintf(cluster, sizeof(cluster), "%u", fat.cluster_sectors);
	snprintf(volume, sizeof(volume), "%08" PRIX32, esp->plan->ids.esp_volume);
	/* Counted in sectors of -S; the size in KiB whatever the sectors have. */
	snprintf(offset, sizeof(offset), "%ju", (uintmax_t)(part->start_bytes / sector_bytes));
	snprintf(blocks, sizeof(blocks), "%ju", (uintmax_t)(part->size_bytes / KIB));
	return run(esp, argv, why);
}

static void forget(struct esp *esp)
{
	autoclose int fd = open(esp->plan->target.path, O_RDONLY | O_CLOEXEC);
	struct target target = *esp->target;

	if (fd < 0)
		return;
	target.fd = fd;
	(void)fsync(fd);
	target_forget(&target);
}

/* Already checked against the manifest. */
static int add_copies(struct esp *esp, struct fat_tree *tree, struct fail *why)
{
	for (size_t i = 0; i < ESP_COPIES; i++) {
		const struct esp_copy *copy = &esp_copies[i];
		autofree uint8_t *data = NULL;
		size_t bytes;
		int r;

		if (!esp_copy_wanted(esp->plan, copy))
			continue;
		r = medium_load(esp->medium, copy->from, &data, &bytes, why);
		if (r == 0)
			r = fat_tree_add(tree, data, bytes, copy->to, why);
		if (r < 0)
			return r;
		meter_add(esp->target->meter, copy->to[1] ? 2 * bytes : bytes);
	}
	return 0;
}

static int add_text(struct fat_tree *tree, const void *text, size_t bytes, const char *to,
		    struct fail *why)
{
	const char *const places[2] = { to, NULL };

	return fat_tree_add(tree, text, bytes, places, why);
}

static int add_made(struct esp *esp, const struct esp_options *options, struct fat_tree *tree,
		    struct fail *why)
{
	autofree char *conf = esp_install_conf(esp->plan, options->now_seconds);
	autofree uint8_t *template = NULL;
	autofree char *text = NULL, *cfg = NULL;
	const char *marks[] = { "pending", "installed", options->unattended ? "unattended" : NULL };
	char grubenv[GRUBENV_BYTES];
	size_t bytes;
	int r;

	r = medium_load(esp->medium, MANIFEST_GRUB_CFG, &template, &bytes, why);
	if (r < 0)
		return r;
	text = xasprintf("%.*s", (int)bytes, (const char *)template);
	r = esp_grub_cfg(esp->plan, text, &cfg, why);
	if (r == 0)
		r = esp_grubenv(options->console, grubenv, why);
	if (r == 0)
		r = add_text(tree, cfg, strlen(cfg), "boot/grub/grub.cfg", why);
	if (r == 0)
		r = add_text(tree, grubenv, sizeof(grubenv), "boot/grub/grubenv", why);
	if (r == 0)
		r = add_text(tree, conf, strlen(conf), "palette/install.conf", why);
	for (size_t i = 0; i < ARRAY_SIZE(marks) && marks[i] && r == 0; i++) {
		autofree char *mark =
			xasprintf("palette/%s-%s", marks[i], esp->plan->manifest.medium_id);

		r = add_text(tree, "", 0, mark, why);
	}
	return r;
}

static int copy(struct esp *esp, const struct fat_tree *tree, struct fail *why)
{
	struct meter *meter = esp->target->meter;
	int r = meter_check(meter, why);

	if (r < 0)
		return r;
	meter_wait_begin(meter, APPLY_WAIT_DISK);
	r = fat_tree_write(tree, esp->image, why);
	meter_wait_end(meter, APPLY_WAIT_DISK);
	if (r == 0)
		r = meter_check(meter, why);
	if (r < 0)
		return r;
	/* From the disk: the kernel is told to forget what it has in memory of it. */
	forget(esp);
	meter_wait_begin(meter, APPLY_WAIT_DISK);
	r = fat_tree_check(tree, esp->image, esp->plan->target.path, why);
	meter_wait_end(meter, APPLY_WAIT_DISK);
	return r;
}

static int make(struct esp *esp, const struct esp_options *options, struct fail *why)
{
	__attribute__((cleanup(fat_tree_done))) struct fat_tree tree = { 0 };
	int r;

	r = format(esp, why);
	if (r == 0)
		r = add_copies(esp, &tree, why);
	if (r == 0)
		r = add_made(esp, options, &tree, why);
	return r < 0 ? r : copy(esp, &tree, why);
}

int esp_make(const struct plan *plan, const struct medium *medium, struct target *target,
	     const struct esp_options *options, struct fail *why)
{
	struct esp esp = { .plan = plan, .medium = medium, .target = target };
	int r, r_back;

	(void)fat_image(plan->target.path, plan->parts[PLAN_ESP].start_bytes, esp.image);
	r = target_lend(target, why);
	if (r == 0)
		r = make(&esp, options, why);
	r_back = target_take_back(target, r < 0 ? NULL : why);
	return r < 0 ? r : r_back;
}
