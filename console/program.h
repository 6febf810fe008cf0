/* SPDX-License-Identifier: Apache-2.0 */
/* program - the one program all consoles show, on its pseudo-terminal. */
#ifndef PALETTE_PROGRAM_H
#define PALETTE_PROGRAM_H

#include <sys/types.h>

#include "lib/fail.h"

struct program {
	pid_t pid;
	int fd;	      /* the pseudo-terminal's master, nonblocking */
	int slave_fd; /* kept open, so that a program that closes its terminal is no end */
};

/* Starts argv[0] (looked up in PATH) on a new pseudo-terminal of 80x24. */
int program_start(char *const argv[], const char *socket_path, struct program *ret,
		  struct fail *why);

/* Asks it to draw all of its screen again. */
void program_repaint(const struct program *program);

#endif
