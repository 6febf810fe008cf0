/* SPDX-License-Identifier: Apache-2.0 */
/* random_seed - what the last run left, so that keys made early are not guessable. */
#ifndef PALETTE_RANDOM_SEED_H
#define PALETTE_RANDOM_SEED_H

#include "lib/fail.h"

/*
 * Credits the seed in the file @path to the kernel and puts a fresh one in its place. No seed is ever
 * credited twice, whenever the power goes. A missing file is no error.
 */
int random_seed_load(const char *path, struct fail *why);

#endif
