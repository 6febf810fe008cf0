/* SPDX-License-Identifier: Apache-2.0 */
/* terminal - one console: its device, what it has still to be sent, what comes from it. */
#ifndef PALETTE_TERMINAL_H
#define PALETTE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keys.h"
#include "lib/consoles.h"
#include "outbuf.h"

#define TERMINAL_READ_BYTES 256
#define TERMINAL_KEYS_BYTES (2 * TERMINAL_READ_BYTES + KEYS_SEQUENCE_MAX)

struct terminal {
	struct console_spec spec;
	int fd; /* -1: lent to a shell, or gone */
	struct outbuf out;
	struct keys keys;
	int64_t held_since_ms; /* keys holds the beginning of a sequence */
	int64_t retry_at_ms;   /* gone: when to try again */
	pid_t shell;	       /* lent to this process; 0: not lent */
};

/* Opens it with a clear screen. -1 with @why set when it cannot be opened; it may be tried again. */
int terminal_open(struct terminal *terminal, struct fail *why);

/* Leaves a clear screen behind where the device takes it at once. */
void terminal_close(struct terminal *terminal);

/* Sends what the device takes now. Closes it when it is gone. */
void terminal_send(struct terminal *terminal);

/*
 * What was typed, ready for the program; @keys has TERMINAL_KEYS_BYTES. 0: nothing. Closes the device
 * when it is gone.
 */
size_t terminal_receive(struct terminal *terminal, char *keys);

/* A held ESC whose sequence did not come in time. */
size_t terminal_flush_keys(struct terminal *terminal, char *keys);

/* When terminal_flush_keys() has something to do; -1: never. */
int64_t terminal_deadline_ms(const struct terminal *terminal);

/*
 * Starts @program (an absolute path; with "-" before its name where @login_shell) on this console
 * alone, which then takes no part in the screen until it ends.
 */
int terminal_lend(struct terminal *terminal, const char *program, bool login_shell,
		  struct fail *why);

#endif
