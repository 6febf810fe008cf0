/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "installer/esp_files.h"
#include "lib/cleanup.h"
#include "lib/size.h"

static struct plan plan_of_ones(void)
{
	struct plan plan = { .ids.esp_volume = 0x1234abcd };

	for (size_t i = 0; i < PLAN_PARTS; i++)
		memset(plan.parts[i].uuid, (int)(0x11 * i), sizeof(plan.parts[i].uuid));
	strcpy(plan.manifest.version, "2026.11");
	strcpy(plan.manifest.medium_id, "0123456789abcdef");
	memset(plan.digest, 'd', 64);
	return plan;
}

TEST(placeholders_are_replaced_and_other_at_signs_stay)
{
	struct plan plan = plan_of_ones();
	autofree char *cfg = NULL;

	CHECK_INT(esp_grub_cfg(&plan,
			       "v @VERSION@ u @ESP_UUID@ $@ a@b.c @@ @lower@\n"
			       "@ESP@ @SYSTEM_A@\n@SYSTEM_B@ @DATA@",
			       &cfg, NULL),
		  0);
	CHECK_STR(cfg, "v 2026.11 u 1234-ABCD $@ a@b.c @@ @lower@\n"
		       "11111111-1111-1111-1111-111111111111 22222222-2222-2222-2222-222222222222\n"
		       "33333333-3333-3333-3333-333333333333 44444444-4444-4444-4444-444444444444");
}

TEST(a_placeholder_nobody_knows_is_refused_with_its_line)
{
	struct plan plan = plan_of_ones();
	struct fail why = { 0 };
	char *cfg = NULL;

	CHECK_INT(esp_grub_cfg(&plan, "one\ntwo @NONSENSE@\n", &cfg, &why), -EINVAL);
	CHECK_STR(why.msg, "palette/disk-grub.cfg line 2: @NONSENSE@ is not known");
	CHECK(!cfg);
}

static size_t n_wanted(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < ESP_COPIES; i++)
		n += esp_copy_wanted(plan, &esp_copies[i]);
	return n;
}

TEST(microcode_and_extra_drivers_are_copied_only_where_the_plan_says_so)
{
	struct plan plan = plan_of_ones();

	CHECK_INT(n_wanted(&plan), ESP_COPIES - 2);
	plan.microcode = true;
	CHECK_INT(n_wanted(&plan), ESP_COPIES - 1);
	plan.drivers = true;
	CHECK_INT(n_wanted(&plan), ESP_COPIES);
}

TEST(fat_has_a_cluster_count_that_firmware_takes_for_the_right_kind)
{
	static const struct {
		uint64_t mib;
		unsigned sector, bits, cluster;
	} cases[] = {
		{ 512, 512, 32, 8 }, { 512, 4096, 32, 1 }, { 64, 512, 32, 1 },
		{ 32, 512, 16, 2 },  { 200, 4096, 16, 1 }, { 17, 4096, 16, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct esp_fat fat;
		uint64_t clusters;

		CHECK_INT(esp_fat_choose(cases[i].mib * MIB, cases[i].sector, &fat, NULL), 0);
		CHECK_INT(fat.bits, cases[i].bits);
		CHECK_INT(fat.cluster_sectors, cases[i].cluster);
		clusters = cases[i].mib * MIB / cases[i].sector / fat.cluster_sectors;
		CHECK(fat.bits == 32 ? clusters > 66000 : clusters > 4200 && clusters < 65500);
	}
}

TEST(a_partition_too_small_for_fat_is_refused_with_what_it_needs)
{
	struct fail why = { 0 };
	struct esp_fat fat;

	CHECK_INT(esp_fat_choose(8 * MIB, 4096, &fat, &why), -ENOSPC);
	CHECK_STR(why.msg, "an EFI system partition of 8 MiB is too small for FAT with 4096-byte "
			   "sectors: 17 MiB are needed");
}

TEST(a_fresh_environment_starts_slot_a_with_no_attempt_counted)
{
	char block[GRUBENV_BYTES], value[8];
	struct grubenv env;

	CHECK_INT(esp_grubenv(NULL, block, NULL), 0);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, NULL), 0);
	CHECK_INT(grubenv_get(&env, "order", value, sizeof(value)), 0);
	CHECK_STR(value, "ab");
	CHECK_INT(grubenv_get(&env, "tries_a", value, sizeof(value)), 0);
	CHECK_STR(value, "0");
	CHECK_INT(grubenv_get(&env, "tries_b", value, sizeof(value)), 0);
	CHECK_STR(value, "0");
}

TEST(the_consoles_that_were_answered_are_the_kernels)
{
	char block[GRUBENV_BYTES], value[80];
	struct grubenv env;

	CHECK_INT(esp_grubenv("tty0  ttyS1,115200n8", block, NULL), 0);
	CHECK_INT(grubenv_parse(block, sizeof(block), &env, NULL), 0);
	CHECK_INT(grubenv_get(&env, "consoles", value, sizeof(value)), 0);
	CHECK_STR(value, "console=tty0 console=ttyS1,115200n8");
}

TEST(the_installation_is_described_on_the_disk)
{
	struct plan plan = plan_of_ones();
	autofree char *conf = esp_install_conf(&plan, 1795439881);

	CHECK_STR(conf, "version = 2026.11\nmedium-id = 0123456789abcdef\n"
			"plan = dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\n"
			"installed = 1795439881\n");
}
