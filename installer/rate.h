/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate - bytes per second and time left, from a count of bytes that is looked at now and then. Pure:
 * the clock comes in as an argument.
 */
#ifndef PALETTE_RATE_H
#define PALETTE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_SAMPLES   16
#define RATE_WINDOW_MS 8000
#define RATE_SETTLE_MS 5000 /* no time left is claimed before */

struct rate {
	struct {
		uint64_t ms;
		uint64_t bytes;
	} samples[RATE_SAMPLES]; /* ring; at most one in RATE_WINDOW_MS / RATE_SAMPLES */
	size_t n, next;
	uint64_t first_ms, first_bytes;
	uint64_t last_ms, last_bytes;
};

/* A zeroed struct rate is a fresh one. @bytes must not fall; start afresh for another count. */
void rate_add(struct rate *rate, uint64_t now_ms, uint64_t bytes);

/* Over the last seconds; 0 while unknown. */
uint64_t rate_bytes_per_second(const struct rate *rate);

/* False before RATE_SETTLE_MS and while nothing moves. */
bool rate_seconds_left(const struct rate *rate, uint64_t total_bytes, unsigned *ret_seconds);

#endif
