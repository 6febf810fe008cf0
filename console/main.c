/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-console - one program on the screen and every serial port.
 *
 * All consoles show the same 80x24 and all can drive it. What PROGRAM may ask for is in
 * docs/FORMATS.md, "Consoles".
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "mirror.h"

#define EXIT_USAGE 125 /* none of palette-install's */

static const char usage[] =
	"usage: palette-console [--shell PROGRAM] [--console PATH ...] -- PROGRAM [ARG ...]\n"
	"Runs PROGRAM on one 80x24 terminal that the screen and all serial ports show and drive.\n"
	"\n"
	"  --shell PROGRAM   what a 'login' request starts on one console (default: /bin/sh)\n"
	"  --console PATH    these terminals instead of the machine's\n"
	"  --help            this text\n"
	"\n"
	"The exit status is PROGRAM's; 128 + N when signal N killed it, 125 when it was not "
	"started.\n";

static bool add_console(struct mirror *mirror, const char *path)
{
	struct console_spec *spec;

	if (mirror->n_terminals == CONSOLES_MAX || strlen(path) >= sizeof(spec->path))
		return false;
	spec = &mirror->terminals[mirror->n_terminals++].spec;
	*spec = (struct console_spec){ .baud_rate = 115200 };
	snprintf(spec->path, sizeof(spec->path), "%s", path);
	return true;
}

static void find_consoles(struct mirror *mirror)
{
	struct console_spec specs[CONSOLES_MAX];
	autofree char *cmdline = NULL;
	struct fail why;

	if (file_read("/proc/cmdline", CMDLINE_BYTES_MAX, &cmdline, NULL, &why) < 0)
		cmdline = xstrdup("");
	mirror->n_terminals = consoles_find("/sys", cmdline, specs, CONSOLES_MAX);
	for (size_t i = 0; i < mirror->n_terminals; i++)
		mirror->terminals[i].spec = specs[i];
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "shell", required_argument, NULL, 's' },
		{ "console", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	autofree struct mirror *mirror = xcalloc(1, sizeof(*mirror));
	struct fail why = { 0 };
	int c;

	mirror->login_program = "/bin/sh";
	while ((c = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (c) {
		case 's':
			mirror->login_program = optarg;
			break;
		case 'c':
			if (!add_console(mirror, optarg)) {
				fprintf(stderr, "palette-console: --console %s: one too many\n",
					optarg);
				return EXIT_USAGE;
			}
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fputs("palette-console: which program? See --help\n", stderr);
		return EXIT_USAGE;
	}
	if (mirror->n_terminals == 0)
		find_consoles(mirror);
	if (mirror_run(mirror, argv + optind, &why) < 0) {
		fprintf(stderr, "palette-console: %s\n", why.msg);
		return EXIT_USAGE;
	}
	return mirror->exit_status;
}
