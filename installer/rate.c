/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#define SAMPLE_MS (RATE_WINDOW_MS / RATE_SAMPLES)

void rate_add(struct rate *rate, uint64_t now_ms, uint64_t bytes)
{
	if (rate->n == 0) {
		rate->first_ms = now_ms;
		rate->first_bytes = bytes;
	}
	rate->last_ms = now_ms;
	rate->last_bytes = bytes;
	if (rate->n > 0) {
		size_t newest = (rate->next + RATE_SAMPLES - 1) % RATE_SAMPLES;

		if (now_ms - rate->samples[newest].ms < SAMPLE_MS)
			return;
	}
	rate->samples[rate->next].ms = now_ms;
	rate->samples[rate->next].bytes = bytes;
	rate->next = (rate->next + 1) % RATE_SAMPLES;
	if (rate->n < RATE_SAMPLES)
		rate->n++;
}

uint64_t rate_bytes_per_second(const struct rate *rate)
{
	size_t oldest;
	uint64_t ms;

	if (rate->n == 0)
		return 0;
	oldest = (rate->next + RATE_SAMPLES - rate->n) % RATE_SAMPLES;
	ms = rate->last_ms - rate->samples[oldest].ms;
	if (ms == 0)
		return 0;
	return (rate->last_bytes - rate->samples[oldest].bytes) * 1000 / ms;
}

bool rate_seconds_left(const struct rate *rate, uint64_t total_bytes, unsigned *ret_seconds)
{
	uint64_t per_second = rate_bytes_per_second(rate);
	uint64_t left = total_bytes > rate->last_bytes ? total_bytes - rate->last_bytes : 0;

	if (per_second == 0 || rate->last_ms - rate->first_ms < RATE_SETTLE_MS)
		return false;
	*ret_seconds = (unsigned)((left + per_second - 1) / per_second);
	return true;
}
