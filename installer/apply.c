/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "boot.h"
#include "content_digests.h"
#include "content_write.h"
#include "data.h"
#include "efivar.h"
#include "esp.h"
#include "image.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/monotonic.h"
#include "medium.h"
#include "meter.h"
#include "plan_print.h"
#include "ptable.h"
#include "target.h"
#include "wipe.h"

struct job {
	const struct plan *plan;
	const struct apply_options *options;
	struct apply_result *result;
	struct meter meter;
	struct target target;
	struct medium medium;
	struct image_sums sums;
	struct content_sums content_sums;
	struct content_written content_written;
	struct fail why;
	int r;
	/* Set under the lock by the worker when it ends. */
	pthread_mutex_t lock;
	pthread_cond_t ended_cond;
	bool ended;
};

static void warn(struct job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void warn(struct job *job, const char *fmt, ...)
{
	struct apply_result *result = job->result;
	va_list args;

	if (result->n_warnings == APPLY_WARNINGS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(result->warnings[result->n_warnings], sizeof(result->warnings[0]), fmt, args);
	va_end(args);
	log_warn("%s", result->warnings[result->n_warnings]);
	result->n_warnings++;
}

static void slot_offsets(const struct plan *plan, uint64_t offsets[IMAGE_SLOTS])
{
	offsets[0] = plan->parts[PLAN_SYSTEM_A].start_bytes;
	offsets[1] = plan->parts[PLAN_SYSTEM_B].start_bytes;
}

static int step_check(struct job *job, struct fail *why)
{
	return content_digests_check(job->plan->content, &job->medium, &job->content_sums, why);
}

/* A file that is replaced is lost from here on, as a disk is. */
static int make_file(struct job *job, struct fail *why)
{
	const struct disk *file = &job->plan->target;
	int r = target_make_file(file->path, file->size_bytes, why);

	return r < 0 ? r : target_open(file, &job->meter, &job->target, why);
}

static int step_wipe(struct job *job, struct fail *why)
{
	int r = job->options->make_file ? make_file(job, why) : 0;

	if (r < 0)
		return r;
	job->result->touched = true;
	return wipe_target(job->plan, &job->target, why);
}

static int step_images(struct job *job, struct fail *why)
{
	uint64_t offsets[IMAGE_SLOTS];

	slot_offsets(job->plan, offsets);
	return image_write(&job->medium, manifest_find(&job->plan->manifest, MANIFEST_OS),
			   &job->target, offsets, &job->sums, why);
}

static int step_read_back(struct job *job, struct fail *why)
{
	uint64_t offsets[IMAGE_SLOTS];
	bool cached = false;
	int r;

	slot_offsets(job->plan, offsets);
	r = image_read_back(manifest_find(&job->plan->manifest, MANIFEST_OS), &job->target, offsets,
			    &job->sums, &cached, why);
	if (r == 0 && cached)
		warn(job,
		     "%s has no direct I/O: it was read back through the page cache, which does "
		     "not "
		     "prove that the disk has it",
		     job->target.path);
	return r;
}

static int step_esp(struct job *job, struct fail *why)
{
	const struct esp_options options = { .now_seconds = job->options->now_seconds,
					     .console = job->options->console,
					     .unattended = job->options->unattended };

	return esp_make(job->plan, &job->medium, &job->target, &options, why);
}

static int step_data(struct job *job, struct fail *why)
{
	const struct data_options options = { .log_path = job->options->log_path,
					      .settings = job->options->settings };
	int r = data_make(job->plan, &job->target, &options, why);

	/* With content it is checked when that is in it. */
	return r < 0 || job->plan->content ? r : data_check(job->plan, &job->target, why);
}

static int step_content(struct job *job, struct fail *why)
{
	return content_write(job->plan->content, &job->content_sums, &job->medium, &job->target,
			     job->plan->parts[PLAN_DATA].start_bytes, job->options->now_seconds,
			     &job->content_written, why);
}

static int step_content_back(struct job *job, struct fail *why)
{
	int r = content_read_back(job->plan->content, &job->content_sums, &job->content_written,
				  &job->target, why);

	if (r == 0)
		r = content_name(job->plan->content, &job->content_written, &job->target,
				 job->options->now_seconds, why);
	return r < 0 ? r : data_check(job->plan, &job->target, why);
}

static int step_core(struct job *job, struct fail *why)
{
	return boot_write_core(job->plan, &job->medium, &job->target, why);
}

static int step_table(struct job *job, struct fail *why)
{
	int r = ptable_write(job->plan, &job->target, why);

	return r < 0 ? r : ptable_check(job->plan, &job->target, why);
}

static int step_boot_sector(struct job *job, struct fail *why)
{
	return boot_write_sector(job->plan, &job->medium, &job->target, why);
}

/* The disk starts without an entry, too: by its removable path. */
static int step_firmware(struct job *job, struct fail *why)
{
	struct fail entry = { 0 };

	(void)why;
	if (efivar_register(job->options->probe.root, job->plan, &entry) < 0)
		warn(job, "the firmware took no boot entry (%s): choose the disk in its boot menu",
		     entry.msg);
	return 0;
}

typedef int (*step_function)(struct job *job, struct fail *why);

static const step_function steps[] = {
	[PLAN_STEP_WIPE] = step_wipe,		[PLAN_STEP_IMAGES] = step_images,
	[PLAN_STEP_READ_BACK] = step_read_back, [PLAN_STEP_ESP] = step_esp,
	[PLAN_STEP_DATA] = step_data,		[PLAN_STEP_CORE] = step_core,
	[PLAN_STEP_TABLE] = step_table,		[PLAN_STEP_BOOT_SECTOR] = step_boot_sector,
	[PLAN_STEP_FIRMWARE] = step_firmware,	[PLAN_STEP_CONTENT] = step_content,
	[PLAN_STEP_CHECK] = step_check,		[PLAN_STEP_CONTENT_BACK] = step_content_back,
};
_Static_assert(ARRAY_SIZE(steps) == PLAN_STEP_KINDS, "a function for each kind of step");

/* Steps whose bytes the meter counts as they pass; the others are done when they are done. */
static uint64_t counted_bytes(const struct plan_step *step)
{
	bool counted = step->kind == PLAN_STEP_IMAGES || step->kind == PLAN_STEP_READ_BACK ||
		       step->kind == PLAN_STEP_ESP || plan_step_is_of_content(step->kind);

	return counted ? step->weight_bytes : 0;
}

/* Is the target still the disk that was planned for, and does nobody use it? */
static int check_target(struct job *job, struct fail *why)
{
	const struct disk *planned = &job->plan->target;
	struct disk_rules rules = { .bios = job->plan->bios };
	struct disk now;
	int r;

	r = probe_target(&job->options->probe, planned->path, &now, why);
	/* A file has no sectors of its own; what it has was asked for. */
	if (r == 0 && now.kind == DISK_KIND_FILE)
		now.logical_bytes = planned->logical_bytes;
	if (r == 0)
		r = disk_check_same(planned, &now, why);
	if (r < 0)
		return r;
	if (!disk_judge(&now, &rules))
		return fail_with(why, now.excluded == DISK_EXCLUDED_IN_USE ? EBUSY : EINVAL,
				 "%s cannot be installed on: %s", now.path, now.reason);
	return 0;
}

/* Is the content still what was planned for? */
static int check_content(struct job *job, struct fail *why)
{
	__attribute__((cleanup(content_list_done))) struct content_list now = { 0 };
	const struct content_list *planned = job->plan->content;
	int r = medium_content(job->options->probe.source, &now, why);

	if (r < 0)
		return r;
	if (!planned && now.n_files == 0)
		return 0;
	if (planned && memcmp(now.digest, planned->digest, sizeof(now.digest)) == 0)
		return 0;
	return fail_with(why, ESTALE, "%s has other content than the plan was made for",
			 job->options->probe.source);
}

/* What takes no time and can be found out before the first write. */
static int prepare(struct job *job, struct fail *why)
{
	struct manifest manifest;
	int r;

	/* The disks of a recorded machine have the names of this one's. */
	if (strcmp(job->options->probe.root, "/") != 0)
		return fail_with(why, EPERM, "%s is a recorded machine: its disks are not here",
				 job->options->probe.root);
	r = medium_open(&job->options->probe, &manifest, why);
	if (r < 0)
		return r;
	if (strcmp(manifest.medium_id, job->plan->manifest.medium_id) != 0)
		return fail_with(
			why, ESTALE,
			"%s is another medium (%s) than the one the plan was made for (%s)",
			job->options->probe.source, manifest.medium_id,
			job->plan->manifest.medium_id);
	r = check_content(job, why);
	if (r < 0 || job->options->make_file)
		return r;
	r = check_target(job, why);
	if (r < 0)
		return r;
	return target_open(&job->plan->target, &job->meter, &job->target, why);
}

static int walk(struct job *job, struct fail *why)
{
	const struct plan *plan = job->plan;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const char *text = plan_step_text(plan->steps[i].kind);
		uint64_t start_ms = monotonic_ms();
		int r;

		job->result->step = i;
		meter_step(&job->meter, i, counted_bytes(&plan->steps[i]));
		log_info("step %zu of %zu: %s", i + 1, plan->n_steps, text);
		r = meter_check(&job->meter, why);
		if (r == 0)
			r = steps[plan->steps[i].kind](job, why);
		job->result->step_ms[i] = monotonic_ms() - start_ms;
		if (r < 0)
			return r;
		log_info("step %zu done in %ju ms", i + 1, (uintmax_t)job->result->step_ms[i]);
	}
	job->result->step = plan->n_steps;
	meter_step(&job->meter, plan->n_steps, 0);
	return 0;
}

/* Whatever happened, what is left must not start. */
static void leave_unbootable(struct job *job)
{
	struct fail why = { 0 };

	if (!job->result->touched)
		return;
	if (job->target.fd < 0 && target_take_back(&job->target, &why) < 0) {
		log_warn("%s", why.msg);
		return;
	}
	if (target_unboot(&job->target, &why) < 0)
		warn(job, "its boot sector could not be cleared: %s", why.msg);
	else
		job->result->cleared = true;
	if (job->result->cleared)
		log_info("%s was left without boot sector and partition table", job->target.path);
	(void)target_reread_table(&job->target, NULL);
}

static void *work(void *arg)
{
	struct job *job = arg;
	struct fail unread = { 0 };

	job->r = prepare(job, &job->why);
	if (job->r == 0) {
		job->r = walk(job, &job->why);
		if (job->r < 0)
			leave_unbootable(job);
		else if (target_reread_table(&job->target, &unread) < 0)
			log_warn("%s", unread.msg);
	}
	target_done(&job->target);
	pthread_mutex_lock(&job->lock);
	job->ended = true;
	pthread_cond_signal(&job->ended_cond);
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

/* Waits until the worker ended, at most APPLY_PROGRESS_MS. */
static bool wait_ended(struct job *job)
{
	struct timespec until;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += APPLY_PROGRESS_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&job->lock);
	while (!job->ended &&
	       pthread_cond_clockwait(&job->ended_cond, &job->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	ended = job->ended;
	pthread_mutex_unlock(&job->lock);
	return ended;
}

/* Whom the present silence is due to: the one that has not answered for longest. */
static void fill_waiting(struct job *job, uint64_t now_ms, struct apply_progress *now)
{
	uint64_t disk = atomic_load(&job->meter.disk_since_ms);
	uint64_t medium = atomic_load(&job->meter.medium_since_ms);
	uint64_t gone = atomic_load(&job->meter.gone_until_ms);
	uint64_t moved = atomic_load(&job->meter.moved_ms);
	uint64_t since;

	if (gone) {
		now->medium_gone = true;
		now->medium_left_seconds = gone > now_ms ? (unsigned)((gone - now_ms) / 1000) : 0;
	}
	if (!disk && !medium)
		return;
	if (medium && (!disk || medium < disk)) {
		now->waiting = APPLY_WAIT_MEDIUM;
		now->waiting_for = job->options->probe.source;
		since = medium;
	} else {
		now->waiting = APPLY_WAIT_DISK;
		now->waiting_for = job->plan->target.path;
		since = disk;
	}
	if (moved > since)
		since = moved;
	now->still_seconds = now_ms > since ? (unsigned)((now_ms - since) / 1000) : 0;
	if (now->still_seconds == 0)
		now->waiting = APPLY_WAIT_NONE;
}

static void report(struct job *job, uint64_t start_ms, uint64_t *done_bytes)
{
	const struct plan *plan = job->plan;
	uint64_t now_ms = monotonic_ms(), done = 0, part;
	struct apply_progress now = {
		.step = atomic_load(&job->meter.step),
		.item = atomic_load(&job->meter.item),
		.step_done_bytes = atomic_load(&job->meter.done_bytes),
		.step_total_bytes = atomic_load(&job->meter.total_bytes),
		.total_bytes = plan->weight_bytes,
		.elapsed_ms = now_ms - start_ms,
		.cancelling = meter_cancelled(&job->meter),
	};

	if (!job->options->progress)
		return;
	/* Between two steps the fields may be of either; a step's share is the most it can add. */
	for (size_t i = 0; i < now.step && i < plan->n_steps; i++)
		done += plan->steps[i].weight_bytes;
	if (now.step_done_bytes > now.step_total_bytes)
		now.step_done_bytes = now.step_total_bytes;
	if (now.step < plan->n_steps) {
		part = plan->steps[now.step].weight_bytes;
		done += now.step_done_bytes < part ? now.step_done_bytes : part;
	}
	if (done > *done_bytes)
		*done_bytes = done;
	now.done_bytes = *done_bytes;
	fill_waiting(job, now_ms, &now);
	job->options->progress(&now, job->options->arg);
}

int apply_run(const struct plan *plan, const struct apply_options *options,
	      struct apply_result *ret, struct fail *why)
{
	struct job job = {
		.plan = plan,
		.options = options,
		.result = ret,
		.target = { .fd = -1, .direct_fd = -1 },
		.medium = { .source = options->probe.source,
			    .manifest = &plan->manifest,
			    .patience_seconds = options->medium_seconds ? options->medium_seconds
									: APPLY_MEDIUM_SECONDS },
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.ended_cond = PTHREAD_COND_INITIALIZER,
	};
	uint64_t start_ms = monotonic_ms(), done_bytes = 0;
	pthread_t worker;
	int r;

	*ret = (struct apply_result){ 0 };
	job.meter.cancel = options->cancel;
	job.medium.meter = &job.meter;
	log_info("installing %s on %s, plan %s", plan->manifest.version, plan->target.path,
		 plan->digest);
	r = pthread_create(&worker, NULL, work, &job);
	if (r != 0)
		return fail_errno(why, r, "start a thread");
	do
		report(&job, start_ms, &done_bytes);
	while (!wait_ended(&job));
	pthread_join(worker, NULL);
	report(&job, start_ms, &done_bytes);
	image_sums_done(&job.sums);
	content_sums_done(&job.content_sums);
	content_written_done(&job.content_written);
	ret->elapsed_ms = monotonic_ms() - start_ms;
	if (job.r < 0) {
		log_error("%s", job.why.msg);
		if (why)
			*why = job.why;
	} else {
		log_info("installed in %ju ms", (uintmax_t)ret->elapsed_ms);
	}
	return job.r;
}
