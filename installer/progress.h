/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress - an installation without screens, told in lines: for people, or one JSON object each for a
 * program that watches (docs/ANSWERS.md).
 */
#ifndef PALETTE_PROGRESS_H
#define PALETTE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "plan.h"
#include "rate.h"

struct progress {
	const struct plan *plan; /* borrowed */
	bool json;
	/* What was told last. */
	struct rate rate, all;
	size_t step; /* from 1 */
	size_t file; /* of the content, from 1 */
	unsigned tenth;
	uint64_t told_ms; /* when */
	bool stalled, gone;
};

/* Before the first step. */
void progress_begin(const struct progress *progress);

/* For apply_options.progress; @arg is the struct progress. */
void progress_report(const struct apply_progress *now, void *arg);

/* How it ended, as JSON; nothing in lines for people, who get sentences. @failure: NULL on success. */
void progress_end(const struct progress *progress, const struct apply_result *result,
		  const struct fail *failure);

#endif
