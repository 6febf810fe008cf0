/* SPDX-License-Identifier: Apache-2.0 */
/* screens - a program with screens on all consoles, run and waited for by PID 1. */
#ifndef PALETTE_EARLY_SCREENS_H
#define PALETTE_EARLY_SCREENS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "early.h"

#define SCREENS_SHELL_TTY "/dev/tty2"

struct screens_children {
	pid_t program;
	pid_t shell; /* on SCREENS_SHELL_TTY, so that Ctrl+Alt+F2 finds one; 0: none is wanted */
	int64_t shell_since_ms;
};

/* A shell behind "Press ENTER" on SCREENS_SHELL_TTY, started again whenever it ends. */
void screens_start_shell(struct screens_children *children);

/*
 * Runs @program (palette-console and what it shows) and returns its exit status; -1 when it could not
 * be started or was killed. Ctrl+Alt+Del restarts the machine meanwhile.
 */
int screens_run(struct early *early, struct screens_children *children,
		const char *const program[]);

#endif
