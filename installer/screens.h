/* SPDX-License-Identifier: Apache-2.0 */
/* screens - the interactive installer: asks through the ui, plans, applies, shows the result. */
#ifndef PALETTE_SCREENS_H
#define PALETTE_SCREENS_H

#include "lib/fail.h"
#include "lib/ui.h"
#include "plan.h"
#include "probe.h"

struct screens_args {
	struct ui *ui; /* borrowed; screens_run(): NULL where the answers decide */
	struct ui *(*dialog)(
		struct fail *why);  /* makes the ui of the terminal; NULL: there is none */
	struct probe_options probe; /* root, and the medium's directory as source */
	struct plan_sizes sizes;
	const uint8_t *seed;	  /* PLAN_SEED_BYTES, a test's; NULL: fresh for each plan */
	const char *log_path;	  /* where this program logs to; NULL: nowhere */
	const char *answers;	  /* --answers: a file; NULL: none */
	const char *const *seeds; /* directories in place of second media, see seed_find() */
	size_t n_seeds;
	bool progress_json;	  /* unattended: JSON lines instead of lines for people */
	unsigned failure_seconds; /* 0: SCREENS_FAILURE_SECONDS */
	unsigned ended;		  /* status of the run before, which ended unexpectedly; 0: none */
	bool login; /* a shell only after a login: palette-console's --shell asks for it */
};

/* A machine whose unattended installation failed stays up for so long, then does its on-failure. */
#define SCREENS_FAILURE_SECONDS 600

/*
 * The whole flow: what the answers leave open is asked. Returns the program's exit status (docs/FORMATS.md, 0 to 12), or a negative errno
 * when the terminal is gone or an answer is missing.
 */
int screens_run(struct screens_args *args, struct fail *why);

/*
 * Whether to reset this host to its factory state: asked once, ENTER and silence say no. The exit
 * status: 13 it was confirmed, 0 it was not.
 */
int screens_reset_question(struct screens_args *args, struct fail *why);

/*
 * The recovery menu: repair, factory reset, logs, shell. The exit status is as above; 13: the reset
 * has to be begun.
 */
int screens_recovery(struct screens_args *args, struct fail *why);

/* Verifies the medium, says so, and goes on to the installer or ends with a status as above. */
int screens_verify(struct screens_args *args, struct fail *why);

#endif
