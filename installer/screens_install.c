/* SPDX-License-Identifier: Apache-2.0 */
/* screens_install.c - the action, the summary, and the installation while it runs. */
#include "screens_parts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/size.h"
#include "lib/text.h"
#include "plan_print.h"
#include "rate.h"

int screen_action(struct screens *s, struct fail *why)
{
	static const struct ui_item items[ANSWERS_ACTIONS] = {
		[ANSWERS_NOTHING] = { "nothing",
				      "nothing    the result stays on the screen, with buttons to "
				      "go on",
				      NULL },
		[ANSWERS_REBOOT] = { "reboot", "reboot     the machine restarts after 5 seconds",
				     NULL },
		[ANSWERS_POWEROFF] = { "poweroff",
				       "poweroff   the machine is switched off after 5 seconds",
				       NULL },
	};
	struct ui_menu menu = { .id = "action",
				.title = SCREENS_TITLE " - when it is complete",
				.text = "When the installation is complete:",
				.items = items,
				.n_items = ANSWERS_ACTIONS,
				.chosen = s->chosen.action };
	int r;

	if (!s->asked_action) {
		s->asked_action = true;
		if (answers_get_action(&s->answers, "action", &s->chosen.action))
			return SCREEN_LEFTOVERS;
	}
	r = screens_menu(s, &menu, why);
	if (r < 0)
		return r;
	s->chosen.action = (enum answers_action)menu.chosen;
	s->own_action = true;
	return r == UI_OK ? SCREEN_LEFTOVERS : SCREEN_DISK;
}

/* A fresh plan each time the summary is shown: the disk may have changed meanwhile. */
static int make_plan(struct screens *s, struct fail *why)
{
	const struct disk *disk = screens_chosen(s);
	uint8_t fresh[PLAN_SEED_BYTES];
	const uint8_t *seed = s->args->seed;
	struct plan_ids ids;
	struct plan_request request = {
		.target = disk,
		.manifest = &s->manifest,
		.content = &s->content,
		.sizes = &s->sizes,
		.ids = &ids,
		.bios = !s->machine.uefi,
		.firmware = s->machine.uefi,
		.bare_metal = !s->machine.virtual_machine,
	};

	if (!disk)
		return fail_with(why, ENODEV, "%s is no longer there", s->chosen.disk);
	if (!seed && getrandom(fresh, sizeof(fresh), 0) != sizeof(fresh))
		return fail_errno(why, errno, "get random numbers");
	plan_ids_make(seed ? seed : fresh, &ids);
	return plan_make(&request, &s->plan, why);
}

int screen_summary(struct screens *s, struct fail *why)
{
	char text[PLAN_TEXT_BYTES];
	struct fail planning = { 0 };
	int r = screens_probe(s, why);

	if (r < 0)
		return r;
	if (make_plan(s, &planning) < 0) {
		if (s->unattended) {
			*why = planning;
			return -planning.code;
		}
		log_error("%s", planning.msg);
		r = s->ui->message(s->ui, "refused", SCREENS_TITLE, planning.msg, "Back", why);
		return r < 0 ? r : SCREEN_DISK;
	}
	r = screens_confirm(s, "start", SCREENS_TITLE " - Installation Summary",
			    screens_summary_text(s, text, sizeof(text)), "Install", "Back", why);
	if (r < 0)
		return r;
	log_info("start: %s, plan %.*s", r == UI_OK ? "yes" : "no", PLAN_DIGEST_SHOWN,
		 s->plan.digest);
	if (r == UI_OK)
		return SCREEN_INSTALL;
	return s->n_leftovers ? SCREEN_LEFTOVERS : SCREEN_ACTION;
}

/* What the progress screen remembers from one look to the next. */
struct watching {
	struct screens *s;
	struct rate all;  /* of the weighted whole: time left */
	struct rate step; /* of the present step: bytes a second */
	size_t rated_step;
	atomic_bool cancel;
	int gone; /* negative: the terminal is gone; the installation goes on without it */
};

static void put_steps(struct text_out *out, const struct plan *plan,
		      const struct apply_progress *now)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const char *mark = i < now->step ? "[x]" : i == now->step ? "[>]" : "[ ]";

		text_put(out, "%s %s", mark, plan_step_text(plan->steps[i].kind));
		if (i == now->step && now->step_total_bytes)
			text_put(out, " (%u %%)",
				 (unsigned)(now->step_done_bytes * 100 / now->step_total_bytes));
		text_put(out, "\n");
	}
}

static bool stalled(const struct apply_progress *now)
{
	return now->waiting != APPLY_WAIT_NONE && now->still_seconds >= APPLY_STALL_SECONDS;
}

static void put_speed(struct text_out *out, struct watching *w, const struct apply_progress *now)
{
	uint64_t rate = rate_bytes_per_second(&w->step);
	char text[64];
	unsigned left;

	text_put(out, "%s", screens_duration(now->elapsed_ms, text, sizeof(text)));
	if (rate && now->step_total_bytes)
		text_put(out, "   %s/s", size_decimal(rate, text, sizeof(text)));
	if (rate_seconds_left(&w->all, now->total_bytes, &left))
		text_put(out, "   about %s left",
			 screens_duration((uint64_t)left * 1000, text, sizeof(text)));
	text_put(out, "\n");
}

static bool is_at(const struct plan *plan, const struct apply_progress *now,
		  enum plan_step_kind kind)
{
	return now->step < plan->n_steps && plan->steps[now->step].kind == kind;
}

/* The file of the content that is being read or written; an empty row else, so that the box keeps its size. */
static void put_file(struct text_out *out, const struct plan *plan,
		     const struct apply_progress *now)
{
	enum plan_step_kind kind =
		now->step < plan->n_steps ? plan->steps[now->step].kind : PLAN_STEP_KINDS;
	char line[400] = " ", fitted[400], done[32], total[32];

	if (!plan->content)
		return;
	if (plan_step_is_of_content(kind) && now->item < plan->content->n_files)
		snprintf(line, sizeof(line), "%s of %s, file %zu of %zu: %s",
			 size_decimal(now->step_done_bytes, done, sizeof(done)),
			 size_decimal(now->step_total_bytes, total, sizeof(total)), now->item + 1,
			 plan->content->n_files,
			 content_list_name(plan_content_file(plan->content, kind, now->item)));
	text_put(out, "%s\n", text_fit(line, SCREENS_COLUMNS - 2, fitted, sizeof(fitted)));
}

/* Instead of the speed: what one would call for help about. */
static bool put_trouble(struct text_out *out, const struct apply_progress *now)
{
	char text[64], line[1200], fitted[1200];
	struct text_out whole = text_out_start(line, sizeof(line));

	if (!now->cancelling && !now->medium_gone && !stalled(now))
		return false;
	text_put(&whole, "%s   ", screens_duration(now->elapsed_ms, text, sizeof(text)));
	if (now->cancelling)
		text_put(&whole, "Stopping ...");
	else if (now->medium_gone)
		text_put(&whole, "The medium is gone: reconnect it. It is waited for %u s more.",
			 now->medium_left_seconds);
	else
		text_put(&whole, "STALLED for %u s: %s does not %s.", now->still_seconds,
			 now->waiting_for,
			 now->waiting == APPLY_WAIT_DISK ? "take data" : "give data");
	text_put(out, "%s\n", text_fit(line, SCREENS_COLUMNS, fitted, sizeof(fitted)));
	return true;
}

static void rate_now(struct watching *w, const struct apply_progress *now)
{
	if (now->step != w->rated_step) {
		memset(&w->step, 0, sizeof(w->step));
		w->rated_step = now->step;
	}
	rate_add(&w->all, now->elapsed_ms, now->done_bytes);
	rate_add(&w->step, now->elapsed_ms, now->step_done_bytes);
}

static void ask_to_stop(struct watching *w, bool checking)
{
	static const struct ui_item items[] = {
		{ "continue", "continue   let it go on; it was not paused", NULL },
		{ "stop", "stop       stop it now", NULL },
	};
	char text[600];
	struct ui_menu menu = { .id = "stop",
				.title = "Stop the installation?",
				.text = text,
				.items = items,
				.n_items = ARRAY_SIZE(items) };
	struct fail why = { 0 };
	int r;

	/* The work goes on while this is read: the check may end meanwhile. */
	snprintf(text, sizeof(text),
		 checking ? "Nothing has been written yet: stopped before the content is checked, "
			    "%s stays as it is. From then on what was on it is lost."
			  : "Stopping leaves %s without a system: it does not start, and what was "
			    "on it before is lost. It can be installed again at any time.",
		 w->s->plan.target.path);
	r = w->s->ui->menu(w->s->ui, &menu, &why);
	if (r == UI_OK && menu.chosen == 1) {
		log_warn("stopped by a person");
		atomic_store(&w->cancel, true);
	}
	if (r < 0)
		w->gone = r;
}

static void show_progress(const struct apply_progress *now, void *arg)
{
	struct watching *w = arg;
	const struct disk *disk = &w->s->plan.target;
	char text[2000], title[100], size[32];
	struct text_out out = text_out_start(text, sizeof(text));
	struct ui_progress shown = { .title = SCREENS_TITLE " - installing", .text = text };
	bool checking = is_at(&w->s->plan, now, PLAN_STEP_CHECK);
	struct fail why = { 0 };
	int r;

	if (w->gone < 0)
		return;
	rate_now(w, now);
	text_put(&out, "%s, %s, %s. %s.\n\n", disk->path, disk_title(disk, title, sizeof(title)),
		 size_decimal(disk->size_bytes, size, sizeof(size)),
		 checking ? "Nothing is written yet" : "Do not switch the machine off");
	put_steps(&out, &w->s->plan, now);
	text_put(&out, "\n");
	put_file(&out, &w->s->plan, now);
	if (!put_trouble(&out, now))
		put_speed(&out, w, now);
	if (now->total_bytes)
		shown.percent = (unsigned)(now->done_bytes * 100 / now->total_bytes);
	r = w->s->ui->progress(w->s->ui, &shown, &why);
	if (r < 0)
		w->gone = r;
	if (r == UI_BACK && !now->cancelling)
		ask_to_stop(w, checking);
}

/* The installed host's answers go with it, and are forgotten here. */
static void forget(char **settings)
{
	if (*settings)
		explicit_bzero(*settings, strlen(*settings));
	free(*settings);
}

int screen_install(struct screens *s, struct fail *why)
{
	__attribute__((cleanup(forget))) char *settings = answers_settings(&s->answers);
	struct watching watching = { .s = s };
	struct apply_options options = {
		.probe = s->args->probe,
		.log_path = s->args->log_path,
		.now_seconds = (int64_t)time(NULL),
		.cancel = &watching.cancel,
		.progress = s->unattended ? progress_report : show_progress,
		.arg = s->unattended ? (void *)&s->progress : &watching,
		.settings = settings,
		.console = answers_get(&s->answers, "console"),
		.unattended = s->unattended,
	};
	int r;

	s->failure = (struct fail){ 0 };
	s->progress = (struct progress){ .plan = &s->plan, .json = s->json };
	if (s->unattended)
		progress_begin(&s->progress);
	r = apply_run(&s->plan, &options, &s->result, &s->failure);
	s->stopped = r == -ECANCELED;
	if (r < 0)
		log_error("%s", s->failure.msg);
	else
		screens_wipe_leftovers(s);
	if (watching.gone < 0)
		return fail_with(why, -watching.gone, "the terminal is gone; the installation %s",
				 r < 0 ? s->failure.msg : "is complete");
	return r < 0 ? SCREEN_FAILED : SCREEN_DONE;
}
