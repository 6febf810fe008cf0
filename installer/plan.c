/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "hostd/content_check.h"
#include "lib/cleanup.h"
#include "lib/size.h"
#include "plan_print.h"

const struct plan_sizes plan_sizes_default = {
	.esp_bytes = 512 * MIB,
	.system_bytes = 4 * GIB,
	.data_min_bytes = 2 * GIB,
};

/* Weights of steps that write little; they are time rather than bytes. */
#define WEIGHT_SMALL (2 * MIB)
#define WEIGHT_DATA  (16 * MIB)

static const struct {
	const char *name, *text, *type;
} roles[PLAN_PARTS] = {
	[PLAN_BIOS] = { "palette-bios", "boot code for legacy BIOS",
			"21686148-6449-6E6F-744E-656564454649" },
	[PLAN_ESP] = { "palette-esp", "EFI system: boot loader, kernels",
		       "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" },
	[PLAN_SYSTEM_A] = { "palette-system-a", "operating system",
			    "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709" },
	[PLAN_SYSTEM_B] = { "palette-system-b", "operating system, fallback",
			    "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709" },
	[PLAN_DATA] = { "palette-data", "accounts, network, content, logs",
			"4D21B016-B534-45C2-A9FB-5C16E091FD2D" },
};

const char *plan_role_name(enum plan_role role)
{
	return roles[role].name;
}

const char *plan_role_text(enum plan_role role)
{
	return roles[role].text;
}

const char *plan_role_type(enum plan_role role)
{
	return roles[role].type;
}

const char *plan_uuid_text(const uint8_t uuid[16], char buf[PLAN_UUID_CHARS])
{
	size_t used = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			buf[used++] = '-';
		used += (size_t)snprintf(buf + used, PLAN_UUID_CHARS - used, "%02x", uuid[i]);
	}
	return buf;
}

/* The @counter-th bytes of the stream that @seed stands for: SHA-256 in counter mode. */
static void stream(const uint8_t seed[PLAN_SEED_BYTES], uint32_t *counter, void *ret, size_t bytes)
{
	uint8_t *out = ret;

	while (bytes > 0) {
		uint8_t block[SHA256_DIGEST_SIZE], number[4];
		size_t take = bytes < sizeof(block) ? bytes : sizeof(block);
		struct sha256_ctx hash;

		for (unsigned i = 0; i < 4; i++)
			number[i] = (uint8_t)(*counter >> (8 * i));
		(*counter)++;
		sha256_init(&hash);
		sha256_update(&hash, PLAN_SEED_BYTES, seed);
		sha256_update(&hash, sizeof(number), number);
		sha256_digest(&hash, sizeof(block), block);
		memcpy(out, block, take);
		out += take;
		bytes -= take;
	}
}

/* Marks 16 random bytes as a random UUID (RFC 9562, version 4). */
static void stream_uuid(const uint8_t seed[PLAN_SEED_BYTES], uint32_t *counter, uint8_t uuid[16])
{
	stream(seed, counter, uuid, 16);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

void plan_ids_make(const uint8_t seed[PLAN_SEED_BYTES], struct plan_ids *ret)
{
	uint32_t counter = 0;

	stream_uuid(seed, &counter, ret->disk);
	for (size_t i = 0; i < PLAN_PARTS; i++)
		stream_uuid(seed, &counter, ret->parts[i]);
	stream_uuid(seed, &counter, ret->data_fs);
	stream_uuid(seed, &counter, ret->hash_seed);
	stream(seed, &counter, &ret->esp_volume, sizeof(ret->esp_volume));
	stream(seed, &counter, ret->random_seed, sizeof(ret->random_seed));
}

static uint64_t fixed_bytes(const struct plan_sizes *sizes)
{
	/* The first MiB has the tables and the boot sector. */
	return PLAN_ALIGN_BYTES + PLAN_BIOS_BYTES + sizes->esp_bytes + 2 * sizes->system_bytes;
}

uint64_t plan_content_room(uint64_t bytes)
{
	/* Inode tables take a 64th, root's share a 100th; the journal a 32nd and 1 GiB at most. */
	uint64_t tables = bytes / 32 + 16 * MIB;
	uint64_t journal = bytes / 32 < GIB ? bytes / 32 : GIB;
	uint64_t taken = tables + journal + content_keep_bytes(bytes);

	return bytes > taken ? bytes - taken : 0;
}

uint64_t plan_needed_bytes(const struct plan_sizes *sizes)
{
	return fixed_bytes(sizes) + sizes->data_min_bytes + PLAN_ALIGN_BYTES;
}

static uint64_t file_bytes(const struct manifest *manifest, const char *path)
{
	const struct manifest_file *file = manifest_find(manifest, path);

	assert(file); /* manifest_parse() has seen to it */
	return file->bytes;
}

/* What the files of the EFI system partition take, each one twice; clusters are at most 32 KiB. */
static uint64_t esp_content_bytes(const struct manifest *manifest)
{
	static const char *const twice[] = { MANIFEST_KERNEL, MANIFEST_INITRD, MANIFEST_SHIM,
					     MANIFEST_GRUB, MANIFEST_MOK };
	static const char *const perhaps[] = { MANIFEST_MICROCODE, MANIFEST_DRIVERS };
	uint64_t bytes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(twice); i++)
		bytes += 2 * (file_bytes(manifest, twice[i]) + 32 * KIB);
	for (size_t i = 0; i < ARRAY_SIZE(perhaps); i++)
		if (manifest_find(manifest, perhaps[i]))
			bytes += file_bytes(manifest, perhaps[i]) + 32 * KIB;
	return bytes + file_bytes(manifest, MANIFEST_GRUB_CFG) + 256 * KIB;
}

static int check_sizes(const struct plan_request *request, struct fail *why)
{
	const struct plan_sizes *sizes = request->sizes;
	const struct {
		const char *what;
		uint64_t bytes;
	} all[] = {
		{ "the EFI system partition", sizes->esp_bytes },
		{ "a system partition", sizes->system_bytes },
		{ "the data partition at least", sizes->data_min_bytes },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].bytes == 0 || all[i].bytes % PLAN_ALIGN_BYTES != 0 ||
		    all[i].bytes > 64 * TIB)
			return fail_with(why, EINVAL,
					 "%s shall have %ju bytes; it takes a multiple of 1 MiB, "
					 "at most 64 TiB",
					 all[i].what, (uintmax_t)all[i].bytes);
	}
	return 0;
}

static int check_fit(const struct plan_request *request, struct fail *why)
{
	const struct plan_sizes *sizes = request->sizes;
	const struct manifest *manifest = request->manifest;
	uint64_t os = file_bytes(manifest, MANIFEST_OS);
	uint64_t core = file_bytes(manifest, MANIFEST_CORE);
	uint64_t esp = esp_content_bytes(manifest);
	uint64_t need = plan_needed_bytes(sizes);

	if (request->target->size_bytes < need)
		return fail_with(
			why, ENOSPC, "%s is too small: it has %ju MiB, the system needs %ju MiB",
			request->target->path, (uintmax_t)(request->target->size_bytes / MIB),
			(uintmax_t)(need / MIB));
	if (os > sizes->system_bytes)
		return fail_with(why, ENOSPC,
				 "the OS image has %ju bytes, a system partition only %ju",
				 (uintmax_t)os, (uintmax_t)sizes->system_bytes);
	if (core > PLAN_BIOS_BYTES)
		return fail_with(why, ENOSPC, "%s has %ju bytes, its partition only %ju",
				 MANIFEST_CORE, (uintmax_t)core, (uintmax_t)PLAN_BIOS_BYTES);
	/* A 64th and 256 KiB for FAT's own tables. */
	if (esp > sizes->esp_bytes - sizes->esp_bytes / 64 - 256 * KIB)
		return fail_with(
			why, ENOSPC,
			"the boot files take %ju KiB, the EFI system partition has %ju KiB",
			(uintmax_t)(esp / KIB), (uintmax_t)(sizes->esp_bytes / KIB));
	return 0;
}

static int check_content(const struct plan *plan, struct fail *why)
{
	uint64_t need = plan->content ? content_list_room(plan->content) : 0;
	uint64_t room = plan_content_room(plan->parts[PLAN_DATA].size_bytes);

	if (need <= room)
		return 0;
	return fail_with(why, ENOSPC,
			 "the medium's content needs %ju MiB (%zu files), the data partition on "
			 "%s would have %ju MiB for it: take a larger disk",
			 (uintmax_t)(need / MIB + 1), plan->content->n_files, plan->target.path,
			 (uintmax_t)(room / MIB));
}

static void lay_out(const struct plan_request *request, struct plan *plan)
{
	const struct plan_sizes *sizes = request->sizes;
	const uint64_t bytes[PLAN_PARTS] = {
		[PLAN_BIOS] = PLAN_BIOS_BYTES,
		[PLAN_ESP] = sizes->esp_bytes,
		[PLAN_SYSTEM_A] = sizes->system_bytes,
		[PLAN_SYSTEM_B] = sizes->system_bytes,
	};
	/* The last whole MiB is left to the backup GPT. */
	uint64_t end = (plan->target.size_bytes / PLAN_ALIGN_BYTES - 1) * PLAN_ALIGN_BYTES;
	uint64_t start = PLAN_ALIGN_BYTES;

	for (size_t i = 0; i < PLAN_PARTS; i++) {
		plan->parts[i].start_bytes = start;
		plan->parts[i].size_bytes = i == PLAN_DATA ? end - start : bytes[i];
		memcpy(plan->parts[i].uuid, plan->ids.parts[i], sizeof(plan->parts[i].uuid));
		start += plan->parts[i].size_bytes;
	}
}

static void add_step(struct plan *plan, enum plan_step_kind kind, uint64_t weight_bytes)
{
	assert(plan->n_steps < PLAN_STEPS_MAX);
	plan->steps[plan->n_steps++] =
		(struct plan_step){ .kind = kind, .weight_bytes = weight_bytes };
	plan->weight_bytes += weight_bytes;
}

static void derive_steps(const struct plan_request *request, struct plan *plan)
{
	uint64_t os = file_bytes(&plan->manifest, MANIFEST_OS);

	if (plan->content)
		add_step(plan, PLAN_STEP_CHECK, plan->content->bytes);
	add_step(plan, PLAN_STEP_WIPE, WEIGHT_SMALL);
	add_step(plan, PLAN_STEP_IMAGES, 2 * os);
	add_step(plan, PLAN_STEP_READ_BACK, 2 * os);
	add_step(plan, PLAN_STEP_ESP, esp_content_bytes(&plan->manifest));
	add_step(plan, PLAN_STEP_DATA, WEIGHT_DATA);
	if (plan->content) {
		add_step(plan, PLAN_STEP_CONTENT, plan->content->bytes);
		add_step(plan, PLAN_STEP_CONTENT_BACK, plan->content->bytes);
	}
	if (plan->boot_code)
		add_step(plan, PLAN_STEP_CORE, WEIGHT_SMALL);
	add_step(plan, PLAN_STEP_TABLE, WEIGHT_SMALL);
	if (plan->boot_code)
		add_step(plan, PLAN_STEP_BOOT_SECTOR, WEIGHT_SMALL);
	if (request->firmware)
		add_step(plan, PLAN_STEP_FIRMWARE, WEIGHT_SMALL);
}

bool plan_step_is_of_content(enum plan_step_kind kind)
{
	return kind == PLAN_STEP_CHECK || kind == PLAN_STEP_CONTENT ||
	       kind == PLAN_STEP_CONTENT_BACK;
}

const struct manifest_file *plan_content_file(const struct content_list *content,
					      enum plan_step_kind kind, size_t item)
{
	return &content->files[kind == PLAN_STEP_CHECK ? content->n_files - 1 - item : item];
}

static void make_digest(struct plan *plan)
{
	char text[PLAN_TEXT_BYTES];
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;

	plan_print_canonical(plan, text, sizeof(text));
	assert(strlen(text) < sizeof(text) - 1);
	sha256_init(&hash);
	sha256_update(&hash, strlen(text), (const uint8_t *)text);
	sha256_digest(&hash, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(plan->digest + 2 * i, 3, "%02x", digest[i]);
}

int plan_make(const struct plan_request *request, struct plan *ret, struct fail *why)
{
	const struct disk *target = request->target;
	struct plan plan = {
		.target = *target,
		.manifest = *request->manifest,
		.ids = *request->ids,
		.bios = request->bios,
		.microcode =
			request->bare_metal && manifest_find(request->manifest, MANIFEST_MICROCODE),
		.drivers =
			target->extra_driver && manifest_find(request->manifest, MANIFEST_DRIVERS),
		.boot_code = target->logical_bytes == 512,
		.active = request->bios || target->kind == DISK_KIND_FILE,
	};
	int r;

	if (target->logical_bytes != 512 && target->logical_bytes != 4096)
		return fail_with(why, EINVAL, "%s has %u-byte sectors; 512 and 4096 are supported",
				 target->path, target->logical_bytes);
	r = check_sizes(request, why);
	if (r < 0)
		return r;
	r = check_fit(request, why);
	if (r < 0)
		return r;
	lay_out(request, &plan);
	if (request->content && request->content->n_files)
		plan.content = request->content;
	r = check_content(&plan, why);
	if (r < 0)
		return r;
	derive_steps(request, &plan);
	make_digest(&plan);
	*ret = plan;
	return 0;
}
