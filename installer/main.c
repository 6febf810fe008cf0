/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-install - puts the appliance on a disk.
 *
 * The screens and the commands share everything below them: probe, plan, apply.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/ui.h"
#include "options.h"
#include "screens.h"

#define LOG_PATH	  "/run/palette/install.log"
#define ANSWERS_BYTES_MAX 65536

static int say(int status, const struct fail *why)
{
	fprintf(stderr, "palette-install: %s\n", why->msg);
	return status;
}

/* Screens never share their terminal with the log. */
static const char *open_log(const struct options *options, struct fail *why)
{
	const char *path = options->log;
	int r;

	if (!path && options->mode != OPTIONS_INTERACTIVE) {
		log_set_level(LOG_LEVEL_ERROR);
		return NULL;
	}
	if (!path) {
		(void)mkdir("/run/palette", 0755);
		path = LOG_PATH;
	}
	r = log_open(path);
	if (r < 0) {
		(void)fail_errno(why, -r, "open the log %s", path);
		return NULL;
	}
	return path;
}

static struct ui *open_ui(const struct options *options, struct fail *why)
{
	autofree char *text = NULL;

	if (!options->answers)
		return ui_dialog_new(why);
	if (file_read(options->answers, ANSWERS_BYTES_MAX, &text, NULL, why) < 0)
		return NULL;
	return ui_answers_new(text, STDOUT_FILENO, why);
}

static int interactive(const struct options *options, const char *log_path)
{
	struct screens_args args = {
		.probe = { .root = options->sysroot, .source = options->source },
		.sizes = options->sizes,
		.seed = options->seeded ? options->seed : NULL,
		.log_path = log_path,
	};
	struct fail why = { 0 };
	int status;

	if (!options->answers && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		fprintf(stderr, "palette-install: this is no terminal; see --help\n");
		return EXIT_STATUS_USAGE;
	}
	args.ui = open_ui(options, &why);
	if (!args.ui)
		return say(EXIT_STATUS_FAILED, &why);
	status = screens_run(&args, &why);
	args.ui->done(args.ui);
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
	log_path = open_log(&options, &why);
	if (why.code)
		return say(EXIT_STATUS_FAILED, &why);
	switch (options.mode) {
	case OPTIONS_LIST:
		return command_list(&options);
	case OPTIONS_TARGET:
		return command_target(&options);
	default:
		return interactive(&options, log_path);
	}
}
