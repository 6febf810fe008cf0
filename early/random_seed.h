/* SPDX-License-Identifier: Apache-2.0 */
/* random_seed - what the last run left, so that keys made early are not guessable. */
#ifndef PALETTE_RANDOM_SEED_H
#define PALETTE_RANDOM_SEED_H

#include <stdbool.h>

#include "lib/fail.h"

/*
 * Gives the seed in the file @path to the kernel and puts a fresh one in its place. @credit: nobody else
 * has it, and it counts as randomness; a seed that copies of the disk share is mixed in alone. No seed is
 * ever credited twice, whenever the power goes. A missing file is no error.
 */
int random_seed_load(const char *path, bool credit, struct fail *why);

#endif
