/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "installer/options.h"
#include "lib/cleanup.h"
#include "lib/size.h"

#define ARGS_MAX 20

/* @line split at blanks. */
static int parse(const char *line, struct options *ret, struct fail *why)
{
	static char copy[512];
	static char name[] = "palette-install";
	char *argv[ARGS_MAX + 1] = { name };
	int argc = 1;

	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word && argc < ARGS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;
	return options_parse(argc, argv, ret, why);
}

TEST(nothing_means_the_screens_and_a_target_means_a_dry_run)
{
	struct options options;

	CHECK_INT(parse("", &options, NULL), 0);
	CHECK_INT(options.mode, OPTIONS_INTERACTIVE);
	CHECK_STR(options.source, "/run/palette/medium");
	CHECK_INT(options.sizes.system_bytes, 4 * GIB);
	CHECK_INT(parse("--target /dev/sda", &options, NULL), 0);
	CHECK_INT(options.mode, OPTIONS_TARGET);
	CHECK(!options.yes);
	CHECK_INT(options.action, ANSWERS_NOTHING);
	CHECK_INT(parse("--list --json", &options, NULL), 0);
	CHECK_INT(options.mode, OPTIONS_LIST);
}

TEST(every_value_arrives)
{
	struct options options;

	CHECK_INT(parse("--target d.img --source /m --size 16G --esp-size 64M --system-size 1G "
			"--yes --action poweroff",
			&options, NULL),
		  0);
	CHECK(options.yes);
	CHECK_INT(options.size_bytes, 16 * GIB);
	CHECK_INT(options.sizes.esp_bytes, 64 * MIB);
	CHECK_INT(options.sizes.system_bytes, GIB);
	CHECK_INT(options.action, ANSWERS_POWEROFF);
}

TEST(wrong_usage_is_told_in_one_line)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "--nonsense", "--nonsense is not known or lacks its value" },
		{ "--target", "--target is not known or lacks its value" },
		{ "--yes", "--yes needs --target" },
		{ "--yes --dry-run --target x", "--yes and --dry-run exclude each other" },
		{ "--json", "--json is for --list" },
		{ "--size 5G", "--size needs --target" },
		{ "--target x --size 5X",
		  "--size: \"5X\" is not a size such as 512M, 16G or 960GB" },
		{ "--target x --action dance",
		  "--action: \"dance\" is none of nothing, reboot and poweroff" },
		{ "/dev/sda", "\"/dev/sda\" is too much: a target is named by --target" },
		{ "--target x --seed 12", "--seed needs 64 hex digits" },
		{ "--target x --sector-size 520", "--sector-size is 512 or 4096" },
		{ "--target x --sysroot /y --yes",
		  "--sysroot is for looking only, not with --yes" },
		{ "--list --answers f", "--answers does not go with --list" },
		{ "--progress loud", "--progress is lines or json, not \"loud\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options options;
		struct fail why = { 0 };

		CHECK_INT(parse(cases[i].line, &options, &why), -EINVAL);
		CHECK_STR(why.msg, cases[i].message);
	}
}
