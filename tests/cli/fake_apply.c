/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_apply - apply_run() for the tests of the screens: touches nothing, and its clock stands still
 * where a screen is to be looked at.
 *
 * FAKE_APPLY: "ok"; "warn" (ok with a warning); "hold" (half way, until it is stopped), the same as
 * "stall" or "gone" with a disk or a medium that does not answer; "fail" (while writing); "fail-once";
 * "refuse" (before the first write); "damaged" (content, found before the first write).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "installer/apply.h"

#define BYTES_PER_MS 40000
#define FRAME_MS     500
#define HOLD_AT_MS   7000

static bool is(const char *mode)
{
	const char *wanted = getenv("FAKE_APPLY");

	return strcmp(wanted ? wanted : "ok", mode) == 0;
}

static void fill(const struct plan *plan, uint64_t ms, struct apply_progress *now)
{
	uint64_t left = ms * BYTES_PER_MS;

	*now = (struct apply_progress){ .total_bytes = plan->weight_bytes, .elapsed_ms = ms };
	while (now->step < plan->n_steps && left >= plan->steps[now->step].weight_bytes) {
		left -= plan->steps[now->step].weight_bytes;
		now->done_bytes += plan->steps[now->step].weight_bytes;
		now->step++;
	}
	if (now->step == plan->n_steps)
		return;
	now->done_bytes += left;
	now->step_done_bytes = left;
	now->step_total_bytes = plan->steps[now->step].weight_bytes;
}

static void trouble(const struct plan *plan, const char *source, struct apply_progress *now)
{
	if (is("stall")) {
		now->waiting = APPLY_WAIT_DISK;
		now->waiting_for = plan->target.path;
		now->still_seconds = 14;
	} else if (is("gone")) {
		now->waiting = APPLY_WAIT_MEDIUM;
		now->waiting_for = source;
		now->medium_gone = true;
		now->medium_left_seconds = 48;
	}
}

/* Until a person stops it; 0 when nobody is to. */
static int hold(const struct plan *plan, const struct apply_options *options,
		struct apply_progress *now, struct fail *why)
{
	if (!is("hold") && !is("stall") && !is("gone"))
		return 0;
	trouble(plan, options->probe.source, now);
	while (!atomic_load(options->cancel)) {
		options->progress(now, options->arg);
		usleep(50000);
	}
	return fail_with(why, ECANCELED, "stopped on request");
}

int apply_run(const struct plan *plan, const struct apply_options *options,
	      struct apply_result *ret, struct fail *why)
{
	static unsigned runs;
	struct apply_progress now;
	uint64_t ms = 0;

	runs++;
	*ret = (struct apply_result){ 0 };
	if (is("refuse"))
		return fail_with(why, ESTALE,
				 "%s is no longer the disk that was chosen: it was removed and "
				 "inserted again, or another one took its name",
				 plan->target.path);
	do {
		fill(plan, ms, &now);
		ret->step = now.step;
		if (plan->steps[0].kind != PLAN_STEP_CHECK || now.step > 0)
			ret->touched = true;
		else if (ms && is("damaged"))
			return fail_with(why, EBADMSG, "%s on the medium is damaged",
					 plan->content->files[0].path);
		options->progress(&now, options->arg);
		if (ms == HOLD_AT_MS) {
			int r = hold(plan, options, &now, why);

			if (r < 0)
				return r;
			if (is("fail") || (is("fail-once") && runs == 1))
				return fail_errno(why, EIO, "write %s at byte 3221225472",
						  plan->target.path);
		}
		ms += FRAME_MS;
	} while (now.step < plan->n_steps);
	ret->elapsed_ms = 125000;
	if (is("warn"))
		snprintf(ret->warnings[ret->n_warnings++], sizeof(ret->warnings[0]),
			 "the firmware took no boot entry (No space left on device): choose the "
			 "disk in its boot menu");
	return 0;
}
