/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice - plain text on every console, for PID 1's own words: what it waits for, what failed.
 *
 * Consoles are opened with the first text and closed before another program takes them.
 */
#ifndef PALETTE_NOTICE_H
#define PALETTE_NOTICE_H

#include <poll.h>
#include <stdbool.h>

#include "lib/consoles.h"

struct notice {
	const char *cmdline; /* borrowed */
	bool open;
	size_t n;
	struct console_spec specs[CONSOLES_MAX];
	int fds[CONSOLES_MAX]; /* -1: cannot be opened */
};

/* Lines of @fmt end in \n. A console that takes no bytes now loses the text. */
void notice_print(struct notice *notice, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Clears the screens first. */
void notice_clear(struct notice *notice);

void notice_close(struct notice *notice);

/* For events_wait(). */
size_t notice_poll(const struct notice *notice, struct pollfd *fds, size_t max);
bool notice_read_key(const struct notice *notice, size_t *ret_console, char *ret_key);

/* Closes all and runs a shell on console number @console; returns when it has ended. */
void notice_shell(struct notice *notice, size_t console);

#endif
