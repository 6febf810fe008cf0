/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_print.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/size.h"
#include "lib/text.h"

#define COLUMNS	      62 /* beside a label of 14 on an 80-column screen */
#define LINES_AT_ONCE 16
#define FILES_SHOWN   10

/* @text broken to COLUMNS, each line indented by @indent. */
static void put_wrapped(struct text_out *out, unsigned indent, const char *text)
{
	struct text_line lines[LINES_AT_ONCE];
	size_t n = text_wrap(text, COLUMNS - indent, lines, ARRAY_SIZE(lines));

	for (size_t i = 0; i < n && i < ARRAY_SIZE(lines); i++)
		text_put(out, "%*s%.*s\n", (int)(indent + lines[i].indent), "", (int)lines[i].bytes,
			 lines[i].start);
}

static void put_digest(struct text_out *out, const uint8_t *digest, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		text_put(out, "%02x", digest[i]);
}

static const char *const step_texts[PLAN_STEP_KINDS] = {
	[PLAN_STEP_CHECK] = "Check the content on the medium against its digests",
	[PLAN_STEP_WIPE] = "Destroy the old boot code, partition tables and signatures",
	[PLAN_STEP_IMAGES] = "Write the OS image to both slots",
	[PLAN_STEP_READ_BACK] = "Read both slots back and compare",
	[PLAN_STEP_ESP] = "Make the EFI system partition",
	[PLAN_STEP_DATA] = "Make the data partition",
	[PLAN_STEP_CONTENT] = "Write the content",
	[PLAN_STEP_CONTENT_BACK] = "Read the content back and compare",
	[PLAN_STEP_CORE] = "Write GRUB for legacy BIOS",
	[PLAN_STEP_TABLE] = "Write the partition table",
	[PLAN_STEP_BOOT_SECTOR] = "Write the boot sector",
	[PLAN_STEP_FIRMWARE] = "Put the disk first in the firmware's boot order",
};

const char *plan_step_text(enum plan_step_kind kind)
{
	return step_texts[kind];
}

const char *plan_print_disk(const struct plan *plan, char *buf, size_t size)
{
	const struct disk *disk = &plan->target;
	struct text_out out = text_out_start(buf, size);
	char title[100], identity[160], bytes[80];

	text_put(&out, "%s, %s\n", disk->path, disk_title(disk, title, sizeof(title)));
	text_put(&out, "%s", disk_size(disk, bytes, sizeof(bytes)));
	if (disk->transport != DISK_TRANSPORT_FILE)
		text_put(&out, ", %s, %s", disk_transport_name(disk->transport),
			 disk_identity(disk, identity, sizeof(identity)));
	if (disk->logical_bytes != 512)
		text_put(&out, ", %u-byte sectors", disk->logical_bytes);
	text_put(&out, "\n");
	return buf;
}

const char *plan_print_destroyed(const struct plan *plan, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);
	const char *content = plan->target.content[0] ? plan->target.content : "not known";
	bool empty = strcmp(content, "empty") == 0;
	char text[600];

	snprintf(text, sizeof(text), "On it now: %s.", content);
	put_wrapped(&out, 0, text);
	if (!empty)
		put_wrapped(&out, 0,
			    "All of it will be lost. Old data is not erased, only its signatures.");
	return buf;
}

const char *plan_print_layout(const struct plan *plan, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	for (size_t i = 0; i < PLAN_PARTS; i++) {
		char bytes[32];

		text_put(&out, "%zu %-16s %9s  %s\n", i + 1, plan_role_name((enum plan_role)i),
			 size_binary(plan->parts[i].size_bytes, bytes, sizeof(bytes)),
			 plan_role_text((enum plan_role)i));
	}
	return buf;
}

const char *plan_print_content(const struct plan *plan, char *buf, size_t size)
{
	const struct content_list *content = plan->content;
	struct text_out out = text_out_start(buf, size);
	char bytes[32], name[256];

	text_put(&out, "%zu file%s, %s, to the data partition\n", content->n_files,
		 content->n_files == 1 ? "" : "s",
		 size_decimal(content->bytes, bytes, sizeof(bytes)));
	for (size_t i = 0; i < content->n_files && i < FILES_SHOWN; i++)
		text_put(&out, "%9s  %s\n",
			 size_decimal(content->files[i].bytes, bytes, sizeof(bytes)),
			 text_fit(content_list_name(&content->files[i]), COLUMNS - 11, name,
				  sizeof(name)));
	if (content->n_files > FILES_SHOWN)
		text_put(&out, "and %zu more\n", content->n_files - FILES_SHOWN);
	return buf;
}

static const char *firmware_mode(const struct plan *plan)
{
	if (plan->target.kind == DISK_KIND_FILE)
		return plan->boot_code ? "starts by legacy BIOS and by UEFI" : "starts by UEFI";
	return plan->bios ? "legacy BIOS" : "UEFI";
}

const char *plan_print_signature(const struct plan *plan, char *buf, size_t size)
{
	if (plan->manifest.signed_by[0])
		snprintf(buf, size, "signed with key %s", plan->manifest.signed_by);
	else
		snprintf(buf, size, "unsigned build");
	return buf;
}

const char *plan_print_image(const struct plan *plan, char *buf, size_t size)
{
	const struct manifest_file *os = manifest_find(&plan->manifest, MANIFEST_OS);
	struct text_out out = text_out_start(buf, size);
	char bytes[32], line[64];

	text_put(&out, "Image version  %s\n", plan->manifest.version);
	text_put(&out, "Image digest   ");
	put_digest(&out, os->sha256, PLAN_DIGEST_SHOWN / 2);
	text_put(&out, " (%s)\n", size_binary(os->bytes, bytes, sizeof(bytes)));
	text_put(&out, "Signature      %s\n", plan_print_signature(plan, line, sizeof(line)));
	text_put(&out, "Plan digest    %.*s\n", PLAN_DIGEST_SHOWN, plan->digest);
	text_put(&out, "Firmware       %s\n", firmware_mode(plan));
	return buf;
}

const char *plan_print_end(const struct plan *plan, enum answers_action action, char *buf,
			   size_t size)
{
	struct text_out out = text_out_start(buf, size);

	text_put(&out, "When complete: %s\n", answers_action_name(action));
	if (plan->bios && plan->target.kind != DISK_KIND_FILE)
		put_wrapped(&out, 0,
			    "Legacy BIOS: the firmware's boot order decides what starts next. Put "
			    "this disk before the CD and USB, or remove the medium; otherwise the "
			    "installer may start again.");
	return buf;
}

/* One block under its heading, indented. */
static void put_block(struct text_out *out, const char *heading, const char *block)
{
	text_put(out, "%s%s\n", out->used ? "\n" : "", heading);
	while (*block) {
		size_t n = strcspn(block, "\n");

		text_put(out, "  %.*s\n", (int)n, block);
		block += n + (block[n] == '\n');
	}
}

const char *plan_print_summary(const struct plan *plan, enum answers_action action, char *buf,
			       size_t size)
{
	struct text_out out = text_out_start(buf, size);
	char block[PLAN_TEXT_BYTES / 4];

	put_block(&out, "Disk", plan_print_disk(plan, block, sizeof(block)));
	put_block(&out, "Will be destroyed", plan_print_destroyed(plan, block, sizeof(block)));
	put_block(&out, "Will be written", plan_print_layout(plan, block, sizeof(block)));
	if (plan->content)
		put_block(&out, "Content", plan_print_content(plan, block, sizeof(block)));
	put_block(&out, "Image", plan_print_image(plan, block, sizeof(block)));
	put_block(&out, "Then", plan_print_end(plan, action, block, sizeof(block)));
	return buf;
}

const char *plan_print_steps(const struct plan *plan, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	for (size_t i = 0; i < plan->n_steps; i++)
		text_put(&out, "%2zu. %s\n", i + 1, step_texts[plan->steps[i].kind]);
	return buf;
}

static void put_canonical_target(struct text_out *out, const struct disk *disk)
{
	text_put(out, "target = %s\n", disk->path);
	text_put(out, "size = %ju\n", (uintmax_t)disk->size_bytes);
	text_put(out, "sector = %u\n", disk->logical_bytes);
	text_put(out, "serial = %s\n", disk->serial);
	text_put(out, "wwn = %s\n", disk->wwn);
	text_put(out, "diskseq = %ju\n", (uintmax_t)disk->diskseq);
}

const char *plan_print_canonical(const struct plan *plan, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);
	char uuid[PLAN_UUID_CHARS];

	put_canonical_target(&out, &plan->target);
	text_put(&out, "version = %s\nmedium-id = %s\n", plan->manifest.version,
		 plan->manifest.medium_id);
	for (size_t i = 0; i < plan->manifest.n_files; i++) {
		const struct manifest_file *file = &plan->manifest.files[i];

		text_put(&out, "file = ");
		put_digest(&out, file->sha256, sizeof(file->sha256));
		text_put(&out, " %ju %s\n", (uintmax_t)file->bytes, file->path);
	}
	text_put(&out, "disk-id = %s\n", plan_uuid_text(plan->ids.disk, uuid));
	for (size_t i = 0; i < PLAN_PARTS; i++)
		text_put(&out, "part = %s %ju %ju %s\n", plan_role_name((enum plan_role)i),
			 (uintmax_t)plan->parts[i].start_bytes,
			 (uintmax_t)plan->parts[i].size_bytes,
			 plan_uuid_text(plan->parts[i].uuid, uuid));
	text_put(&out, "esp-volume = %08" PRIx32 "\n", plan->ids.esp_volume);
	text_put(&out, "data-fs = %s\n", plan_uuid_text(plan->ids.data_fs, uuid));
	if (plan->content) {
		text_put(&out, "content = ");
		put_digest(&out, plan->content->digest, sizeof(plan->content->digest));
		text_put(&out, " %zu %ju\n", plan->content->n_files,
			 (uintmax_t)plan->content->bytes);
	}
	text_put(&out, "boot-code = %s\nactive = %s\nmicrocode = %s\ndrivers = %s\n",
		 plan->boot_code ? "yes" : "no", plan->active ? "yes" : "no",
		 plan->microcode ? "yes" : "no", plan->drivers ? "yes" : "no");
	for (size_t i = 0; i < plan->n_steps; i++)
		text_put(&out, "step = %s\n", step_texts[plan->steps[i].kind]);
	return buf;
}
