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
#include <sys/types.h>

#include "lib/consoles.h"

#define NOTICE_TEXT_BYTES 4096

struct notice {
	const char *cmdline; /* borrowed */
	bool open;
	size_t n;
	struct console_spec specs[CONSOLES_MAX];
	int fds[CONSOLES_MAX];	    /* -1: cannot be opened, or lent */
	pid_t shells[CONSOLES_MAX]; /* the console is lent to this shell; 0: it is not */
	char shown[NOTICE_TEXT_BYTES];
	size_t n_shown;
};

/* Lines of @fmt end in \n. A console that takes no bytes now loses the text. */
void notice_print(struct notice *notice, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Clears the screens first. */
void notice_clear(struct notice *notice);

/* Closes the consoles for another program; shells that run on them are ended. */
void notice_close(struct notice *notice);

/* For events_wait(). */
size_t notice_poll(const struct notice *notice, struct pollfd *fds, size_t max);
bool notice_read_key(const struct notice *notice, size_t *ret_console, char *ret_key);

/* A shell on console number @console; the others keep the text. */
void notice_lend(struct notice *notice, size_t console);

/* Whether a shell runs on any console. */
bool notice_has_shell(const struct notice *notice);

/* A child ended: when it was such a shell, its console shows the text again. */
void notice_child_ended(struct notice *notice, pid_t pid);

#endif
