/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-install - puts the appliance on a disk.
 *
 * The screens and the commands share everything below them: probe, plan, apply.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/size.h"
#include "lib/ui.h"
#include "options.h"
#include "screens.h"

#define LOG_PATH	  "/run/palette/install.log"
#define RECOVERY_LOG_PATH "/run/palette/recovery.log"
#define SCRIPT_BYTES_MAX  65536

static int say(int status, const struct fail *why)
{
	fprintf(stderr, "palette-install: %s\n", why->msg);
	return status;
}

/*
 * The programs that make file systems behave the same wherever this one runs: from an initrd, from a
 * person's shell without sbin in its path, with a person's mtools settings.
 */
static void fix_environment(void)
{
	(void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)setenv("MTOOLSRC", "/dev/null", 1);
	(void)setenv("MTOOLS_SKIP_CHECK", "1", 1);
}

/*
 * Kernel and initrd pass through memory whole; glibc would keep their 20 MB for later and raise its
 * own limit for what is given back at once. A machine may have 256 MiB.
 */
static void give_memory_back(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, (int)MIB);
}

static bool is_interactive(const struct options *options)
{
	return options->mode == OPTIONS_INTERACTIVE || options->mode == OPTIONS_RECOVERY ||
	       options->mode == OPTIONS_RESET_QUESTION || options->mode == OPTIONS_VERIFY_SCREEN;
}

/* The path people are told of; NULL with @why unset: nothing is kept. */
static const char *open_log(const struct options *options, struct fail *why)
{
	const char *path = options->log;
	int r;

	/* Screens share no terminal with the log, and neither do lines that a person reads. */
	if (!path && is_interactive(options)) {
		(void)mkdir("/run/palette", 0755);
		path = options->mode == OPTIONS_INTERACTIVE ||
				       options->mode == OPTIONS_VERIFY_SCREEN
			       ? LOG_PATH
			       : RECOVERY_LOG_PATH;
	}
	r = log_open(path ? path : "/dev/null");
	if (r < 0)
		(void)fail_errno(why, -r, "open the log %s", path ? path : "/dev/null");
	return path;
}

/* The screens' ui where it does not depend on the answers: a test's script, or of other screens. */
static int open_ui(const struct options *options, bool terminal, struct ui **ret, struct fail *why)
{
	autofree char *text = NULL;
	int r;

	if (options->script) {
		r = file_read(options->script, SCRIPT_BYTES_MAX, &text, NULL, why);
		if (r < 0)
			return r;
		*ret = ui_answers_new(text, STDOUT_FILENO, why);
	} else if (options->mode == OPTIONS_INTERACTIVE) {
		return 0;
	} else if (terminal) {
		*ret = ui_dialog_new(why);
	} else {
		return fail_with(why, ENOTTY, "this is no terminal; see --help");
	}
	return *ret ? 0 : -why->code;
}

static int interactive(const struct options *options, const char *log_path,
		       int (*screens)(struct screens_args *args, struct fail *why))
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct screens_args args = {
		.dialog = terminal ? ui_dialog_new : NULL,
		.probe = { .root = options->sysroot,
			   .source = options->source,
			   .key = options->key },
		.sizes = options->sizes,
		.seed = options->seeded ? options->seed : NULL,
		.log_path = log_path,
		.answers = options->answers,
		.seeds = options->seeds,
		.n_seeds = options->n_seeds,
		.progress_json = options->progress_json,
		.failure_seconds = options->failure_seconds,
		.ended = options->ended,
		.login = options->mode == OPTIONS_RECOVERY,
	};
	struct fail why = { 0 };
	int status;

	if (open_ui(options, terminal, &args.ui, &why) < 0)
		return say(why.code == ENOTTY ? EXIT_STATUS_USAGE : EXIT_STATUS_FAILED, &why);
	status = screens(&args, &why);
	if (args.ui)
		args.ui->done(args.ui);
	if (status == -ENOTTY)
		return say(EXIT_STATUS_USAGE, &why);
	return status < 0 ? say(EXIT_STATUS_FAILED, &why) : status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct fail why = { 0 };
	const char *log_path;

	if (options_parse(argc, argv, &options, &why) < 0)
		return say(EXIT_STATUS_USAGE, &why);
	if (options.mode == OPTIONS_HELP) {
		options_help();
		return 0;
	}
	fix_environment();
	give_memory_back();
	log_path = open_log(&options, &why);
	if (why.code)
		return say(EXIT_STATUS_FAILED, &why);
	switch (options.mode) {
	case OPTIONS_LIST:
		return command_list(&options);
	case OPTIONS_TARGET:
		return command_target(&options);
	case OPTIONS_REPAIR:
		return command_repair(&options);
	case OPTIONS_CHECK_ANSWERS:
		return command_check_answers(&options);
	case OPTIONS_VERIFY:
		return command_verify(&options);
	case OPTIONS_VERIFY_SCREEN:
		return interactive(&options, log_path, screens_verify);
	case OPTIONS_RECOVERY:
		return interactive(&options, log_path, screens_recovery);
	case OPTIONS_RESET_QUESTION:
		return interactive(&options, log_path, screens_reset_question);
	default:
		return interactive(&options, log_path, screens_run);
	}
}
