/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots - which of the two systems boots next: the meaning of grubenv's variables. Pure.
 *
 * GRUB's half is in grub/disk-grub.cfg: it counts up before it starts a slot.
 */
#ifndef PALETTE_SLOTS_H
#define PALETTE_SLOTS_H

#include <stdbool.h>

#include "grubenv.h"

#define SLOTS_TRIES_MAX 3 /* attempts without reaching the goal, then the other slot */

struct slots {
	char order[2];	   /* 'a' and 'b', the one "Palette Edge" boots first */
	unsigned tries[2]; /* of a, of b */
};

/* Missing or senseless values count as GRUB counts them: order ab, no attempts. */
void slots_from_env(const struct grubenv *env, struct slots *ret);

/* The slot GRUB starts when nobody chooses. */
char slots_next(const struct slots *slots);

/* @slot has reached its goal: its attempts are forgotten. */
void slots_mark_good(struct slots *slots, char slot);

/* @slot is the one to boot, with all its attempts. */
void slots_set_next(struct slots *slots, char slot);

/* Writes what differs from @env into it. *ret_changed says whether anything did. */
int slots_to_env(const struct slots *slots, struct grubenv *env, bool *ret_changed,
		 struct fail *why);

/* "a" or "b"; anything else: false. */
bool slots_parse_letter(const char *text, char *ret);

#endif
