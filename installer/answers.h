/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers - what a person chose for one installation.
 *
 * Pure. The text form is one "key = value" a line with '#' comments, the same lines an answers file
 * of the ui has; keys of questions that are no choice (confirmations) are not in here.
 */
#ifndef PALETTE_ANSWERS_H
#define PALETTE_ANSWERS_H

#include <stddef.h>

#include "lib/fail.h"

/* When the installation is complete. */
enum answers_action { ANSWERS_NOTHING, ANSWERS_REBOOT, ANSWERS_POWEROFF, ANSWERS_ACTIONS };

struct answers {
	char disk[256]; /* path of the target disk; empty: not chosen */
	enum answers_action action;
};

/* "nothing", "reboot", "poweroff". */
const char *answers_action_name(enum answers_action action);

/* -EINVAL names @text and the three it may be. */
int answers_action_parse(const char *text, enum answers_action *ret, struct fail *why);

/*
 * Keys that are missing keep what @ret held. -EINVAL with the line's number: no "key = value", unknown
 * key, key twice, bad value; @ret is untouched then.
 */
int answers_parse(const char *text, struct answers *ret, struct fail *why);

/* The lines answers_parse() reads. -ENOSPC when @size is too small. */
int answers_format(const struct answers *answers, char *buf, size_t size, struct fail *why);

#endif
