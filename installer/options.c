/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/size.h"
#include "lib/slots.h"
#include "signature.h"

#define SEED_DIGITS ((size_t)2 * PLAN_SEED_BYTES)

enum option_id {
	OPTION_LIST = 256,
	OPTION_JSON,
	OPTION_TARGET,
	OPTION_SOURCE,
	OPTION_IMAGE,
	OPTION_SIZE,
	OPTION_ACTION,
	OPTION_DRY_RUN,
	OPTION_YES,
	OPTION_ANSWERS,
	OPTION_LOG,
	OPTION_KEY,
	OPTION_ESP_SIZE,
	OPTION_SYSTEM_SIZE,
	OPTION_DATA_MIN_SIZE,
	OPTION_SECTOR_SIZE,
	OPTION_MEDIUM_TIMEOUT,
	OPTION_SEED,
	OPTION_SYSROOT,
	OPTION_RESET_QUESTION,
	OPTION_RECOVERY,
	OPTION_REPAIR,
	OPTION_CHECK_ANSWERS,
	OPTION_VERIFY,
	OPTION_VERIFY_SCREEN,
	OPTION_SLOT,
	OPTION_SCRIPT,
	OPTION_SEED_MEDIUM,
	OPTION_FAILURE_TIMEOUT,
	OPTION_ENDED,
	OPTION_PROGRESS,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "list", no_argument, NULL, OPTION_LIST },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "image", required_argument, NULL, OPTION_IMAGE },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "action", required_argument, NULL, OPTION_ACTION },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "yes", no_argument, NULL, OPTION_YES },
	{ "answers", required_argument, NULL, OPTION_ANSWERS },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "esp-size", required_argument, NULL, OPTION_ESP_SIZE },
	{ "system-size", required_argument, NULL, OPTION_SYSTEM_SIZE },
	{ "data-min-size", required_argument, NULL, OPTION_DATA_MIN_SIZE },
	{ "sector-size", required_argument, NULL, OPTION_SECTOR_SIZE },
	{ "medium-timeout", required_argument, NULL, OPTION_MEDIUM_TIMEOUT },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
	{ "reset-question", no_argument, NULL, OPTION_RESET_QUESTION },
	{ "recovery", no_argument, NULL, OPTION_RECOVERY },
	{ "repair", required_argument, NULL, OPTION_REPAIR },
	{ "check-answers", required_argument, NULL, OPTION_CHECK_ANSWERS },
	{ "verify", no_argument, NULL, OPTION_VERIFY },
	{ "verify-screen", no_argument, NULL, OPTION_VERIFY_SCREEN },
	{ "slot", required_argument, NULL, OPTION_SLOT },
	{ "script", required_argument, NULL, OPTION_SCRIPT },
	{ "seed-medium", required_argument, NULL, OPTION_SEED_MEDIUM },
	{ "failure-timeout", required_argument, NULL, OPTION_FAILURE_TIMEOUT },
	{ "ended", required_argument, NULL, OPTION_ENDED },
	{ "progress", required_argument, NULL, OPTION_PROGRESS },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: palette-install                               asks on this terminal\n"
	"       palette-install --answers FILE                asks only what FILE does not answer\n"
	"       palette-install --check-answers FILE          what FILE answers, or its mistake\n"
	"       palette-install --list [--json]               the disks, and why not the others\n"
	"       palette-install --target PATH [--dry-run]     what would be done; writes nothing\n"
	"       palette-install --target PATH --yes           installs on a disk or a plain file\n"
	"       palette-install --verify                      compares the whole medium with its "
	"digests\n"
	"\n"
	"Installs the Palette Edge appliance. All data on the target is lost.\n"
	"\n"
	"  --answers FILE        what FILE answers is not asked; with --target: what the "
	"installed\n"
	"                        host is to be\n"
	"  --source DIR          the medium, mounted or copied (" OPTIONS_SOURCE ")\n"
	"  --size SIZE           makes the plain file PATH of this size, such as 16G; one that is\n"
	"                        there is replaced\n"
	"  --action WHAT         when complete: nothing (the default), reboot, poweroff; told by\n"
	"                        the exit status, whoever started the program acts on it\n"
	"  --dry-run             prints the summary and the steps; the default without --yes\n"
	"  --yes                 does it, without a question\n"
	"  --log FILE            appends the log to it (interactive: /run/palette/install.log)\n"
	"  --key FILE            the medium must be signed with this Ed25519 key, 64 hex digits\n"
	"                        (" SIGNATURE_KEY_PATH ", where there is one)\n"
	"  --progress HOW        without screens: lines (the default) or json, an object a line\n"
	"\n"
	"Answers are \"key = value\" lines: docs/ANSWERS.md has every key. They come from the "
	"medium\n"
	"(" ANSWERS_MEDIUM "), from a second medium called PALETTE_SEED or cidata, from\n"
	"guestinfo.userdata on VMware, from kernel arguments palette.KEY=VALUE, and from "
	"--answers;\n"
	"a later one wins. With unattended = yes nothing is asked: what is not answered is an "
	"error.\n"
	"FILE may also be user-data, beginning with the line \"#cloud-config\".\n"
	"\n"
	"Layout (multiples of 1 MiB; M, G are powers of 1024, MB, GB of 1000):\n"
	"  --esp-size SIZE       EFI system partition (512M)\n"
	"  --system-size SIZE    each of the two system partitions (4G)\n"
	"  --data-min-size SIZE  the least that must be left for the data partition (2G)\n"
	"\n"
	"For tests:\n"
	"  --image FILE          with --verify: the ISO whose files DIR has\n"
	"  --sector-size N       of a plain file: 512 or 4096\n"
	"  --medium-timeout N    seconds a medium that cannot be read is waited for (60; --verify: "
	"10;\n"
	"                        screens: always these)\n"
	"  --failure-timeout N   seconds before a failed unattended run does its on-failure (600)\n"
	"  --ended STATUS        palette-init: how the run before ended; an unattended one fails "
	"by it\n"
	"  --script FILE         answers the screens by their names instead of a person\n"
	"  --seed-medium L:DIR   DIR is a second medium called L\n"
	"  --seed HEX            64 hex digits all identifiers are derived from, instead of fresh "
	"ones\n"
	"  --sysroot DIR         looks at the machine recorded in DIR instead of this one\n"
	"\n"
	"For the disk's own entries of the boot menu:\n"
	"  --reset-question      asks once whether to reset this host; resets nothing\n"
	"  --recovery            the recovery menu\n"
	"  --repair PATH         its \"repair\" of the disk or plain file PATH; --source is the\n"
	"                        folder of the OS image's boot files, --slot the good slot\n"
	"  --slot LETTER         a (the default) or b\n"
	"  --verify-screen       the medium's \"Verify this medium\": --verify with screens\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused before the first write,\n"
	"10 installed, reboot now; 11 power off now; 12 reboot now, nothing was installed;\n"
	"13 the factory reset was confirmed.\n";

void options_help(void)
{
	fputs(help, stdout);
}

static int parse_seed(const char *text, struct options *options, struct fail *why)
{
	if (strlen(text) != SEED_DIGITS || strspn(text, "0123456789abcdefABCDEF") != SEED_DIGITS)
		return fail_with(why, EINVAL, "--seed needs %zu hex digits", SEED_DIGITS);
	for (size_t i = 0; i < PLAN_SEED_BYTES; i++) {
		const char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

		options->seed[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	options->seeded = true;
	return 0;
}

static int parse_number(const char *name, const char *text, unsigned max, unsigned *ret,
			struct fail *why)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || value == 0 || value > max)
		return fail_with(why, EINVAL, "--%s: \"%s\" is no number from 1 to %u", name, text,
				 max);
	*ret = (unsigned)value;
	return 0;
}

static int parse_slot(const char *text, struct options *options, struct fail *why)
{
	if (!slots_parse_letter(text, &options->slot))
		return fail_with(why, EINVAL, "--slot is a or b, not \"%s\"", text);
	return 0;
}

static int parse_progress(const char *text, struct options *options, struct fail *why)
{
	options->progress_json = strcmp(text, "json") == 0;
	if (!options->progress_json && strcmp(text, "lines") != 0)
		return fail_with(why, EINVAL, "--progress is lines or json, not \"%s\"", text);
	return 0;
}

static int add_seed(const char *text, struct options *options, struct fail *why)
{
	if (options->n_seeds == OPTIONS_SEEDS_MAX)
		return fail_with(why, EINVAL, "--seed-medium: at most %d", OPTIONS_SEEDS_MAX);
	options->seeds[options->n_seeds++] = text;
	return 0;
}

static int wrap(int r, const char *name, struct fail *why)
{
	return r < 0 && why ? fail_wrap(why, "--%s", name) : r;
}

/* Options that are a mode and have no value. False: @id is none of them. */
static bool set_mode(struct options *options, int id)
{
	static const struct {
		int id;
		enum options_mode mode;
	} modes[] = {
		{ OPTION_LIST, OPTIONS_LIST },
		{ OPTION_RESET_QUESTION, OPTIONS_RESET_QUESTION },
		{ OPTION_RECOVERY, OPTIONS_RECOVERY },
		{ OPTION_VERIFY, OPTIONS_VERIFY },
		{ OPTION_VERIFY_SCREEN, OPTIONS_VERIFY_SCREEN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (modes[i].id != id)
			continue;
		options->mode = modes[i].mode;
		return true;
	}
	return false;
}

/* The options whose value is a path; NULL: it is another one. */
static const char **path_of(struct options *options, int id)
{
	switch (id) {
	case OPTION_SOURCE:
		return &options->source;
	case OPTION_IMAGE:
		return &options->image;
	case OPTION_ANSWERS:
		return &options->answers;
	case OPTION_SCRIPT:
		return &options->script;
	case OPTION_KEY:
		return &options->key;
	case OPTION_LOG:
		return &options->log;
	case OPTION_SYSROOT:
		return &options->sysroot;
	default:
		return NULL;
	}
}

static int set(struct options *options, int id, const char *name, const char *value,
	       struct fail *why)
{
	if (set_mode(options, id))
		return 0;
	if (path_of(options, id)) {
		*path_of(options, id) = value;
		return 0;
	}
	switch (id) {
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_TARGET:
		options->mode = OPTIONS_TARGET;
		options->target = value;
		return 0;
	case OPTION_SIZE:
		return wrap(size_parse(value, &options->size_bytes, why), name, why);
	case OPTION_ACTION:
		return wrap(answers_action_parse(value, &options->action, why), name, why);
	case OPTION_YES:
		options->yes = true;
		return 0;
	case OPTION_SEED_MEDIUM:
		return add_seed(value, options, why);
	case OPTION_PROGRESS:
		return parse_progress(value, options, why);
	case OPTION_FAILURE_TIMEOUT:
		return parse_number(name, value, 86400, &options->failure_seconds, why);
	case OPTION_ENDED:
		return parse_number(name, value, 255, &options->ended, why);
	case OPTION_ESP_SIZE:
		return wrap(size_parse(value, &options->sizes.esp_bytes, why), name, why);
	case OPTION_SYSTEM_SIZE:
		return wrap(size_parse(value, &options->sizes.system_bytes, why), name, why);
	case OPTION_DATA_MIN_SIZE:
		return wrap(size_parse(value, &options->sizes.data_min_bytes, why), name, why);
	case OPTION_SECTOR_SIZE:
		return parse_number(name, value, 4096, &options->sector_bytes, why);
	case OPTION_MEDIUM_TIMEOUT:
		return parse_number(name, value, 3600, &options->medium_seconds, why);
	case OPTION_SEED:
		return parse_seed(value, options, why);
	case OPTION_REPAIR:
		options->mode = OPTIONS_REPAIR;
		options->target = value;
		return 0;
	case OPTION_CHECK_ANSWERS:
		options->mode = OPTIONS_CHECK_ANSWERS;
		options->answers = value;
		return 0;
	case OPTION_SLOT:
		return parse_slot(value, options, why);
	default:
		assert(id == OPTION_DRY_RUN);
		return 0;
	}
}

/* Combinations that mean nothing, or two things. */
static int check(const struct options *options, bool dry_run, struct fail *why)
{
	bool target = options->mode == OPTIONS_TARGET;

	if (options->yes && dry_run)
		return fail_with(why, EINVAL, "--yes and --dry-run exclude each other");
	if (options->yes && !target)
		return fail_with(why, EINVAL, "--yes needs --target");
	if (options->json && options->mode != OPTIONS_LIST)
		return fail_with(why, EINVAL, "--json is for --list");
	if (options->size_bytes && !target)
		return fail_with(why, EINVAL, "--size needs --target");
	if (options->answers && options->mode == OPTIONS_LIST)
		return fail_with(why, EINVAL, "--answers does not go with --list");
	if (options->sector_bytes && options->sector_bytes != 512 && options->sector_bytes != 4096)
		return fail_with(why, EINVAL, "--sector-size is 512 or 4096");
	if (options->yes && strcmp(options->sysroot, "/") != 0)
		return fail_with(why, EINVAL, "--sysroot is for looking only, not with --yes");
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct fail *why)
{
	struct options options = {
		.source = OPTIONS_SOURCE,
		.sysroot = "/",
		.slot = 'a',
		.sizes = plan_sizes_default,
	};
	bool dry_run = false;
	int id, index, r;

	opterr = 0;
	while ((id = getopt_long(argc, argv, "", long_options, &index)) != -1) {
		if (id == '?')
			return fail_with(why, EINVAL, "%s is not known or lacks its value",
					 argv[optind - 1]);
		if (id == OPTION_HELP) {
			options.mode = OPTIONS_HELP;
			*ret = options;
			return 0;
		}
		dry_run |= id == OPTION_DRY_RUN;
		r = set(&options, id, long_options[index].name, optarg, why);
		if (r < 0)
			return r;
	}
	if (optind < argc)
		return fail_with(why, EINVAL, "\"%s\" is too much: a target is named by --target",
				 argv[optind]);
	r = check(&options, dry_run, why);
	if (r == 0)
		*ret = options;
	return r;
}
