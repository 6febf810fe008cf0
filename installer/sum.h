/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum - tells whether the same bytes came back from a disk, or a second time from the medium. Pure.
 *
 * At memory speed and no security: their SHA-256 was checked before, and disks err by accident. Any
 * change within one aligned word of 8 bytes, so any flipped bit, moves the sum for certain; any other
 * change is missed once in 2^128.
 */
#ifndef PALETTE_SUM_H
#define PALETTE_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sum {
	uint64_t words[2];
};

struct sum sum_of(const uint8_t *data, size_t bytes);
bool sum_same(struct sum a, struct sum b);

#endif
