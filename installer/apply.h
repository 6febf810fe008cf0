/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply - perform a plan: exactly its steps, in its order.
 *
 * The steps run in a thread of their own; apply_run() stays in the caller's thread and calls @progress
 * there about five times a second and once at the end, whatever the disk or the medium is waiting
 * for. So @progress may draw, may ask a question (the work goes on meanwhile), and may set @cancel.
 *
 * From the first write to the last but one step the disk does not start: its boot sector and both
 * partition tables are zero. After a failure or a cancel it is left so.
 */
#ifndef PALETTE_APPLY_H
#define PALETTE_APPLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "plan.h"
#include "probe.h"

#define APPLY_STALL_SECONDS  10 /* without a byte: it is named */
#define APPLY_MEDIUM_SECONDS 60 /* a medium that does not answer is tried again for so long */
#define APPLY_PROGRESS_MS    200

/* Who is being waited for when nothing moves. */
enum apply_wait { APPLY_WAIT_NONE, APPLY_WAIT_MEDIUM, APPLY_WAIT_DISK };

struct apply_progress {
	size_t step;		  /* index into plan->steps; n_steps when all are done */
	size_t item;		  /* PLAN_STEP_CHECK and _CONTENT: see plan_content_file() */
	uint64_t step_done_bytes; /* of the present step; both 0 where it cannot be counted */
	uint64_t step_total_bytes;
	uint64_t done_bytes; /* weighted, of plan->weight_bytes: the overall bar; never falls */
	uint64_t total_bytes;
	uint64_t elapsed_ms;	      /* since apply_run() began */
	enum apply_wait waiting;      /* not NONE: no byte has moved for still_seconds */
	unsigned still_seconds;	      /* >= APPLY_STALL_SECONDS is a stall; 0 while bytes move */
	const char *waiting_for;      /* its name: "/dev/sda", "the medium /run/palette/medium" */
	bool medium_gone;	      /* a read failed: "medium is gone, reconnect it" */
	unsigned medium_left_seconds; /* until that is given up */
	bool cancelling;
};

struct apply_options {
	struct probe_options
		probe;	      /* the same as when the disk was chosen; probe.source is read from */
	const char *log_path; /* a copy goes onto the data partition; NULL: none */
	int64_t now_seconds;  /* since 1970, for install.conf */
	const atomic_bool *cancel; /* polled; NULL: cannot be cancelled */
	void (*progress)(const struct apply_progress *now, void *arg); /* NULL: none */
	void *arg;
	unsigned medium_seconds; /* 0: APPLY_MEDIUM_SECONDS */
	const char *settings; /* text of the host's settings file (docs/SETTINGS.md); NULL: none */
	const char *console;  /* "tty0 ttyS1,115200n8" for the kernel; NULL: the usual ones */
	bool unattended;      /* nobody was asked: see esp.h */
	bool make_file;	      /* the target is a plain file that is made, or replaced, first */
};

#define APPLY_WARNINGS_MAX 8

struct apply_result {
	/* What worked less well than planned; for the result screen. Each a sentence. */
	char warnings[APPLY_WARNINGS_MAX][240];
	size_t n_warnings;
	bool touched; /* the disk was written to: after a failure it is not what it was */
	bool cleared; /* after a failure: its boot sector and both tables were zeroed again */
	size_t step;  /* the step that failed; n_steps on success */
	uint64_t elapsed_ms;
	uint64_t step_ms[PLAN_STEPS_MAX];
};

/*
 * Before the first write: the target is probed again and must be the planned one (-ESTALE), unused
 * (-EBUSY), the medium's files must have the manifest's sizes, and its content must be as its digests
 * say, which is the first step and takes as long as it takes to read it. -ECANCELED after a cancel. @ret is
 * always set.
 */
int apply_run(const struct plan *plan, const struct apply_options *options,
	      struct apply_result *ret, struct fail *why);

#endif
