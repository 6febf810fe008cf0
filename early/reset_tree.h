/* SPDX-License-Identifier: Apache-2.0 */
/* reset_tree - the parts of a factory reset that go through folders. */
#ifndef PALETTE_RESET_TREE_H
#define PALETTE_RESET_TREE_H

#include "lib/fail.h"

/* What should have been kept and could not be read. */
struct reset_lost {
	unsigned n;
	char first[201];
};

/* Deletes of the state @old what reset_keep() does not keep, as far as it goes: to make room. */
void reset_tree_prune(const char *old);

/* An empty home with the OS's own files (@image's /etc/skel) in @made for each that is in @old. */
int reset_tree_make_homes(const char *old, const char *made, const char *image, struct fail *why);

/* Gives what reset_keep() keeps of @old a second name in @made, in place of what is there. */
int reset_tree_keep(const char *old, const char *made, struct reset_lost *lost, struct fail *why);

#endif
