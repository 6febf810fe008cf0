/* SPDX-License-Identifier: Apache-2.0 */
/* options - palette-install's command line. Pure but for the help, which is printed. */
#ifndef PALETTE_OPTIONS_H
#define PALETTE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answers.h"
#include "lib/fail.h"
#include "plan.h"

#define OPTIONS_SOURCE	  "/run/palette/medium"
#define OPTIONS_SEEDS_MAX 4

enum options_mode {
	OPTIONS_INTERACTIVE,
	OPTIONS_LIST,
	OPTIONS_TARGET,
	OPTIONS_RESET_QUESTION,
	OPTIONS_RECOVERY,
	OPTIONS_REPAIR,
	OPTIONS_CHECK_ANSWERS,
	OPTIONS_VERIFY,
	OPTIONS_VERIFY_SCREEN,
	OPTIONS_HELP
};

struct options {
	enum options_mode mode;
	const char *target;
	const char *source;
	const char *image; /* --image; NULL: what @source is mounted from */
	const char *sysroot;
	const char *answers; /* file; NULL: none */
	const char
		*script; /* file that answers the screens, for tests; NULL: ask on the terminal */
	const char *seeds[OPTIONS_SEEDS_MAX]; /* --seed-medium: "LABEL:DIRECTORY" */
	size_t n_seeds;
	const char *key; /* file; NULL: the built-in one */
	const char *log; /* file; NULL: the mode's default */
	struct plan_sizes sizes;
	uint64_t size_bytes;	  /* --size; 0: not given */
	unsigned sector_bytes;	  /* --sector-size; 0: not given */
	unsigned medium_seconds;  /* --medium-timeout; 0: the default */
	unsigned failure_seconds; /* --failure-timeout; 0: the default */
	unsigned ended;		  /* --ended; 0: nothing ended before */
	enum answers_action action;
	char slot; /* --slot: 'a' or 'b' */
	bool json;
	bool progress_json;
	bool yes;
	bool seeded;
	uint8_t seed[PLAN_SEED_BYTES];
};

/* -EINVAL: wrong usage, one line. Strings are borrowed from @argv. */
int options_parse(int argc, char **argv, struct options *ret, struct fail *why);

void options_help(void);

#endif
