/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "early/boot_args.h"
#include "lib/cleanup.h"
#include "lib/image_conf.h"
#include "test.h"

#define SYSTEM "palette.system=0A0A0A0A-1111-2222-3333-444444444444"
#define DATA   "palette.data=0a0a0a0a-1111-2222-3333-555555555555"
#define ESP    "palette.esp=0a0a0a0a-1111-2222-3333-666666666666"

TEST(a_slot_is_named_by_letter_and_partuuids_in_lower_case)
{
	struct boot_args args;
	struct fail why = { 0 };

	CHECK_INT(boot_args_parse("quiet palette.role=run palette.slot=b " SYSTEM " " DATA " " ESP,
				  &args, &why),
		  0);
	CHECK_INT(args.role, ROLE_RUN);
	CHECK_INT(args.slot, 'b');
	CHECK_STR(args.system, "0a0a0a0a-1111-2222-3333-444444444444");
	CHECK(!args.debug);
}

TEST(the_installer_needs_the_medium_alone)
{
	struct boot_args args;
	struct fail why = { 0 };

	CHECK_INT(boot_args_parse("palette.role=install palette.medium=0123456789ABCDEF "
				  "palette.debug=1",
				  &args, &why),
		  0);
	CHECK_INT(args.role, ROLE_INSTALL);
	CHECK_STR(args.medium, "0123456789abcdef");
	CHECK(args.debug);
}

TEST(an_iso_file_is_named_by_its_file_system_and_path)
{
	static const char begin[] = "palette.role=live palette.medium=0123456789abcdef ";
	char cmdline[400];
	struct boot_args args;
	struct fail why = { 0 };

	snprintf(cmdline, sizeof(cmdline), "%spalette.iso=1234-ABCD:/iso/a.iso", begin);
	CHECK_INT(boot_args_parse(cmdline, &args, &why), 0);
	CHECK_STR(args.iso_uuid, "1234-ABCD");
	CHECK_STR(args.iso_path, "/iso/a.iso");
	CHECK_INT(boot_args_parse(begin, &args, &why), 0);
	CHECK_STR(args.iso_uuid, "");
	snprintf(cmdline, sizeof(cmdline), "%spalette.iso=1234-ABCD", begin);
	CHECK_INT(boot_args_parse(cmdline, &args, &why), -EINVAL);
	CHECK_STR(why.msg,
		  "kernel argument palette.iso: '1234-ABCD' is not UUID:/path of an ISO file");
	snprintf(cmdline, sizeof(cmdline), "%spalette.iso=sda1:/a.iso", begin);
	CHECK_INT(boot_args_parse(cmdline, &args, &why), -EINVAL);
}

TEST(a_missing_or_wrong_argument_is_named)
{
	static const struct {
		const char *cmdline, *message;
	} rows[] = {
		{ "quiet", "kernel argument palette.role is missing" },
		{ "palette.role=server",
		  "kernel argument palette.role: there is no role 'server'" },
		{ "palette.role=install", "kernel argument palette.medium is missing" },
		{ "palette.role=live palette.medium=12",
		  "kernel argument palette.medium: '12' is not 16 hex digits" },
		{ "palette.role=run palette.slot=c",
		  "kernel argument palette.slot is not 'a' or 'b'" },
		{ "palette.role=run palette.slot=a", "kernel argument palette.system is missing" },
		{ "palette.role=run palette.slot=a palette.system=sda2",
		  "kernel argument palette.system: 'sda2' is no PARTUUID" },
		{ "palette.role=run palette.slot=a " SYSTEM " " DATA,
		  "kernel argument palette.esp is missing" },
		{ "palette.role=reset palette.slot=a " SYSTEM " " ESP,
		  "kernel argument palette.data is missing" },
		{ "palette.role=recovery", "kernel argument palette.slot is not 'a' or 'b'" },
	};
	struct boot_args args;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fail why = { 0 };

		CHECK_INT(boot_args_parse(rows[i].cmdline, &args, &why), -EINVAL);
		CHECK_STR(why.msg, rows[i].message);
	}
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(image_conf_is_read_and_other_keys_are_left_to_others)
{
	struct image_conf conf;
	struct fail why = { 0 };

	CHECK_INT(image_conf_parse("# made by image/os.sh\nversion = 2026.11.23-1a2b3c4 \r\n"
				   "os-root-hash = " HASH "\n\nos-salt=" HASH "\n"
				   "os-data-blocks = 90112\nfuture = 1\n",
				   &conf, &why),
		  0);
	CHECK_STR(conf.version, "2026.11.23-1a2b3c4");
	CHECK_STR(conf.root_hash, HASH);
	CHECK_STR(conf.salt, HASH);
	CHECK_INT(conf.data_blocks, 90112);
}

TEST(a_damaged_image_conf_is_refused_with_the_key)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "image.conf: version is missing" },
		{ "version = 1\n", "image.conf: os-root-hash is missing" },
		{ "version\n", "image.conf: 'version' is no 'key = value'" },
		{ "os-root-hash = 12\n", "image.conf: os-root-hash is not 64 hex digits" },
		{ "os-salt = " HASH "0\n", "image.conf: os-salt is not 64 hex digits" },
		{ "os-data-blocks = 0\n", "image.conf: os-data-blocks is '0'" },
		{ "os-data-blocks = -1\n", "image.conf: os-data-blocks is '-1'" },
		{ "os-data-blocks = 12x\n", "image.conf: os-data-blocks is '12x'" },
		{ "os-data-blocks = 99999999999999999999\n",
		  "image.conf: os-data-blocks is '99999999999999999999'" },
	};
	struct image_conf conf;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fail why = { 0 };

		CHECK_INT(image_conf_parse(rows[i].text, &conf, &why), -EINVAL);
		CHECK_STR(why.msg, rows[i].message);
	}
}
