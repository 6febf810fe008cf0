/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror - one program's screen on every console, every console's keys to the program.
 *
 * Nothing in here waits for a console: one that takes no bytes loses its screen and is repainted when
 * it takes some again, or when a key arrives from it.
 */
#ifndef PALETTE_MIRROR_H
#define PALETTE_MIRROR_H

#include "program.h"
#include "request.h"
#include "terminal.h"

struct mirror {
	struct terminal terminals[CONSOLES_MAX];
	size_t n_terminals;
	struct terminal *last; /* where the last key came from; NULL: none yet */
	struct program program;
	struct request_socket requests;
	const char *login_program;
	int signal_fd;
	bool repaint_wanted;
	int64_t next_revival_ms; /* of a console that lost bytes */
	bool ended;
	int exit_status;
};

/* Runs until the program ends; 0 with its status in mirror->exit_status. */
int mirror_run(struct mirror *mirror, char *const argv[], struct fail *why);

#endif
