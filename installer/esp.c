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

static int make_dirs(struct esp *esp, struct fail *why)
{
	const char *argv[4 + ESP_DIRS] = { "mmd", "-i", esp->image };
	char names[ESP_DIRS][32];

	for (size_t i = 0; i < ESP_DIRS; i++) {
		snprintf(names[i], sizeof(names[i]), "::%s", esp_dirs[i]);
		argv[3 + i] = names[i];
	}
	return run(esp, argv, why);
}

/* Already checked against the manifest. */
static int put_file(struct esp *esp, const void *data, size_t bytes, const char *to,
		    struct fail *why)
{
	struct meter *meter = esp->target->meter;
	int r = meter_check(meter, why);

	if (r < 0)
		return r;
	meter_wait_begin(meter, APPLY_WAIT_DISK);
	r = fat_put(esp->image, data, bytes, to, why);
	meter_wait_end(meter, APPLY_WAIT_DISK);
	if (r == 0)
		meter_add(meter, bytes);
	return r;
}

/* From the disk: the kernel has been told to forget what it has in memory of it. */
static int check_file(struct esp *esp, const void *data, size_t bytes, const char *from,
		      struct fail *why)
{
	struct meter *meter = esp->target->meter;
	autofree uint8_t *got = NULL;
	size_t got_bytes;
	int r = meter_check(meter, why);

	if (r < 0)
		return r;
	meter_wait_begin(meter, APPLY_WAIT_DISK);
	r = fat_get(esp->image, from, &got, &got_bytes, why);
	meter_wait_end(meter, APPLY_WAIT_DISK);
	if (r < 0)
		return r;
	if (got_bytes == bytes && memcmp(got, data, bytes) == 0)
		return 0;
	return fail_with(why, EBADMSG,
			 "%s on %s is not what was written; the disk or its cable is damaged", from,
			 esp->plan->target.path);
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

/* Called for each file, first to write all, then to compare all. */
typedef int (*each_file)(struct esp *esp, const void *data, size_t bytes, const char *path,
			 struct fail *why);

static int each_copy(struct esp *esp, each_file call, struct fail *why)
{
	for (size_t i = 0; i < ESP_COPIES; i++) {
		const struct esp_copy *copy = &esp_copies[i];
		autofree uint8_t *data = NULL;
		size_t bytes;
		int r;

		if (!esp_copy_wanted(esp->plan, copy))
			continue;
		r = medium_load(esp->medium, copy->from, &data, &bytes, why);
		for (size_t k = 0; k < 2 && copy->to[k] && r == 0; k++)
			r = call(esp, data, bytes, copy->to[k], why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int each_made(struct esp *esp, const struct esp_options *options, each_file call,
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
		r = call(esp, cfg, strlen(cfg), "boot/grub/grub.cfg", why);
	if (r == 0)
		r = call(esp, grubenv, sizeof(grubenv), "boot/grub/grubenv", why);
	if (r == 0)
		r = call(esp, conf, strlen(conf), "palette/install.conf", why);
	for (size_t i = 0; i < ARRAY_SIZE(marks) && marks[i] && r == 0; i++) {
		autofree char *mark =
			xasprintf("palette/%s-%s", marks[i], esp->plan->manifest.medium_id);

		r = call(esp, "", 0, mark, why);
	}
	return r;
}

static int make(struct esp *esp, const struct esp_options *options, struct fail *why)
{
	int r;

	r = format(esp, why);
	if (r == 0)
		r = make_dirs(esp, why);
	if (r == 0)
		r = each_copy(esp, put_file, why);
	if (r == 0)
		r = each_made(esp, options, put_file, why);
	if (r < 0)
		return r;
	forget(esp);
	r = each_copy(esp, check_file, why);
	if (r == 0)
		r = each_made(esp, options, check_file, why);
	return r;
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
