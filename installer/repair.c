/* SPDX-License-Identifier: Apache-2.0 */
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot_code.h"
#include "efivar.h"
#include "esp_files.h"
#include "fat.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/image_conf.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "lib/size.h"
#include "lib/slots.h"
#include "lib/text.h"
#include "probe.h"
#include "ptable.h"
#include "target.h"

#define FILE_BYTES_MAX (64 * MIB)
#define BLOCK_BYTES    4096
/* Microsoft's FAT specification, 3.2 and 3.3 */
#define FAT16_VOLUME_AT 39
#define FAT32_VOLUME_AT 67
#define FAT32_NAME_AT	82
#define KERNEL_MAGIC_AT 0x202 /* "HdrS", Documentation/arch/x86/boot.rst */

struct repair {
	const struct repair_options *options;
	struct repair_report *report;
	struct image_conf image;
	struct plan plan; /* of what is there: partitions, sector size, version */
	struct target target;
	char esp[FAT_IMAGE_BYTES];
};

static void note(char *list, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void note(char *list, size_t size, const char *fmt, ...)
{
	size_t used = strlen(list);
	char line[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_info("repair: %s", line);
	snprintf(list + used, size - used, "%s\n", line);
}

#define note_done(repair, ...)                                                                     \
	note((repair)->report->done, sizeof((repair)->report->done), __VA_ARGS__)
#define note_left(repair, ...)                                                                     \
	note((repair)->report->left, sizeof((repair)->report->left), __VA_ARGS__)

/* A file of the OS image, by its path on a medium. */
static int load(const struct repair *repair, const char *path, uint8_t **ret, size_t *ret_bytes,
		struct fail *why)
{
	autofree char *full = xasprintf("%s/%s", repair->options->files, path);

	return file_read(full, FILE_BYTES_MAX, (char **)ret, ret_bytes, why);
}

/* Writes the file where it is not what it should be, and reads it back. */
static int put_if_other(struct repair *repair, const void *data, size_t bytes, const char *to,
			struct fail *why)
{
	for (int written = 0;; written++) {
		autofree uint8_t *got = NULL;
		size_t got_bytes = 0;
		int r = fat_get(repair->esp, to, FILE_BYTES_MAX, &got, &got_bytes, NULL);

		if (r == 0 && got_bytes == bytes && memcmp(got, data, bytes) == 0) {
			if (written)
				note_done(repair, "%s", to);
			return 0;
		}
		if (written)
			return fail_with(why, EBADMSG,
					 "%s on %s is not what was written; the disk or the EFI "
					 "system partition is damaged",
					 to, repair->options->disk);
		r = fat_put(repair->esp, data, bytes, to, why);
		if (r < 0)
			return r;
		target_forget(&repair->target);
	}
}

static int write_if_other(struct repair *repair, const uint8_t *data, size_t bytes, uint64_t offset,
			  const char *what, struct fail *why)
{
	autofree uint8_t *got = xmalloc(bytes);
	int r = target_read(&repair->target, got, bytes, offset, why);

	if (r < 0 || memcmp(got, data, bytes) == 0)
		return r;
	r = target_write(&repair->target, data, bytes, offset, why);
	if (r == 0)
		r = target_flush(&repair->target, why);
	if (r < 0)
		return r;
	target_forget(&repair->target);
	r = target_read(&repair->target, got, bytes, offset, why);
	if (r == 0 && memcmp(got, data, bytes) != 0)
		r = fail_with(why, EBADMSG, "%s on %s is not what was written", what,
			      repair->options->disk);
	if (r == 0)
		note_done(repair, "%s", what);
	return r;
}

/* Folders that are there are an error for mmd, which says so and goes on. */
static void make_dirs(struct repair *repair)
{
	for (size_t i = 0; i < ESP_DIRS; i++) {
		char name[64];
		const char *const argv[] = { "mmd", "-D", "s", "-i", repair->esp, name, NULL };

		snprintf(name, sizeof(name), "::%s", esp_dirs[i]);
		(void)proc_run(argv, NULL, 0, NULL);
	}
}

/* shim, GRUB, MokManager: those of esp_copies that the OS image has. */
static int repair_loaders(struct repair *repair, struct fail *why)
{
	for (size_t i = 0; i < ESP_COPIES; i++) {
		const struct esp_copy *copy = &esp_copies[i];
		autofree uint8_t *data = NULL;
		size_t bytes;
		int r;

		if (strncmp(copy->from, "palette/efi/", strlen("palette/efi/")) != 0)
			continue;
		r = load(repair, copy->from, &data, &bytes, why);
		for (size_t k = 0; k < 2 && copy->to[k] && r == 0; k++)
			r = put_if_other(repair, data, bytes, copy->to[k], why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int repair_menu(struct repair *repair, struct fail *why)
{
	autofree uint8_t *template = NULL;
	autofree char *cfg = NULL;
	size_t bytes;
	int r = load(repair, MANIFEST_GRUB_CFG, &template, &bytes, why);

	if (r == 0)
		r = esp_grub_cfg(&repair->plan, (char *)template, &cfg, why);
	if (r == 0)
		r = put_if_other(repair, cfg, strlen(cfg), "boot/grub/grub.cfg", why);
	return r;
}

/* What it says is kept where it can be read, but both slots are tried again: they are whole now. */
static int repair_environment(struct repair *repair, struct fail *why)
{
	static const char path[] = "boot/grub/grubenv";
	autofree uint8_t *old = NULL;
	char block[GRUBENV_BYTES];
	struct grubenv env;
	struct slots slots;
	bool changed;
	size_t bytes;
	int r;

	if (fat_get(repair->esp, path, FILE_BYTES_MAX, &old, &bytes, NULL) < 0 ||
	    grubenv_parse(old, bytes, &env, NULL) < 0) {
		r = esp_grubenv(NULL, block, why);
		return r < 0 ? r : put_if_other(repair, block, sizeof(block), path, why);
	}
	slots_from_env(&env, &slots);
	slots_mark_good(&slots, 'a');
	slots_mark_good(&slots, 'b');
	r = slots_to_env(&slots, &env, &changed, why);
	grubenv_format(&env, block);
	return r < 0 ? r : put_if_other(repair, block, sizeof(block), path, why);
}

/* Whether the other slot has the image this initrd belongs to: the top of its hash tree says it. */
static bool same_image(struct repair *repair, enum plan_role slot)
{
	const struct plan_part *part = &repair->plan.parts[slot];
	uint64_t offset = repair->image.data_blocks * BLOCK_BYTES;
	uint8_t block[BLOCK_BYTES], salt[32], digest[SHA256_DIGEST_SIZE];
	char text[2 * SHA256_DIGEST_SIZE + 1];
	struct sha256_ctx sha;

	if (offset + BLOCK_BYTES > part->size_bytes ||
	    target_read(&repair->target, block, sizeof(block), part->start_bytes + offset, NULL) <
		    0)
		return false;
	for (size_t i = 0; i < sizeof(salt); i++) {
		const char digits[3] = { repair->image.salt[2 * i], repair->image.salt[2 * i + 1],
					 '\0' };

		salt[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	sha256_init(&sha);
	sha256_update(&sha, sizeof(salt), salt);
	sha256_update(&sha, sizeof(block), block);
	sha256_digest(&sha, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return strcmp(text, repair->image.root_hash) == 0;
}

/* One of the two files of a slot, from the good one to the other. */
static int repair_slot_file(struct repair *repair, const char *name, struct fail *why)
{
	char good = repair->options->slot, other = good == 'a' ? 'b' : 'a';
	bool same = same_image(repair, other == 'a' ? PLAN_SYSTEM_A : PLAN_SYSTEM_B);
	bool kernel = strcmp(name, "vmlinuz") == 0;
	autofree uint8_t *data = NULL;
	char from[64], to[64];
	size_t bytes;
	int r;

	snprintf(from, sizeof(from), "palette/%c/%s", good, name);
	snprintf(to, sizeof(to), "palette/%c/%s", other, name);
	r = fat_get(repair->esp, from, FILE_BYTES_MAX, &data, &bytes, why);
	if (r == 0 && kernel &&
	    (bytes < KERNEL_MAGIC_AT + 4 || memcmp(data + KERNEL_MAGIC_AT, "HdrS", 4) != 0))
		r = fail_with(why, EBADMSG, "%s is no kernel", from);
	if (r < 0) {
		note_left(repair, "%s: %s", from, why->msg);
		return 0;
	}
	if (same)
		return put_if_other(repair, data, bytes, to, why);
	if (kernel)
		note_left(repair,
			  "slot %c has another image than slot %c: its kernel is left as it is",
			  other, good);
	return 0;
}

static int repair_boot_code(struct repair *repair, struct fail *why)
{
	uint64_t start = repair->plan.parts[PLAN_BIOS].start_bytes;
	autofree uint8_t *core = NULL, *boot = NULL;
	uint8_t sector[BOOT_SECTOR_BYTES];
	size_t core_bytes, boot_bytes;
	int r;

	if (repair->target.sector_bytes != BOOT_SECTOR_BYTES)
		return 0;
	r = load(repair, MANIFEST_CORE, &core, &core_bytes, why);
	if (r == 0)
		r = load(repair, MANIFEST_BOOT, &boot, &boot_bytes, why);
	if (r == 0)
		r = boot_code_patch_core(core, core_bytes, start / BOOT_SECTOR_BYTES, why);
	if (r == 0)
		r = write_if_other(repair, core, core_bytes, start,
				   "GRUB's core image for legacy BIOS", why);
	if (r == 0)
		r = target_read(&repair->target, sector, sizeof(sector), 0, why);
	/* The boot flag stays as the installer has set it. */
	if (r == 0)
		r = boot_code_patch_sector(boot, boot_bytes, start / BOOT_SECTOR_BYTES, false,
					   sector, why);
	if (r == 0)
		r = write_if_other(repair, sector, sizeof(sector), 0, "the boot sector", why);
	return r;
}

static void repair_firmware(struct repair *repair)
{
	struct fail why = { 0 };

	if (!repair->options->firmware)
		return;
	if (efivar_register(repair->options->root, &repair->plan, &why) < 0)
		note_left(repair, "the firmware took no boot entry: %s", why.msg);
	else
		note_done(repair, "the firmware's boot entry");
}

/* The volume id, for whoever's menu names it. */
static int read_volume(struct repair *repair, struct fail *why)
{
	uint8_t sector[BOOT_SECTOR_BYTES];
	const uint8_t *id;
	int r = target_read(&repair->target, sector, sizeof(sector),
			    repair->plan.parts[PLAN_ESP].start_bytes, why);

	if (r < 0)
		return r;
	id = sector +
	     (memcmp(sector + FAT32_NAME_AT, "FAT32", 5) == 0 ? FAT32_VOLUME_AT : FAT16_VOLUME_AT);
	repair->plan.ids.esp_volume =
		id[0] | (uint32_t)id[1] << 8 | (uint32_t)id[2] << 16 | (uint32_t)id[3] << 24;
	return 0;
}

static int open_disk(struct repair *repair, struct fail *why)
{
	const char *path = repair->options->disk;
	struct probe_options probe = { .root = "/" };
	struct disk *disk = &repair->plan.target;
	int r = probe_target(&probe, path, disk, why);

	if (r < 0)
		return r;
	/* Not claimed as the installer does: its own slots are in use. */
	repair->target = (struct target){
		.path = path,
		.fd = open(path, O_RDWR | O_CLOEXEC),
		.direct_fd = -1,
		.block = disk->kind == DISK_KIND_DISK,
		.size_bytes = disk->size_bytes,
		.sector_bytes = disk->logical_bytes,
		.meter = xcalloc(1, sizeof(struct meter)),
	};
	if (repair->target.fd < 0)
		return fail_errno(why, errno, "open %s", path);
	r = ptable_read(&repair->target, repair->plan.parts, why);
	if (r < 0)
		return r;
	(void)fat_image(path, repair->plan.parts[PLAN_ESP].start_bytes, repair->esp);
	return read_volume(repair, why);
}

static int read_conf(struct repair *repair, struct fail *why)
{
	autofree char *path =
		xasprintf("%s" IMAGE_CONF_PATH,
			  strcmp(repair->options->root, "/") == 0 ? "" : repair->options->root);
	autofree char *text = NULL;
	int r = file_read(path, IMAGE_CONF_BYTES_MAX, &text, NULL, why);

	if (r == 0)
		r = image_conf_parse(text, &repair->image, why);
	if (r == 0)
		snprintf(repair->plan.manifest.version, sizeof(repair->plan.manifest.version), "%s",
			 repair->image.version);
	return r;
}

static int repair_all(struct repair *repair, struct fail *why)
{
	int r = read_conf(repair, why);

	if (r == 0)
		r = open_disk(repair, why);
	if (r < 0)
		return r;
	make_dirs(repair);
	/* GRUB's own files first: with them the other slot starts, whatever fails below. */
	r = repair_loaders(repair, why);
	if (r == 0)
		r = repair_menu(repair, why);
	if (r == 0)
		r = repair_slot_file(repair, "vmlinuz", why);
	if (r == 0)
		r = repair_slot_file(repair, "initrd.img", why);
	if (r == 0)
		r = repair_environment(repair, why);
	if (r == 0)
		r = repair_boot_code(repair, why);
	if (r == 0)
		repair_firmware(repair);
	return r;
}

int repair_boot(const struct repair_options *options, struct repair_report *ret, struct fail *why)
{
	struct repair *repair = xcalloc(1, sizeof(*repair));
	int r;

	*ret = (struct repair_report){ 0 };
	repair->options = options;
	repair->report = ret;
	repair->target.fd = -1;
	r = repair_all(repair, why);
	if (repair->target.fd >= 0)
		close(repair->target.fd);
	free(repair->target.meter);
	free(repair);
	if (r < 0)
		log_error("repair: %s", why->msg);
	return r;
}
