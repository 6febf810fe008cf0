/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/log.h"
#include "notice_lines.h"
#include "spawn_tty.h"

#define TEXT_BYTES 2048

static void notice_open(struct notice *notice)
{
	struct fail why;

	if (notice->open)
		return;
	notice->n = consoles_find("/sys", notice->cmdline, notice->specs, CONSOLES_MAX);
	for (size_t i = 0; i < notice->n; i++) {
		notice->fds[i] = console_open(&notice->specs[i], &why);
		if (notice->fds[i] < 0)
			log_debug("%s", why.msg);
	}
	notice->open = true;
}

static void write_all_consoles(const struct notice *notice, const char *text, size_t n)
{
	for (size_t i = 0; i < notice->n; i++) {
		if (notice->fds[i] >= 0 && write(notice->fds[i], text, n) < 0)
			log_debug("write to %s: %s", notice->specs[i].path, strerror(errno));
	}
}

void notice_print(struct notice *notice, const char *fmt, ...)
{
	char text[TEXT_BYTES], lines[NOTICE_LINES_BYTES(TEXT_BYTES)];
	va_list args;

	notice_open(notice);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_all_consoles(notice, lines, notice_lines(text, lines));
}

void notice_clear(struct notice *notice)
{
	/* Firmware leaves serial lines behind that cut instead of wrapping. */
	static const char clear[] = "\033[m\033[?7h\033[r\033[H\033[2J";

	notice_open(notice);
	write_all_consoles(notice, clear, sizeof(clear) - 1);
}

void notice_close(struct notice *notice)
{
	for (size_t i = 0; notice->open && i < notice->n; i++) {
		if (notice->fds[i] >= 0)
			close(notice->fds[i]);
	}
	notice->open = false;
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

void notice_shell(struct notice *notice, size_t console)
{
	static const char *const shell[] = { "/bin/sh", "-l", NULL };
	pid_t pid;

	notice_close(notice);
	pid = spawn_on_tty(notice->specs[console].path, shell);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
