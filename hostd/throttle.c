/* SPDX-License-Identifier: Apache-2.0 */
#include "throttle.h"

#include <stdio.h>
#include <string.h>

#define DELAY_MAX_S 60

static struct throttle_row *find(struct throttle *t, const char *user, const char *origin)
{
	for (size_t i = 0; i < THROTTLE_ROWS; i++) {
		struct throttle_row *row = &t->rows[i];

		if (row->failures && strncmp(row->user, user, USER_NAME_MAX) == 0 &&
		    strncmp(row->origin, origin, ORIGIN_BYTES - 1) == 0)
			return row;
	}
	return NULL;
}

/* A free row; of a full table one that holds nobody back now, else the oldest. */
static struct throttle_row *take_row(struct throttle *t, uint64_t now_ms)
{
	struct throttle_row *best = &t->rows[0];

	for (size_t i = 0; i < THROTTLE_ROWS; i++) {
		struct throttle_row *row = &t->rows[i];
		bool held = row->until_ms > now_ms, best_held = best->until_ms > now_ms;

		if (!row->failures)
			return row;
		if (held < best_held || (held == best_held && row->last_ms < best->last_ms))
			best = row;
	}
	return best;
}

uint64_t throttle_begin(struct throttle *t, const char *user, const char *origin, uint64_t now_ms)
{
	struct throttle_row *row = find(t, user, origin);

	if (!row)
		return 0;
	if (row->until_ms > now_ms)
		return row->until_ms - now_ms;
	if (row->running)
		return UINT64_MAX;
	row->running = true;
	return 0;
}

unsigned throttle_end(struct throttle *t, const struct login_policy *policy, const char *user,
		      const char *origin, bool good, uint64_t now_ms)
{
	struct throttle_row *row = find(t, user, origin);

	if (good || policy->block_after == 0) {
		if (row)
			memset(row, 0, sizeof(*row));
		return 0;
	}
	if (!row) {
		row = take_row(t, now_ms);
		memset(row, 0, sizeof(*row));
		snprintf(row->user, sizeof(row->user), "%s", user);
		snprintf(row->origin, sizeof(row->origin), "%s", origin);
	}
	/* In a row means: not longer apart than a block lasts. It also ends a block's own count. */
	if (row->last_ms && now_ms - row->last_ms >= (uint64_t)policy->block_seconds * 1000)
		row->failures = 0;
	row->running = false;
	row->failures++;
	row->last_ms = now_ms;
	if (row->failures >= policy->block_after) {
		row->until_ms = now_ms + (uint64_t)policy->block_seconds * 1000;
	} else if (policy->delay_after && row->failures >= policy->delay_after) {
		unsigned doublings = row->failures - policy->delay_after;
		uint64_t delay_s = doublings < 6 ? UINT64_C(1) << doublings : DELAY_MAX_S;

		row->until_ms = now_ms + (delay_s < DELAY_MAX_S ? delay_s : DELAY_MAX_S) * 1000;
	}
	return row->failures;
}

void throttle_cancel(struct throttle *t, const char *user, const char *origin)
{
	struct throttle_row *row = find(t, user, origin);

	if (row)
		row->running = false;
}
