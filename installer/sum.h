/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum - tells whether bytes came back from the disk as they were written. Pure.
 *
 * At memory speed and no security: what was written was checked against its SHA-256 while it was in
 * memory, and a disk errs by accident. Any change within one aligned word of 8 bytes, so any flipped
 * bit, moves the sum for certain; any other change is missed once in 2^128.
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
