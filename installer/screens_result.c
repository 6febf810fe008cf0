/* SPDX-License-Identifier: Apache-2.0 */
/* screens_result.c - installed, or not. */
#include "screens_parts.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/monotonic.h"
#include "lib/size.h"
#include "lib/text.h"
#include "plan_print.h"

#define HOLD_SECONDS	5
#define GIVE_UP_LOOK_MS 5000

/* The disk or drive the installation was read from; NULL: none of this machine's. */
static const struct disk *find_medium(const struct screens *s)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < s->disks.n; i++) {
		const struct disk *disk = &s->disks.items[i];

		if (!disk->medium[0])
			continue;
		if (disk->kind == DISK_KIND_CD)
			return disk;
		/* Not the disk of a machine that the ISO is a file on. */
		if (disk->kind == DISK_KIND_DISK &&
		    (disk->removable || disk->transport == DISK_TRANSPORT_USB))
			found = disk;
	}
	return found;
}

static void done_text(const struct screens *s, const struct disk *medium, char *buf, size_t size)
{
	const struct disk *disk = &s->plan.target;
	struct text_out out = text_out_start(buf, size);
	char title[100], text[64];

	text_put(&out, "Installed in %s: Palette Edge %s on\n",
		 screens_duration(s->result.elapsed_ms, text, sizeof(text)),
		 s->plan.manifest.version);
	text_put(&out, "%s, %s, %s.\n", disk->path, disk_title(disk, title, sizeof(title)),
		 size_decimal(disk->size_bytes, text, sizeof(text)));
	for (size_t i = 0; i < s->result.n_warnings; i++)
		text_put(&out, "\nWarning: %s\n", s->result.warnings[i]);
	if (medium && medium->kind == DISK_KIND_CD)
		text_put(&out,
			 "\nReboot and poweroff eject the CD in %s, where the drive can do it.\n",
			 medium->path);
	else if (medium)
		text_put(&out, "\nRemove the installation stick now: %s, %s.\n", medium->path,
			 disk_title(medium, title, sizeof(title)));
	if (s->plan.bios)
		text_put(&out, "\nLegacy BIOS: this disk must be first in the boot order of the "
			       "setup.\n");
}

static int leave(const struct screens *s, const struct disk *medium, int status)
{
	struct fail why = { 0 };

	/* Only of the machine itself: a test's tree names drives that are not there. */
	if (medium && medium->kind == DISK_KIND_CD && strcmp(s->args->probe.root, "/") == 0 &&
	    tool_eject(s->args->probe.source, medium->path, &why) < 0)
		log_warn("%s", why.msg);
	return SCREENS_EXIT(status);
}

/* "nothing" was chosen, or a key held the countdown. */
static int ask_what_next(struct screens *s, const struct disk *medium, char *text, struct fail *why)
{
	static const enum way_out outs[] = { OUT_REBOOT, OUT_POWEROFF, OUT_SHELL, OUT_LOG,
					     OUT_SAVE_LOG };
	struct ui_menu menu = { .id = "installed",
				.title = SCREENS_TITLE " - complete",
				.text = text,
				.chosen = s->chosen.action == ANSWERS_POWEROFF,
				.back_label = "Leave" };

	for (;;) {
		int r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);

		switch (r) {
		case OUT_REBOOT:
			return leave(s, medium, EXIT_REBOOT);
		case OUT_POWEROFF:
			return leave(s, medium, EXIT_POWEROFF);
		case OUT_BACK:
			return SCREENS_EXIT(EXIT_INSTALLED);
		default:
			if (r < 0)
				return r;
			break;
		}
	}
}

int screen_done(struct screens *s, struct fail *why)
{
	static const char *const soon[ANSWERS_ACTIONS] = {
		[ANSWERS_REBOOT] = "The machine restarts",
		[ANSWERS_POWEROFF] = "The machine is switched off",
	};
	const struct disk *medium;
	char text[4000], counted[4200];
	int r = screens_probe(s, why);

	if (r < 0)
		return r;
	medium = find_medium(s);
	done_text(s, medium, text, sizeof(text));
	log_info("installed in %ju ms", (uintmax_t)s->result.elapsed_ms);
	if (s->unattended) {
		/* Said first: writing the result may take its time. */
		r = s->ui->message(s->ui, "installed", SCREENS_TITLE " - complete", text, NULL,
				   why);
		if (r < 0)
			return r;
		text[0] = '\0';
	}
	screens_report(s, true);
	if (s->chosen.action == ANSWERS_NOTHING && s->unattended) {
		s->unattended = false; /* what is left is for a person, where there is one */
		done_text(s, medium, text, sizeof(text));
		if (!screens_use_dialog(s, why))
			return SCREENS_EXIT(EXIT_INSTALLED);
	}
	if (s->chosen.action == ANSWERS_NOTHING)
		return ask_what_next(s, medium, text, why);

	snprintf(counted, sizeof(counted), "%s%s%s", text, text[0] ? "\n" : "",
		 soon[s->chosen.action]);
	r = s->ui->countdown(s->ui, "countdown", SCREENS_TITLE " - complete", counted, HOLD_SECONDS,
			     why);
	if (r < 0)
		return r;
	if (r == UI_BACK)
		return ask_what_next(s, medium, text, why);
	return leave(s, medium, s->chosen.action == ANSWERS_REBOOT ? EXIT_REBOOT : EXIT_POWEROFF);
}

static void failed_text(const struct screens *s, char *buf, size_t size)
{
	const struct plan *plan = &s->plan;
	struct text_out out = text_out_start(buf, size);

	if (s->stopped)
		text_put(&out, "Installation stopped.\n");
	else
		text_put(&out, "Installation failed:\n%s\n", s->failure.msg);
	if (s->result.touched && s->result.step < plan->n_steps)
		text_put(&out, "Step: %s\n", plan_step_text(plan->steps[s->result.step].kind));
	if (s->result.touched)
		text_put(&out,
			 "\n%s does not start: it is left without boot code and partition table, "
			 "and what was on it before is lost.\n",
			 plan->target.path);
	else if (plan->n_steps)
		text_put(&out, "\nNothing was written: %s is as it was.\n", plan->target.path);
	else if (!s->told_ended)
		text_put(&out, "\nNothing was written.\n");
	if (s->args->log_path)
		text_put(&out, "The log is %s.\n", s->args->log_path);
}

/* An unattended run has failed: told in lines first, then on a screen, for who comes and looks. */
static int begin_giving_up(struct screens *s, const char *text, struct fail *why)
{
	unsigned seconds =
		s->args->failure_seconds ? s->args->failure_seconds : SCREENS_FAILURE_SECONDS;
	enum answers_action action;
	int r = s->ui->message(s->ui, "failed", SCREENS_TITLE " - failed", text, NULL, why);

	if (r < 0)
		return r;
	screens_report(s, false);
	if (answers_get_action(&s->answers, "on-failure", &action) && action != ANSWERS_NOTHING)
		s->give_up_ms = monotonic_ms() + seconds * UINT64_C(1000);
	s->unattended = false;
	if (screens_use_dialog(s, why))
		return 0;
	return SCREENS_EXIT(s->result.touched ? EXIT_FAILED : EXIT_REFUSED);
}

/*
 * "The machine restarts in 9 min 50 s": as long as nobody has chosen anything. True: time is up, and
 * @ret is how the program ends.
 */
static bool give_up(struct screens *s, char *text, size_t size, int *ret)
{
	enum answers_action action = ANSWERS_NOTHING;
	uint64_t now_ms = monotonic_ms();
	char left[40];

	text[0] = '\0';
	if (!s->give_up_ms || s->person)
		return false;
	(void)answers_get_action(&s->answers, "on-failure", &action);
	if (now_ms >= s->give_up_ms) {
		log_info("on-failure: %s", answers_action_name(action));
		*ret = SCREENS_EXIT(action == ANSWERS_REBOOT ? EXIT_RESTART : EXIT_POWEROFF);
		return true;
	}
	snprintf(text, size, "\nThe machine %s in %s unless something is chosen here.\n",
		 action == ANSWERS_REBOOT ? "restarts" : "is switched off",
		 screens_duration(s->give_up_ms - now_ms, left, sizeof(left)));
	return false;
}

/* The way out a person takes; OUT_TICK: none, and time is up. */
static int ask_after_failure(struct screens *s, const char *text, int *ret_exit, struct fail *why)
{
	static const enum way_out outs[] = { OUT_RETRY, OUT_LOG,    OUT_SAVE_LOG,
					     OUT_SHELL, OUT_REBOOT, OUT_POWEROFF };
	char shown[1800], soon[200];
	struct ui_menu menu = { .id = "failed", .text = shown, .back_label = "Disks" };
	int r = OUT_TICK;

	menu.title = s->stopped ? SCREENS_TITLE " - stopped" : SCREENS_TITLE " - failed";
	while (r == OUT_TICK && !give_up(s, soon, sizeof(soon), ret_exit)) {
		snprintf(shown, sizeof(shown), "%s%s", text, soon);
		menu.tick_ms = soon[0] ? GIVE_UP_LOOK_MS : 0;
		r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);
	}
	return r;
}

int screen_failed(struct screens *s, struct fail *why)
{
	char text[1600];
	int r = 0, end = 0;

	failed_text(s, text, sizeof(text));
	if (s->unattended)
		r = begin_giving_up(s, text, why);
	else
		screens_report(s, false);
	if (r != 0)
		return r;
	r = ask_after_failure(s, text, &end, why);
	switch (r) {
	case OUT_TICK:
		return end;
	case OUT_RETRY:
		return s->plan.n_steps ? SCREEN_SUMMARY : SCREEN_ANSWERS;
	case OUT_REBOOT:
		return SCREENS_EXIT(EXIT_RESTART);
	case OUT_POWEROFF:
		return SCREENS_EXIT(EXIT_POWEROFF);
	default:
		return r < 0 ? r : SCREEN_MEDIUM;
	}
}
