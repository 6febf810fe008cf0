/* SPDX-License-Identifier: Apache-2.0 */
/* palette-slot - which system this is, which boots next, and that this one has reached its goal. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/slots.h"
#include "store.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2

static const char usage[] =
	"usage: palette-slot [--esp DIR] COMMAND\n"
	"\n"
	"  status [--json]   the running slot, the order, the attempts of each, what boots next\n"
	"  mark-good         the running slot has reached its goal: its attempts are forgotten\n"
	"  set-next a|b      the slot to boot from now on\n"
	"  once ENTRY        the GRUB entry of the next boot alone (reset, recovery ...); - for "
	"none\n"
	"\n"
	"  --esp DIR         where the EFI system partition is mounted (default: /efi)\n"
	"  --cmdline FILE    the kernel arguments (default: /proc/cmdline)\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

struct options {
	const char *esp;
	const char *cmdline;
	bool json;
};

/* '\0' when this system was not started from a slot. */
static char running_slot(const struct options *options)
{
	autofree char *line = NULL;
	struct fail why;
	char value[8], slot;

	if (file_read(options->cmdline, CMDLINE_BYTES_MAX, &line, NULL, &why) < 0 ||
	    cmdline_get(line, "palette.slot", value, sizeof(value)) < 0 ||
	    !slots_parse_letter(value, &slot))
		return '\0';
	return slot;
}

static void print_text(const struct slots *slots, char running, bool pending)
{
	printf("running   %c\n", running ? running : '-');
	printf("next      %c\n", slots_next(slots));
	printf("order     %c %c\n", slots->order[0], slots->order[1]);
	for (int i = 0; i < 2; i++)
		printf("tries %c   %u of %d\n", "ab"[i], slots -> tries[i], SLOTS_TRIES_MAX);
	printf("pending   %s\n", pending ? "yes: the first boot has not reached its goal" : "no");
}

static void print_json(const struct slots *slots, char running, bool pending)
{
	char quoted[] = { '"', running, '"', '\0' };

	printf("{\"running\":%s,\"next\":\"%c\",\"order\":[\"%c\",\"%c\"],"
	       "\"tries\":{\"a\":%u,\"b\":%u},\"tries_max\":%d,\"pending\":%s}\n",
	       running ? quoted : "null", slots_next(slots), slots->order[0], slots->order[1],
	       slots->tries[0], slots->tries[1], SLOTS_TRIES_MAX, pending ? "true" : "false");
}

static int do_status(const struct options *options, const char *argument, struct fail *why)
{
	struct grubenv env;
	struct slots slots;
	bool pending;
	int r = store_read(options->esp, &env, why);

	(void)argument;
	if (r < 0)
		return r;
	slots_from_env(&env, &slots);
	pending = store_is_pending(options->esp);
	(options->json ? print_json : print_text)(&slots, running_slot(options), pending);
	return 0;
}

/* Writes nothing where nothing changes: the ESP is FAT, and mark-good runs at every boot. */
static int save(const struct options *options, struct grubenv *env, const struct slots *slots,
		struct fail *why)
{
	bool changed;
	int r = slots_to_env(slots, env, &changed, why);

	if (r < 0 || !changed)
		return r;
	return store_write(options->esp, env, why);
}

static int do_mark_good(const struct options *options, const char *argument, struct fail *why)
{
	char running = running_slot(options);
	autoclose int lock = -1;
	struct grubenv env;
	struct slots slots;
	int r;

	(void)argument;
	if (!running)
		return fail_with(why, ENOENT, "this system was not started from a slot");
	lock = store_lock(options->esp, why);
	if (lock < 0)
		return lock;
	r = store_read(options->esp, &env, why);
	if (r == -EINVAL) {
		/* GRUB cannot count in a damaged block either; a good boot is when to mend it. */
		fprintf(stderr, "palette-slot: %s; it is made anew\n", why->msg);
		grubenv_init(&env);
		r = 0;
	}
	if (r < 0)
		return r;
	slots_from_env(&env, &slots);
	slots_mark_good(&slots, running);
	r = save(options, &env, &slots, why);
	/* In this order: a medium that still finds the pending file starts this disk again. */
	return r < 0 ? r : store_remove_pending(options->esp, why);
}

static int do_set_next(const struct options *options, const char *argument, struct fail *why)
{
	autoclose int lock = -1;
	struct grubenv env;
	struct slots slots;
	char slot;
	int r;

	if (!argument || !slots_parse_letter(argument, &slot))
		return fail_with(why, EDOM, "set-next: a or b, not '%s'", argument ?: "");
	lock = store_lock(options->esp, why);
	if (lock < 0)
		return lock;
	r = store_read(options->esp, &env, why);
	if (r < 0)
		return r;
	slots_from_env(&env, &slots);
	slots_set_next(&slots, slot);
	return save(options, &env, &slots, why);
}

static int do_once(const struct options *options, const char *argument, struct fail *why)
{
	autoclose int lock = -1;
	struct grubenv env;
	int r;

	/* The names of GRUB's entries are ours; anything else would be written into grubenv. */
	if (!argument || !*argument || argument[strspn(argument, "abcdefghijklmnopqrstuvwxyz-")])
		return fail_with(why, EDOM, "once: the name of an entry or -, not '%s'",
				 argument ?: "");
	lock = store_lock(options->esp, why);
	if (lock < 0)
		return lock;
	r = store_read(options->esp, &env, why);
	if (r < 0)
		return r;
	if (strcmp(argument, "-") == 0)
		grubenv_unset(&env, "next_entry");
	else
		r = grubenv_set(&env, "next_entry", argument, why);
	return r < 0 ? r : store_write(options->esp, &env, why);
}

static const struct {
	const char *name;
	int (*run)(const struct options *options, const char *argument, struct fail *why);
} commands[] = {
	{ "status", do_status },
	{ "mark-good", do_mark_good },
	{ "set-next", do_set_next },
	{ "once", do_once },
};

static int run_command(const struct options *options, const char *name, const char *argument)
{
	struct fail why = { 0 };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		r = commands[i].run(options, argument, &why);
		if (r < 0)
			fprintf(stderr, "palette-slot: %s\n", why.msg);
		if (r == -EDOM)
			return EXIT_USAGE;
		return r < 0 ? EXIT_FAILED : 0;
	}
	fprintf(stderr, "palette-slot: there is no command '%s'. See --help\n", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "esp", required_argument, NULL, 'e' },
		{ "cmdline", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { .esp = "/efi", .cmdline = "/proc/cmdline" };
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
		switch (c) {
		case 'e':
			options.esp = optarg;
			break;
		case 'c':
			options.cmdline = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fputs("palette-slot: which command? See --help\n", stderr);
		return EXIT_USAGE;
	}
	return run_command(&options, argv[optind], argv[optind + 1]);
}
