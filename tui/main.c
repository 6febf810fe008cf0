/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-tui - account, host name, network and Device Info, on the console or over SSH.
 *
 * Everything it changes is changed by palette-hostd, which also has all the rules.
 */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "info_text.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "tui.h"

#define EXIT_USAGE   2
#define SHOW_COLUMNS 240
#define HASTE_MAX    1000

static const char usage[] =
	"usage: palette-tui [--show | --json]\n"
	"Sets the host name, the network adapters and the name servers of this machine.\n"
	"\n"
	"  --show   prints Device Info and ends\n"
	"  --json   the same for programs\n"
	"  --help   this text\n"
	"\n"
	"Exit status: 0, 1 when it failed, 2 for wrong usage.\n";

enum mode { MODE_SCREENS, MODE_SHOW, MODE_JSON };

/* The server's address of "CLIENT PORT SERVER PORT"; "" where it is not told. Returns @buf. */
static const char *server_address(const char *connection, char *buf, size_t size)
{
	char server[64] = "";

	if (connection && sscanf(connection, "%*s %*s %63s", server) != 1)
		server[0] = '\0';
	/* An IPv4 address as IPv6 sockets see it. */
	snprintf(buf, size, "%s", strncmp(server, "::ffff:", 7) == 0 ? server + 7 : server);
	return buf;
}

/* A shell's terminal is a pseudo-terminal where it came by SSH, and a real one on a console. */
static void find_place(struct tui *t)
{
	static char origin[64], server[64];
	const char *terminal = ttyname(STDIN_FILENO);

	t->console = getenv("PALETTE_CONSOLE_SOCKET");
	t->server = server_address(getenv("SSH_CONNECTION"), server, sizeof(server));
	if (terminal && strncmp(terminal, "/dev/", 5) == 0)
		terminal += 5;
	snprintf(origin, sizeof(origin), "%s", terminal ? terminal : "");
	t->origin = origin;
	if (t->console) {
		t->place = TUI_CONSOLE;
		t->origin = "console";
	} else {
		t->place = strncmp(origin, "pts/", 4) == 0 ? TUI_REMOTE : TUI_LOCAL;
	}
}

static int print_device(struct host *host, bool json, struct fail *why)
{
	autofree struct device *device = xcalloc(1, sizeof(*device));
	autofree char *text = xmalloc(INFO_TEXT_BYTES);
	int r = host->facts(host, &device->facts, why);

	if (r == 0)
		r = host->info(host, &device->info, why);
	if (r == 0)
		r = host->adapters(host, &device->adapters, why);
	if (r < 0)
		return r;
	if (json)
		info_json(device, text, INFO_TEXT_BYTES);
	else
		info_text(device, SHOW_COLUMNS, 0, text, INFO_TEXT_BYTES);
	fputs(text, stdout);
	return fflush(stdout) == 0 ? 0 : fail_errno(why, errno, "print Device Info");
}

/* PALETTE_TUI_HASTE=N is for tests, which cannot wait for minutes. */
static int64_t haste(void)
{
	const char *text = getenv("PALETTE_TUI_HASTE");
	long n = text ? strtol(text, NULL, 10) : 1;

	return n >= 1 && n <= HASTE_MAX ? n : 1;
}

static int run_screens(struct host *host, struct fail *why)
{
	autofree struct tui *t = xcalloc(1, sizeof(*t));
	const struct passwd *user = getpwuid(getuid());
	int r;

	find_place(t);
	log_set_level(LOG_LEVEL_ERROR); /* standard error is the screen */
	t->host = host;
	t->haste = haste();
	t->user = user && getuid() != 0 ? user->pw_name : "";
	t->ui = ui_dialog_new(why);
	if (!t->ui)
		return -why->code;
	t->ui->header(t->ui, "Palette Edge");
	r = tui_run(t, why);
	t->ui->done(t->ui);
	/* What the console shows after Quit, for those who have no console before them. */
	return r == 0 && t->finished ? print_device(host, false, why) : r;
}

static int parse_options(int argc, char **argv, enum mode *ret)
{
	static const struct option options[] = {
		{ "show", no_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c == '?')
			return EXIT_USAGE;
		*ret = c == 's' ? MODE_SHOW : MODE_JSON;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "palette-tui: %s: it takes no arguments. See --help\n", argv[optind]);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	enum mode mode = MODE_SCREENS;
	struct fail why = { 0 };
	struct host *host;
	int r = parse_options(argc, argv, &mode);

	if (r >= 0)
		return r;
	host = host_bus_new();
	r = mode == MODE_SCREENS ? run_screens(host, &why)
				 : print_device(host, mode == MODE_JSON, &why);
	host->done(host);
	if (r < 0)
		fprintf(stderr, "palette-tui: %s\n", why.msg);
	return r < 0;
}
