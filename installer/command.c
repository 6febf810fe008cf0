/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "apply.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/size.h"
#include "list.h"
#include "medium.h"
#include "plan_print.h"
#include "probe.h"
#include "progress.h"
#include "repair.h"
#include "userdata.h"
#include "verify.h"

static int say(int status, const struct fail *why)
{
	fprintf(stderr, "palette-install: %s\n", why->msg);
	return status;
}

static struct probe_options probe_options(const struct options *options)
{
	return (struct probe_options){ .root = options->sysroot,
				       .source = options->source,
				       .key = options->key };
}

int command_list(const struct options *options)
{
	struct probe_options probe = probe_options(options);
	__attribute__((cleanup(disks_done))) struct disks disks = { 0 };
	struct disk_rules rules = { .need_bytes = plan_needed_bytes(&options->sizes) };
	struct machine machine;
	struct fail why = { 0 };

	if (probe_disks(&probe, &disks, &why) < 0)
		return say(EXIT_STATUS_FAILED, &why);
	probe_machine(options->sysroot, &machine);
	rules.bios = !machine.uefi;
	disks_judge(&disks, &rules);
	if (options->json)
		list_print_json(&disks, stdout);
	else
		list_print(&disks, stdout);
	return 0;
}

/* A file that does not exist yet, or will be replaced: all that is known is its size. */
static int future_file(const struct options *options, struct disk *ret, struct fail *why)
{
	struct stat st;

	if (strlen(options->target) >= sizeof(ret->path))
		return fail_with(why, ENAMETOOLONG, "the path %.40s... is too long",
				 options->target);
	if (stat(options->target, &st) == 0 && !S_ISREG(st.st_mode))
		return fail_with(why, EINVAL, "%s is no plain file: only those are given a size",
				 options->target);
	*ret = (struct disk){
		.kind = DISK_KIND_FILE,
		.transport = DISK_TRANSPORT_FILE,
		.size_bytes = options->size_bytes,
		.logical_bytes = 512,
		.content = "empty",
	};
	snprintf(ret->path, sizeof(ret->path), "%s", options->target);
	return 0;
}

/* Finds the target and refuses it where it must not be one. */
static int choose(const struct options *options, const struct machine *machine, struct disk *ret,
		  struct fail *why)
{
	struct probe_options probe = probe_options(options);
	struct disk_rules rules = { .need_bytes = plan_needed_bytes(&options->sizes),
				    .bios = !machine->uefi };
	int r;

	if (options->size_bytes)
		r = future_file(options, ret, why);
	else
		r = probe_target(&probe, options->target, ret, why);
	if (r < 0)
		return r;
	if (options->sector_bytes) {
		if (ret->kind != DISK_KIND_FILE)
			return fail_with(why, EINVAL, "%s has its own sector size", ret->path);
		ret->logical_bytes = options->sector_bytes;
	}
	if (!disk_judge(ret, &rules))
		return fail_with(why, EINVAL, "%s cannot be installed on: %s", ret->path,
				 ret->reason);
	return 0;
}

/* @content is the plan's; the caller frees it after the plan. */
static int make_plan(const struct options *options, struct content_list *content, struct plan *ret,
		     struct fail *why)
{
	uint8_t seed[PLAN_SEED_BYTES];
	struct manifest manifest;
	struct machine machine;
	struct plan_ids ids;
	struct disk disk = { 0 };
	struct probe_options probe = probe_options(options);
	struct plan_request request = {
		.target = &disk,
		.manifest = &manifest,
		.content = content,
		.sizes = &options->sizes,
		.ids = &ids,
	};
	int r;

	r = medium_open(&probe, &manifest, why);
	if (r == 0)
		r = medium_content(options->source, content, why);
	if (r < 0)
		return r;
	probe_machine(options->sysroot, &machine);
	r = choose(options, &machine, &disk, why);
	if (r < 0)
		return r;
	memcpy(seed, options->seed, sizeof(seed));
	if (!options->seeded && getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return fail_errno(why, errno, "get random numbers");
	plan_ids_make(seed, &ids);
	/* A file is for some other machine: neither this one's firmware nor its variables count. */
	request.bios = !machine.uefi && disk.kind != DISK_KIND_FILE;
	request.firmware = machine.uefi && disk.kind != DISK_KIND_FILE;
	request.bare_metal = !machine.virtual_machine && disk.kind != DISK_KIND_FILE;
	return plan_make(&request, ret, why);
}

static void print_plan(const struct plan *plan, enum answers_action action)
{
	char text[PLAN_TEXT_BYTES];

	fputs(plan_print_summary(plan, action, text, sizeof(text)), stdout);
	printf("\nSteps\n%s\n", plan_print_steps(plan, text, sizeof(text)));
	fflush(stdout);
}

static atomic_bool cancel_asked;

static void ask_cancel(int signal)
{
	(void)signal;
	atomic_store(&cancel_asked, true);
}

/* "key = value" lines or user-data, whichever it is. */
static int read_answers_file(const struct options *options, struct answers *ret, struct fail *why)
{
	autofree char *text = NULL;
	struct fail not_read = { 0 };
	size_t bytes = 0;
	int r;

	r = file_read(options->answers, ANSWERS_BYTES_MAX, &text, &bytes, why);
	if (r < 0)
		return r;
	if (!answers_is_user_data(text, bytes))
		return answers_add(ret, ANSWERS_OF_FILE, options->answers, text, bytes, why);
	r = userdata_add(ret, ANSWERS_OF_FILE, options->answers, text, bytes, &not_read, why);
	if (not_read.code)
		(void)say(0, &not_read);
	return r;
}

/* What the installed host is to be. The installation itself is told by options here. */
static int read_answers(const struct options *options, struct answers *ret, struct fail *why)
{
	int r;

	if (!options->answers)
		return 0;
	r = read_answers_file(options, ret, why);
	if (r == 0)
		r = answers_check(ret, why);
	for (size_t i = 0; r == 0 && i < ret->n; i++)
		if (!answers_is_setting(ret->lines[i].key) &&
		    strcmp(ret->lines[i].key, "console") != 0)
			r = fail_with(why, EINVAL,
				      "%s: with --target, %s is an option or has no meaning",
				      options->answers, ret->lines[i].key);
	return r;
}

static int install(const struct options *options, const struct plan *plan,
		   const struct answers *answers)
{
	autofree char *settings = answers_settings(answers);
	struct progress progress = { .plan = plan, .json = options->progress_json };
	struct apply_options apply = {
		.probe = probe_options(options),
		.log_path = options->log,
		.now_seconds = (int64_t)time(NULL),
		.cancel = &cancel_asked,
		.progress = progress_report,
		.arg = &progress,
		.medium_seconds = options->medium_seconds,
		.settings = settings,
		.console = answers_get(answers, "console"),
		.make_file = options->size_bytes != 0,
	};
	struct sigaction action = { .sa_handler = ask_cancel };
	struct apply_result result = { 0 };
	struct fail why = { 0 };
	char elapsed[32];
	int r;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	progress_begin(&progress);
	r = apply_run(plan, &apply, &result, &why);
	progress_end(&progress, &result, r < 0 ? &why : NULL);
	for (size_t i = 0; i < result.n_warnings; i++)
		fprintf(stderr, "palette-install: warning: %s\n", result.warnings[i]);
	if (r < 0 && result.cleared)
		fprintf(stderr, "palette-install: %s was left so that it does not start\n",
			plan->target.path);
	if (r < 0)
		return say(result.touched ? EXIT_STATUS_FAILED : EXIT_STATUS_REFUSED, &why);
	snprintf(elapsed, sizeof(elapsed), "%ju.%ju s", (uintmax_t)(result.elapsed_ms / 1000),
		 (uintmax_t)(result.elapsed_ms % 1000 / 100));
	if (!options->progress_json)
		printf("Installed on %s in %s.\n", plan->target.path, elapsed);
	switch (options->action) {
	case ANSWERS_REBOOT:
		return EXIT_STATUS_REBOOT;
	case ANSWERS_POWEROFF:
		return EXIT_STATUS_POWEROFF;
	default:
		return 0;
	}
}

int command_target(const struct options *options)
{
	static const struct apply_result nothing;
	__attribute__((cleanup(answers_done))) struct answers answers = { 0 };
	__attribute__((cleanup(content_list_done))) struct content_list content = { 0 };
	struct fail why = { 0 };
	struct plan plan = { 0 };

	if (read_answers(options, &answers, &why) < 0 ||
	    make_plan(options, &content, &plan, &why) < 0) {
		const struct progress progress = { .json = options->progress_json };

		progress_end(&progress, &nothing, &why);
		return say(EXIT_STATUS_REFUSED, &why);
	}
	if (!options->progress_json)
		print_plan(&plan, options->action);
	if (options->yes)
		return install(options, &plan, &answers);
	printf("Dry run: nothing was written. --yes does it.\n");
	return 0;
}

int command_check_answers(const struct options *options)
{
	__attribute__((cleanup(answers_done))) struct answers answers = { 0 };
	struct fail why = { 0 }, unattended = { 0 }, both;
	char text[400];
	int r;

	if (read_answers_file(options, &answers, &why) < 0)
		return say(EXIT_STATUS_REFUSED, &why);
	for (size_t i = 0; i < answers.n; i++)
		puts(answers_show(&answers.lines[i], text, sizeof(text)));
	r = answers_check(&answers, &why);
	if (r == -EINVAL)
		return say(EXIT_STATUS_REFUSED, &why);
	if (answers_check_unattended(&answers, &unattended) == 0 && r == 0)
		return 0;
	/* No mistake: another place may answer the rest. */
	(void)fail_with(&both, ENODATA, "%s%s%s", unattended.msg,
			unattended.code && why.code ? "; " : "", why.msg);
	return say(EXIT_STATUS_FAILED, &both);
}

int command_repair(const struct options *options)
{
	struct repair_options repair = { .disk = options->target,
					 .files = options->source,
					 .root = options->sysroot,
					 .slot = options->slot };
	struct repair_report report;
	struct fail why = { 0 };
	int r = repair_boot(&repair, &report, &why);

	fputs(report.done, stdout);
	fflush(stdout);
	fputs(report.left, stderr);
	if (r < 0)
		return say(EXIT_STATUS_FAILED, &why);
	if (!report.done[0] && !report.left[0])
		printf("Nothing was wrong with what starts %s.\n", options->target);
	return report.left[0] ? EXIT_STATUS_FAILED : 0;
}

int command_verify(const struct options *options)
{
	__attribute__((cleanup(content_list_done))) struct content_list content = { 0 };
	struct verify_options how = { .source = options->source,
				      .image = options->image,
				      .content = &content,
				      .medium_seconds = options->medium_seconds };
	struct probe_options probe = probe_options(options);
	struct verify_result result;
	struct manifest manifest;
	struct fail why = { 0 };
	char text[1500];

	if (medium_open(&probe, &manifest, &why) < 0 ||
	    medium_content(options->source, &content, &why) < 0 ||
	    verify_medium(&manifest, &how, &result, &why) < 0)
		return say(EXIT_STATUS_FAILED, &why);
	printf("Palette Edge %s in %s\n%s", manifest.version, options->source,
	       verify_text(&result, text, sizeof(text)));
	return result.n_damages ? EXIT_STATUS_FAILED : 0;
}
