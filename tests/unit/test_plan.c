/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "installer/plan.h"
#include "installer/plan_print.h"
#include "lib/cleanup.h"
#include "lib/size.h"
#include "manifest_text.h"

/* Everything plan_make() is given; tests change what they are about. */
struct setup {
	struct disk disk;
	struct manifest manifest;
	struct plan_sizes sizes;
	struct plan_ids ids;
	struct plan_request request;
};

static void set_up(struct setup *s, uint64_t mib)
{
	static const uint8_t seed[PLAN_SEED_BYTES] = { 1, 2, 3 };

	memset(s, 0, sizeof(*s));
	s->disk = (struct disk){ .name = "vda",
				 .path = "/dev/vda",
				 .size_bytes = mib * MIB,
				 .logical_bytes = 512,
				 .diskseq = 3 };
	assert_int_equal(manifest_parse(MANIFEST_TEXT, strlen(MANIFEST_TEXT), &s->manifest, NULL),
			 0);
	s->sizes = plan_sizes_default;
	plan_ids_make(seed, &s->ids);
	s->request = (struct plan_request){
		.target = &s->disk, .manifest = &s->manifest, .sizes = &s->sizes, .ids = &s->ids
	};
}

TEST(a_disk_that_fits_to_the_mebibyte_is_accepted)
{
	static const struct {
		uint64_t mib;
		int want;
	} cases[] = { { 10754, -ENOSPC }, { 10755, 0 }, { 10756, 0 } };
	struct setup s;

	/* 1 + 1 + 512 + 2 * 4096 + 2048 + 1 */
	CHECK_INT(plan_needed_bytes(&plan_sizes_default) / MIB, 10755);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan plan;

		set_up(&s, cases[i].mib);
		CHECK_INT(plan_make(&s.request, &plan, NULL), cases[i].want);
	}
}

TEST(a_refusal_names_the_disk_and_both_sizes_and_leaves_the_result_alone)
{
	struct plan plan = { .n_steps = 99 };
	struct fail why = { 0 };
	struct setup s;

	set_up(&s, 100);
	CHECK_INT(plan_make(&s.request, &plan, &why), -ENOSPC);
	CHECK_STR(why.msg, "/dev/vda is too small: it has 100 MiB, the system needs 10755 MiB");
	CHECK_INT(plan.n_steps, 99);
}

TEST(partitions_are_aligned_adjacent_and_leave_the_last_mebibyte_free)
{
	static const uint64_t extra[] = { 0, 512, 4096, MIB - 512 };
	static const unsigned sectors[] = { 512, 4096 };
	struct setup s;

	for (size_t i = 0; i < ARRAY_SIZE(extra) * ARRAY_SIZE(sectors); i++) {
		uint64_t at = PLAN_ALIGN_BYTES;
		struct plan plan;

		set_up(&s, 16384);
		s.disk.size_bytes += extra[i / 2];
		s.disk.logical_bytes = sectors[i % 2];
		CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
		for (size_t k = 0; k < PLAN_PARTS; k++) {
			CHECK_INT(plan.parts[k].start_bytes, at);
			CHECK_INT(plan.parts[k].size_bytes % PLAN_ALIGN_BYTES, 0);
			CHECK(plan.parts[k].size_bytes > 0);
			at += plan.parts[k].size_bytes;
		}
		CHECK_INT(at, 16383 * MIB);
	}
}

TEST(what_does_not_fit_its_partition_is_refused)
{
	struct fail why = { 0 };
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	s.sizes.system_bytes = 355 * MIB; /* the image has 355 MiB exactly */
	CHECK_INT(plan_make(&s.request, &plan, &why), 0);
	s.sizes.system_bytes = 354 * MIB;
	CHECK_INT(plan_make(&s.request, &plan, &why), -ENOSPC);
	CHECK_STR(why.msg, "the OS image has 372244480 bytes, a system partition only 371195904");
	set_up(&s, 20000);
	s.sizes.esp_bytes = 32 * MIB;
	CHECK_INT(plan_make(&s.request, &plan, &why), -ENOSPC);
	CHECK_STR(why.msg, "the boot files take 45539 KiB, the EFI system partition has 32768 KiB");
}

TEST(sizes_that_are_no_multiple_of_a_mebibyte_are_refused)
{
	struct fail why = { 0 };
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	s.sizes.esp_bytes += 512;
	CHECK_INT(plan_make(&s.request, &plan, &why), -EINVAL);
	CHECK_STR(why.msg, "the EFI system partition shall have 536871424 bytes; it takes a "
			   "multiple of 1 MiB, at most 64 TiB");
	set_up(&s, 20000);
	s.sizes.system_bytes = 0;
	CHECK_INT(plan_make(&s.request, &plan, &why), -EINVAL);
}

TEST(boot_code_is_written_where_legacy_bios_could_start_it)
{
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	s.request.firmware = true;
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	CHECK(plan.boot_code);
	CHECK_INT(plan.n_steps, 9);
	CHECK_INT(plan.steps[0].kind, PLAN_STEP_WIPE);
	CHECK_INT(plan.steps[7].kind, PLAN_STEP_BOOT_SECTOR);
	CHECK_INT(plan.steps[8].kind, PLAN_STEP_FIRMWARE);
	s.disk.logical_bytes = 4096;
	s.request.firmware = false;
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	CHECK(!plan.boot_code);
	CHECK_INT(plan.n_steps, 6);
	CHECK_INT(plan.steps[5].kind, PLAN_STEP_TABLE);
}

TEST(the_boot_flag_is_for_bios_machines_and_for_files_whose_machine_is_not_known)
{
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	CHECK(!plan.active);
	s.request.bios = true;
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	CHECK(plan.active);
	s.request.bios = false;
	s.disk.kind = DISK_KIND_FILE;
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	CHECK(plan.active);
}

TEST(the_digest_moves_with_everything_that_is_written)
{
	struct plan before, after;
	struct setup s;

	set_up(&s, 20000);
	CHECK_INT(plan_make(&s.request, &before, NULL), 0);
	CHECK_INT(plan_make(&s.request, &after, NULL), 0);
	CHECK_STR(before.digest, after.digest);
	s.ids.parts[PLAN_DATA][0] ^= 1;
	CHECK_INT(plan_make(&s.request, &after, NULL), 0);
	CHECK(strcmp(before.digest, after.digest) != 0);
	set_up(&s, 20000);
	s.manifest.files[0].sha256[31] ^= 1;
	CHECK_INT(plan_make(&s.request, &after, NULL), 0);
	CHECK(strcmp(before.digest, after.digest) != 0);
	set_up(&s, 20000);
	s.disk.diskseq++;
	CHECK_INT(plan_make(&s.request, &after, NULL), 0);
	CHECK(strcmp(before.digest, after.digest) != 0);
}

TEST(ids_follow_from_the_seed_and_are_random_uuids)
{
	static const uint8_t seeds[2][PLAN_SEED_BYTES] = { { 1 }, { 2 } };
	struct plan_ids a, again, b;
	char text[PLAN_UUID_CHARS];

	plan_ids_make(seeds[0], &a);
	plan_ids_make(seeds[0], &again);
	plan_ids_make(seeds[1], &b);
	CHECK_MEM(&a, &again, sizeof(a));
	CHECK(memcmp(a.disk, b.disk, sizeof(a.disk)) != 0);
	CHECK(memcmp(a.parts[0], a.parts[1], sizeof(a.disk)) != 0);
	CHECK(a.esp_volume != b.esp_volume);
	plan_uuid_text(a.disk, text);
	CHECK_INT(strlen(text), 36);
	CHECK_INT(text[14], '4');
	CHECK(strchr("89ab", text[19]));
}

TEST(no_line_of_a_summary_is_wider_than_a_screen)
{
	char text[PLAN_TEXT_BYTES];
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	s.request.bios = true;
	memset(s.disk.content, 'x', 60);
	strcpy(s.disk.content + 60,
	       " GPT, 12 partitions: ESP, ext4 'data', ntfs 'Windows', swap, ...");
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	plan_print_summary(&plan, ANSWERS_REBOOT, text, sizeof(text));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		CHECK(strcspn(line, "\n") <= 78);
	CHECK(strstr(text, "Legacy BIOS: the firmware's boot order decides"));
}

TEST(a_text_that_does_not_fit_is_cut_not_overrun)
{
	char text[64];
	struct plan plan;
	struct setup s;

	set_up(&s, 20000);
	CHECK_INT(plan_make(&s.request, &plan, NULL), 0);
	memset(text, 'x', sizeof(text));
	plan_print_summary(&plan, ANSWERS_NOTHING, text, 40);
	CHECK_INT(strlen(text), 39);
	CHECK_INT(text[40], 'x');
}

/* Content of @mib MiB in one file. */
static struct content_list content_of(struct manifest_file *file, uint64_t mib)
{
	*file = (struct manifest_file){ .path = CONTENT_LIST_DIR "bundle.tar.zst",
					.bytes = mib * MIB };
	return (struct content_list){ .files = file, .n_files = 1, .bytes = mib * MIB };
}

TEST(content_that_does_not_fit_the_data_partition_is_refused_with_both_sizes)
{
	/* A disk of 20000 MiB leaves 11292 MiB; 717 MiB are tables and journal, 564 are kept free. */
	static const struct {
		uint64_t mib;
		int want;
	} cases[] = { { 1, 0 }, { 9990, 0 }, { 10100, -ENOSPC } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct manifest_file file;
		struct content_list content = content_of(&file, cases[i].mib);
		struct fail why = { 0 };
		struct plan plan;
		struct setup s;

		set_up(&s, 20000);
		s.request.content = &content;
		CHECK_INT(plan_make(&s.request, &plan, &why), cases[i].want);
		if (cases[i].want < 0)
			CHECK_STR(why.msg, "the medium's content needs 10101 MiB (1 files), the "
					   "data partition on /dev/vda would have 10006 MiB for "
					   "it: take a larger disk");
	}
}

TEST(content_is_checked_first_written_behind_the_data_partition_and_part_of_the_digest)
{
	struct manifest_file file;
	struct content_list content = content_of(&file, 5);
	struct plan without, with, other;
	char text[PLAN_TEXT_BYTES];
	struct setup s;

	set_up(&s, 20000);
	CHECK_INT(plan_make(&s.request, &without, NULL), 0);
	s.request.content = &content;
	CHECK_INT(plan_make(&s.request, &with, NULL), 0);
	CHECK_INT(with.n_steps, without.n_steps + 3);
	CHECK_INT(with.steps[0].kind, PLAN_STEP_CHECK);
	CHECK_INT(with.steps[0].weight_bytes, 5 * MIB);
	CHECK_INT(with.steps[1].kind, PLAN_STEP_WIPE);
	CHECK_INT(with.steps[5].kind, PLAN_STEP_DATA);
	CHECK_INT(with.steps[6].kind, PLAN_STEP_CONTENT);
	CHECK_INT(with.steps[6].weight_bytes, 5 * MIB);
	CHECK_INT(with.steps[7].kind, PLAN_STEP_CONTENT_BACK);
	CHECK_INT(with.steps[7].weight_bytes, 5 * MIB);
	CHECK(strcmp(without.digest, with.digest) != 0);
	plan_print_summary(&with, ANSWERS_NOTHING, text, sizeof(text));
	CHECK(strstr(text,
		     "  1 file, 5.2 MB, to the data partition\n     5.2 MB  bundle.tar.zst\n"));
	content.digest[0] = 1;
	CHECK_INT(plan_make(&s.request, &other, NULL), 0);
	CHECK(strcmp(with.digest, other.digest) != 0);
	content.n_files = 0;
	CHECK_INT(plan_make(&s.request, &other, NULL), 0);
	CHECK_STR(other.digest, without.digest);
}

TEST(what_is_checked_last_is_written_first)
{
	struct manifest_file files[3] = { 0 };
	const struct content_list content = { .files = files, .n_files = 3 };

	for (size_t i = 0; i < 3; i++) {
		CHECK(plan_content_file(&content, PLAN_STEP_CONTENT, i) == &files[i]);
		CHECK(plan_content_file(&content, PLAN_STEP_CONTENT_BACK, i) == &files[i]);
		CHECK(plan_content_file(&content, PLAN_STEP_CHECK, i) == &files[2 - i]);
	}
}
