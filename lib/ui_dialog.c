/* SPDX-License-Identifier: Apache-2.0 */
/* ui_dialog.c - the terminal: taking it, reading keys, giving it back. */
#include "lib/ui_dialog.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <term.h>

#include "lib/memory.h"
#include "monotonic.h"

/*
 * How long an ESC waits for the rest of a function key. curses' own second makes ESC feel dead; a
 * management controller may send the bytes of one key in two packets.
 */
#define ESCAPE_MS    150
#define FAILURES_MAX 100

int64_t dui_deadline(unsigned tick_ms)
{
	return tick_ms ? monotonic_ms() + tick_ms : DUI_FOREVER;
}

int dui_gone(struct fail *why)
{
	return fail_with(why, EIO, "the terminal is gone");
}

/* curses returns ERR when time is up and when reading failed alike. */
static bool hung_up(void)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&terminal, 1, 0) > 0 && (terminal.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int wait_ms(int64_t deadline_ms)
{
	int64_t left;

	if (deadline_ms == DUI_FOREVER)
		return -1;
	left = deadline_ms - monotonic_ms();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

int dui_key(struct dui *d, int64_t deadline_ms)
{
	int failures = 0;
	wint_t key;

	for (;;) {
		wtimeout(d->keys, wait_ms(deadline_ms));
		switch (wget_wch(d->keys, &key)) {
		case KEY_CODE_YES:
			d->key_at_ms = monotonic_ms();
			return key == KEY_ENTER ? '\n' : DUI_FN((int)key);
		case OK:
			break;
		default:
			if (deadline_ms != DUI_FOREVER && monotonic_ms() >= deadline_ms)
				return hung_up() ? DUI_GONE : DUI_TIMEOUT;
			/* Once is a signal; again and again is the end of the file. */
			if (hung_up() || ++failures == FAILURES_MAX)
				return DUI_GONE;
			continue;
		}
		if (key == 'L' - '@') {
			clearok(curscr, TRUE);
			wrefresh(curscr);
			continue;
		}
		/* Not for Ctrl+L: palette-console sends it, too. */
		d->key_at_ms = monotonic_ms();
		d->interrupted = key == DUI_INTERRUPT;
		return d->interrupted ? DUI_ESC : key == '\r' ? '\n' : (int)key;
	}
}

/* A serial line says 0x0. Told once, every program after us sees the same size. */
static void assume_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		return;
	size.ws_row = DUI_LINES;
	size.ws_col = DUI_COLUMNS;
	(void)ioctl(STDOUT_FILENO, TIOCSWINSZ, &size);
}

static bool terminal_usable(const char *type)
{
	int err;
	bool usable;

	if (!type || setupterm(type, STDOUT_FILENO, &err) != OK)
		return false;
	usable = cursor_address != NULL;
	del_curterm(cur_term);
	return usable;
}

/* $TERM, or for a type nobody described here one that nearly all of them understand. */
static int choose_terminal(struct fail *why)
{
	static const char *const others[] = { "xterm", "linux", "vt220", "vt102", "vt100" };
	const char *type = getenv("TERM");

	if (terminal_usable(type))
		return 0;
	if (!type || !*type || strcmp(type, "dumb") == 0)
		return fail_with(why, ENOTTY,
				 "the screens need a terminal that can move its cursor: set TERM, "
				 "e.g. TERM=vt220");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!terminal_usable(others[i]))
			continue;
		setenv("TERM", others[i], 1);
		return 0;
	}
	return fail_with(why, ENOENT, "no description of the terminal type %s is installed", type);
}

/*
 * What terminals send for one key, whatever they are called: the keys of the screen and of every serial
 * line come through one pseudo-terminal, and each of them is another kind of terminal.
 */
static void know_keys(void)
{
	static const struct {
		const char *bytes;
		int key;
	} keys[] = {
		{ "\033[A", KEY_UP },	   { "\033OA", KEY_UP },      { "\033[B", KEY_DOWN },
		{ "\033OB", KEY_DOWN },	   { "\033[C", KEY_RIGHT },   { "\033OC", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },	   { "\033OD", KEY_LEFT },    { "\033[H", KEY_HOME },
		{ "\033OH", KEY_HOME },	   { "\033[1~", KEY_HOME },   { "\033[7~", KEY_HOME },
		{ "\033[F", KEY_END },	   { "\033OF", KEY_END },     { "\033[4~", KEY_END },
		{ "\033[8~", KEY_END },	   { "\033[3~", KEY_DC },     { "\033[5~", KEY_PPAGE },
		{ "\033[6~", KEY_NPAGE },  { "\033[Z", KEY_BTAB },    { "\033\t", KEY_BTAB },
		{ "\033OP", KEY_F(1) },	   { "\033[[A", KEY_F(1) },   { "\033[11~", KEY_F(1) },
		{ "\033OQ", KEY_F(2) },	   { "\033[[B", KEY_F(2) },   { "\033[12~", KEY_F(2) },
		{ "\033OR", KEY_F(3) },	   { "\033[[C", KEY_F(3) },   { "\033[13~", KEY_F(3) },
		{ "\033OS", KEY_F(4) },	   { "\033[[D", KEY_F(4) },   { "\033[14~", KEY_F(4) },
		{ "\033[[E", KEY_F(5) },   { "\033[15~", KEY_F(5) },  { "\033[17~", KEY_F(6) },
		{ "\033[18~", KEY_F(7) },  { "\033[19~", KEY_F(8) },  { "\033[20~", KEY_F(9) },
		{ "\033[21~", KEY_F(10) }, { "\033[23~", KEY_F(11) }, { "\033[24~", KEY_F(12) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		define_key(keys[i].bytes, keys[i].key);
}

/* Line drawing by Unicode is right for the screen and for every terminal program of today; a terminal
 * that calls itself a VT may be a real one. */
static bool lines_are_ascii(void)
{
	const char *type = getenv("TERM");

	return !type || strncmp(type, "vt", 2) == 0 || strncmp(type, "ansi", 4) == 0;
}

static void header(struct ui *ui, const char *line)
{
	struct dui *d = (struct dui *)ui;

	snprintf(d->header, sizeof(d->header), "%s", line);
}

static int64_t idle_ms(const struct ui *ui)
{
	return monotonic_ms() - ((const struct dui *)ui)->key_at_ms;
}

static void suspend(struct ui *ui)
{
	(void)ui;
	wclear(stdscr);
	wrefresh(stdscr);
	endwin();
	/* The next question's doupdate() takes the terminal again, whatever is on it by then. */
	clearok(curscr, TRUE);
}

static void done(struct ui *ui)
{
	struct dui *d = (struct dui *)ui;

	if (!d)
		return;
	delwin(d->keys);
	wclear(stdscr);
	wrefresh(stdscr);
	end_dialog();
	free(d);
}

struct ui *ui_dialog_new(struct fail *why)
{
	static const struct ui ui = { dui_menu,	     dui_form,	   dui_confirm, dui_message,
				      dui_countdown, dui_progress, header,	suspend,
				      done,	     dui_page,	   idle_ms };
	struct dui *d;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fail_with(why, ENOTTY, "standard input and output must be a terminal");
		return NULL;
	}
	if (choose_terminal(why) < 0)
		return NULL;
	assume_size();
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("NCURSES_NO_UTF8_ACS", "1", 1);
	setenv("DIALOGRC", "/dev/null", 1); /* the same screens for everybody */
	init_dialog(stdin, stdout);
	dialog_vars.ascii_lines = lines_are_ascii();
	set_escdelay(ESCAPE_MS);
	raw(); /* Ctrl+C is a key */
	know_keys();
	/* The question ends with -EIO instead, and what is being written is written to its end. */
	signal(SIGHUP, SIG_IGN);
	leaveok(stdscr, TRUE);

	d = xcalloc(1, sizeof(*d));
	d->ui = ui;
	d->key_at_ms = monotonic_ms();
	d->keys = newpad(1, 1);
	keypad(d->keys, TRUE);
	return &d->ui;
}
