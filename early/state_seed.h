/* SPDX-License-Identifier: Apache-2.0 */
/* state_seed - the folders of the OS that live in the state, and their first content. */
#ifndef PALETTE_STATE_SEED_H
#define PALETTE_STATE_SEED_H

#include "lib/fail.h"

#define STATE_DIRS 6

/* By its name in the state and its place in the OS. */
struct state_dir {
	const char *name, *place;
};
extern const struct state_dir state_dirs[STATE_DIRS];

/*
 * Makes the folders that are missing in @state as copies of those of the OS at @image. They get their
 * names only when all of them are on the disk: after a power cut a folder is whole, or its copy is
 * begun again.
 */
int state_seed(const char *image, const char *state, struct fail *why);

/* Returns when the medium has everything of the file system @path is on. */
int state_flush(const char *path, struct fail *why);

#endif
