/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "notice_lines.h"
#include "spawn_tty.h"

#define PRINT_BYTES 1024

/* Firmware leaves serial lines behind that cut instead of wrapping. */
static const char clear[] = "\033[m\033[?7h\033[r\033[?25h\033[H\033[2J";

static void open_console(struct notice *notice, size_t i)
{
	struct fail why;

	notice->fds[i] = console_open(&notice->specs[i], &why);
	if (notice->fds[i] < 0)
		log_debug("%s", why.msg);
}

static void notice_open(struct notice *notice)
{
	if (notice->open)
		return;
	notice->n = consoles_find("/sys", notice->cmdline, notice->specs, CONSOLES_MAX);
	for (size_t i = 0; i < notice->n; i++) {
		notice->shells[i] = 0;
		open_console(notice, i);
	}
	notice->open = true;
}

static void write_console(const struct notice *notice, size_t i, const char *text, size_t n)
{
	if (notice->fds[i] >= 0 && write(notice->fds[i], text, n) < 0)
		log_debug("write to %s: %s", notice->specs[i].path, strerror(errno));
}

static void remember(struct notice *notice, const char *lines, size_t n)
{
	if (n > sizeof(notice->shown) - notice->n_shown)
		return;
	memcpy(notice->shown + notice->n_shown, lines, n);
	notice->n_shown += n;
}

void notice_print(struct notice *notice, const char *fmt, ...)
{
	char text[PRINT_BYTES], lines[NOTICE_LINES_BYTES(PRINT_BYTES)];
	va_list args;
	size_t n;

	notice_open(notice);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	n = notice_lines(text, lines);
	for (size_t i = 0; i < notice->n; i++)
		write_console(notice, i, lines, n);
	/* A line that is written over again and again is not worth keeping. */
	if (text[0] != '\r')
		remember(notice, lines, n);
}

void notice_clear(struct notice *notice)
{
	notice_open(notice);
	for (size_t i = 0; i < notice->n; i++)
		write_console(notice, i, clear, sizeof(clear) - 1);
	notice->n_shown = 0;
}

void notice_close(struct notice *notice)
{
	for (size_t i = 0; notice->open && i < notice->n; i++) {
		if (notice->shells[i])
			(void)kill(-notice->shells[i], SIGHUP);
		if (notice->fds[i] >= 0)
			close(notice->fds[i]);
	}
	notice->open = false;
	notice->n_shown = 0;
}

size_t notice_poll(const struct notice *notice, struct pollfd *fds, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; notice->open && i < notice->n && n < max; i++) {
		if (notice->fds[i] >= 0)
			fds[n++] = (struct pollfd){ .fd = notice->fds[i], .events = POLLIN };
	}
	return n;
}

bool notice_read_key(const struct notice *notice, size_t *ret_console, char *ret_key)
{
	for (size_t i = 0; notice->open && i < notice->n; i++) {
		if (notice->fds[i] >= 0 && read(notice->fds[i], ret_key, 1) == 1) {
			*ret_console = i;
			return true;
		}
	}
	return false;
}

void notice_lend(struct notice *notice, size_t console)
{
	static const char *const shell[] = { "/bin/sh", "-l", NULL };
	pid_t pid;

	write_console(notice, console, clear, sizeof(clear) - 1);
	close(notice->fds[console]);
	notice->fds[console] = -1;
	pid = spawn_on_tty(notice->specs[console].path, shell);
	if (pid > 0)
		notice->shells[console] = pid;
	else
		open_console(notice, console);
}

void notice_child_ended(struct notice *notice, pid_t pid)
{
	for (size_t i = 0; notice->open && i < notice->n; i++) {
		if (notice->shells[i] != pid)
			continue;
		notice->shells[i] = 0;
		open_console(notice, i);
		write_console(notice, i, clear, sizeof(clear) - 1);
		write_console(notice, i, notice->shown, notice->n_shown);
	}
}

bool notice_has_shell(const struct notice *notice)
{
	for (size_t i = 0; notice->open && i < notice->n; i++) {
		if (notice->shells[i])
			return true;
	}
	return false;
}
