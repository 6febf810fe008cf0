/* SPDX-License-Identifier: Apache-2.0 */
/*
 * palette-status - what this machine is and how to reach it, kept up to date on the terminal.
 *
 * It reads only; there is nothing to choose. Ctrl+L draws the screen again.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "facts.h"
#include "view.h"

#define REFRESH_MS 1000

static void draw(const char *text)
{
	char out[VIEW_TEXT_BYTES + VIEW_ROWS * 8 + 32];
	size_t n = (size_t)sprintf(out, "\033[?25l\033[H");

	/* Each line is cleared behind its end, so that nothing flickers. */
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			n += (size_t)sprintf(out + n, "\033[K\n");
		else
			out[n++] = *p;
	}
	n += (size_t)sprintf(out + n, "\033[J");
	if (write(STDOUT_FILENO, out, n) < 0)
		return; /* the terminal is gone; its owner ends us */
}

/* Keys are neither echoed nor signals: nobody at a console stops this by accident. */
static void set_up_terminal(void)
{
	struct termios tio;

	if (tcgetattr(STDIN_FILENO, &tio) < 0)
		return;
	tio.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &tio);
}

/* False at the end of the terminal. */
static bool take_keys(bool *ret_repaint)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n <= 0)
		return false;
	*ret_repaint = memchr(keys, '\f', (size_t)n) != NULL;
	return true;
}

int main(int argc, char **argv)
{
	char shown[VIEW_TEXT_BYTES] = "", text[VIEW_TEXT_BYTES] = "";
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	struct view view;
	bool repaint = true;

	if (argc > 1 && strcmp(argv[1], "--once") == 0) {
		facts_read(&view);
		view_print(&view, text);
		fputs(text, stdout);
		return 0;
	}
	if (argc > 1) {
		fputs("usage: palette-status [--once]\n", stderr);
		return 2;
	}
	set_up_terminal();
	for (;;) {
		facts_read(&view);
		view_print(&view, text);
		if (repaint || strcmp(text, shown) != 0)
			draw(text);
		memcpy(shown, text, sizeof(shown));
		repaint = false;
		if (poll(&fd, 1, REFRESH_MS) > 0 && !take_keys(&repaint))
			return 0;
	}
}
