/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "hostd/encode.h"
#include "lib/size.h"
#include "plan_print.h"

#define TEXT_BYTES 1200
#define SILENCE_MS 10000 /* no longer without a line while bytes move */

static void print_stall(struct progress *progress, const struct apply_progress *now)
{
	bool stalled = now->still_seconds >= APPLY_STALL_SECONDS;
	bool news = stalled && !progress->stalled && !now->medium_gone;
	bool gone = now->medium_gone && !progress->gone;
	char text[TEXT_BYTES];

	if (progress->json && (gone || news))
		printf("{\"event\": \"%s\", \"waiting-for\": %s, \"seconds\": %u}\n",
		       gone ? "medium-gone" : "stalled",
		       json_quote(now->waiting_for ? now->waiting_for : "", text, sizeof(text)),
		       gone ? now->medium_left_seconds : now->still_seconds);
	else if (gone)
		printf("The medium is gone: reconnect it. Waiting for %u s.\n",
		       now->medium_left_seconds);
	else if (news)
		printf("Nothing has moved for %u s: waiting for %s.\n", now->still_seconds,
		       now->waiting_for);
	progress->gone = now->medium_gone;
	progress->stalled = stalled;
}

static void print_step(const struct progress *progress, size_t step)
{
	const char *what = plan_step_text(progress->plan->steps[step].kind);
	char text[TEXT_BYTES];

	if (progress->json)
		printf("{\"event\": \"step\", \"step\": %zu, \"steps\": %zu, \"text\": %s}\n",
		       step + 1, progress->plan->n_steps, json_quote(what, text, sizeof(text)));
	else
		printf("[%zu/%zu] %s\n", step + 1, progress->plan->n_steps, what);
}

/* ", 153 MB/s, about 12 s left": of the step, as far as it is known. */
static void print_rate(const struct progress *progress, const struct apply_progress *now)
{
	uint64_t rate = rate_bytes_per_second(&progress->rate);
	unsigned left;
	char text[32];

	if (rate)
		printf(", %s/s", size_decimal(rate, text, sizeof(text)));
	if (rate_seconds_left(&progress->rate, now->step_total_bytes, &left))
		printf(", about %u s left", left);
	printf("\n");
}

/* The same as members of an object, which they end; the time is that of the whole installation. */
static void print_json_rate(const struct progress *progress, const struct apply_progress *now)
{
	unsigned left;

	printf(", \"bytes-per-second\": %" PRIu64, rate_bytes_per_second(&progress->rate));
	if (rate_seconds_left(&progress->all, now->total_bytes, &left))
		printf(", \"seconds-left\": %u", left);
	printf("}\n");
}

static void print_file(const struct progress *progress, enum plan_step_kind kind, size_t i,
		       const struct apply_progress *now)
{
	const struct content_list *content = progress->plan->content;
	const struct manifest_file *file = plan_content_file(content, kind, i);
	char text[TEXT_BYTES], bytes[32];

	if (progress->json) {
		printf("{\"event\": \"content\", \"file\": %zu, \"files\": %zu, \"name\": %s, "
		       "\"bytes\": %" PRIu64,
		       i + 1, content->n_files,
		       json_quote(content_list_name(file), text, sizeof(text)), file->bytes);
		print_json_rate(progress, now);
	} else {
		printf("      file %zu of %zu: %s, %s", i + 1, content->n_files,
		       content_list_name(file), size_decimal(file->bytes, bytes, sizeof(bytes)));
		print_rate(progress, now);
	}
}

/* The files of the content whose turn has come; @step is the one that was told last. */
static void print_files(struct progress *progress, size_t step, const struct apply_progress *now)
{
	const struct plan *plan = progress->plan;
	enum plan_step_kind kind;
	size_t last;

	if (step >= plan->n_steps)
		return;
	kind = plan->steps[step].kind;
	if (!plan_step_is_of_content(kind))
		return;
	last = now->step > step ? plan->content->n_files : now->item + 1;
	if (progress->file >= last)
		return;
	for (; progress->file < last && progress->file < plan->content->n_files; progress->file++)
		print_file(progress, kind, progress->file, now);
	progress->told_ms = now->elapsed_ms;
}

static void print_bytes(const struct progress *progress, const struct apply_progress *now)
{
	unsigned percent =
		now->total_bytes ? (unsigned)(now->done_bytes * 100 / now->total_bytes) : 0;
	char done[32], total[32];

	if (!progress->json) {
		printf("      %u %%, %s of %s",
		       (unsigned)(now->step_done_bytes * 100 / now->step_total_bytes),
		       size_decimal(now->step_done_bytes, done, sizeof(done)),
		       size_decimal(now->step_total_bytes, total, sizeof(total)));
		print_rate(progress, now);
		return;
	}
	printf("{\"event\": \"progress\", \"percent\": %u, \"step\": %zu, \"bytes\": %" PRIu64
	       ", \"bytes-total\": %" PRIu64,
	       percent, now->step + 1, now->step_done_bytes, now->step_total_bytes);
	print_json_rate(progress, now);
}

/* A tenth more of a large step, or ten seconds without a word. */
static bool is_time(struct progress *progress, const struct apply_progress *now)
{
	unsigned tenth;

	if (!now->step_total_bytes || now->step_done_bytes >= now->step_total_bytes)
		return false;
	tenth = (unsigned)(now->step_done_bytes * 10 / now->step_total_bytes);
	/* Small steps are over before a line of theirs would be read. */
	if ((tenth == progress->tenth || now->step_total_bytes <= 256 * MIB) &&
	    (now->elapsed_ms < progress->told_ms + SILENCE_MS || now->step_done_bytes == 0))
		return false;
	progress->tenth = tenth;
	progress->told_ms = now->elapsed_ms;
	return true;
}

void progress_begin(const struct progress *progress)
{
	const struct plan *plan = progress->plan;
	char disk[TEXT_BYTES], serial[TEXT_BYTES], version[TEXT_BYTES];

	if (!progress->json)
		return;
	printf("{\"event\": \"start\", \"disk\": %s, \"serial\": %s, \"version\": %s, "
	       "\"plan\": \"%.*s\"}\n",
	       json_quote(plan->target.path, disk, sizeof(disk)),
	       json_quote(plan->target.serial, serial, sizeof(serial)),
	       json_quote(plan->manifest.version, version, sizeof(version)), PLAN_DIGEST_SHOWN,
	       plan->digest);
	fflush(stdout);
}

void progress_report(const struct apply_progress *now, void *arg)
{
	struct progress *progress = arg;

	for (; progress->step <= now->step && progress->step < progress->plan->n_steps;
	     progress->step++) {
		if (progress->step)
			print_files(progress, progress->step - 1, now);
		print_step(progress, progress->step);
		progress->told_ms = now->elapsed_ms;
		progress->tenth = 0;
		progress->file = 0;
		progress->rate = (struct rate){ 0 };
	}
	rate_add(&progress->rate, now->elapsed_ms, now->step_done_bytes);
	rate_add(&progress->all, now->elapsed_ms, now->done_bytes);
	print_files(progress, now->step, now);
	if (is_time(progress, now))
		print_bytes(progress, now);
	print_stall(progress, now);
	fflush(stdout);
}

void progress_end(const struct progress *progress, const struct apply_result *result,
		  const struct fail *failure)
{
	char text[TEXT_BYTES];

	if (!progress->json)
		return;
	if (!failure) {
		for (size_t i = 0; i < result->n_warnings; i++)
			printf("{\"event\": \"warning\", \"message\": %s}\n",
			       json_quote(result->warnings[i], text, sizeof(text)));
		printf("{\"event\": \"installed\", \"milliseconds\": %" PRIu64 "}\n",
		       result->elapsed_ms);
	} else {
		printf("{\"event\": \"failed\", \"message\": %s, \"written\": %s}\n",
		       json_quote(failure->msg, text, sizeof(text)),
		       result->touched ? "true" : "false");
	}
	fflush(stdout);
}
