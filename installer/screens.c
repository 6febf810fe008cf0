/* SPDX-License-Identifier: Apache-2.0 */
/* screens.c - which screen follows which, and what all of them need. */
#include "screens_parts.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "medium.h"

bool screens_interrupted(struct screens *s, int *r, struct fail *why)
{
	if (*r != UI_INTERRUPT)
		return false;
	*r = s->ui->confirm(s->ui, "interrupt", "Ctrl+C",
			    "Open a shell on this console? Nothing is stopped by it; \"exit\" "
			    "comes back.",
			    "Shell", "Back", why);
	if (*r == UI_OK)
		*r = tool_shell(s->ui, s->args->login, why);
	return *r >= 0;
}

int screens_menu(struct screens *s, struct ui_menu *menu, struct fail *why)
{
	int r;

	do {
		r = s->ui->menu(s->ui, menu, why);
		if (r == UI_OK)
			log_info("%s: %s", menu->id, menu->items[menu->chosen].key);
	} while (screens_interrupted(s, &r, why));
	return r;
}

int screens_confirm(struct screens *s, const char *id, const char *title, const char *text,
		    const char *yes, const char *no, struct fail *why)
{
	int r;

	do
		r = s->ui->confirm(s->ui, id, title, text, yes, no, why);
	while (screens_interrupted(s, &r, why));
	return r;
}

int screens_probe(struct screens *s, struct fail *why)
{
	struct disk_rules rules = {
		.need_bytes = plan_needed_bytes(&s->sizes),
		.bios = !s->machine.uefi,
		.answers = s->seed.disk[0] ? s->seed.disk : NULL,
	};
	int r;

	disks_done(&s->disks);
	/* The mark first: a disk that comes while probing is found at the next look. */
	s->disks_mark = hardware_disks_mark(s->args->probe.root);
	r = probe_disks(&s->args->probe, &s->disks, why);
	return r < 0 ? r : (int)disks_judge(&s->disks, &rules);
}

const struct disk *screens_chosen(const struct screens *s)
{
	for (size_t i = 0; i < s->disks.n; i++) {
		const struct disk *disk = &s->disks.items[i];

		if (disk->excluded == DISK_OFFERED && strcmp(disk->path, s->chosen.disk) == 0)
			return disk;
	}
	return NULL;
}

int screen_medium(struct screens *s, struct fail *why)
{
	static const enum way_out outs[] = { OUT_RETRY, OUT_LOG, OUT_SHELL, OUT_REBOOT,
					     OUT_POWEROFF };
	char header[500], text[800];
	struct fail medium = { 0 };
	struct ui_menu menu = { .id = "medium",
				.title = SCREENS_TITLE " - the medium",
				.text = text,
				.back_label = "Retry" };
	int r = medium_open(&s->args->probe, &s->manifest, &medium);

	content_list_done(&s->content);
	if (r == 0)
		r = medium_content(s->args->probe.source, &s->content, &medium);
	s->ui->header(s->ui, screens_header(&s->machine, r < 0 ? "" : s->manifest.version, header,
					    sizeof(header)));
	if (r == 0)
		return SCREEN_DISK;
	if (s->unattended) {
		*why = medium;
		return r;
	}
	log_error("%s", medium.msg);
	snprintf(text, sizeof(text),
		 "The installation medium cannot be used:\n%s\n\n"
		 "Nothing was written. Reconnect the medium and retry, or make it again.",
		 medium.msg);
	r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);
	if (r == OUT_REBOOT)
		return SCREENS_EXIT(EXIT_RESTART);
	if (r == OUT_POWEROFF)
		return SCREENS_EXIT(EXIT_POWEROFF);
	return r < 0 ? r : SCREEN_MEDIUM;
}

static int (*const screens[SCREENS])(struct screens *s, struct fail *why) = {
	[SCREEN_ANSWERS] = screen_answers,     [SCREEN_MEDIUM] = screen_medium,
	[SCREEN_DISK] = screen_disk,	       [SCREEN_NO_DISK] = screen_no_disk,
	[SCREEN_LEAVE] = screen_leave,	       [SCREEN_ACTION] = screen_action,
	[SCREEN_LEFTOVERS] = screen_leftovers, [SCREEN_SUMMARY] = screen_summary,
	[SCREEN_INSTALL] = screen_install,     [SCREEN_DONE] = screen_done,
	[SCREEN_FAILED] = screen_failed,
};

bool screens_use_dialog(struct screens *s, struct fail *why)
{
	if (!s->dialog && s->args->dialog)
		s->dialog = s->args->dialog(why);
	if (s->dialog)
		s->ui = s->dialog;
	return s->dialog != NULL;
}

/* What is asked without an answer, and everything else that stops an unattended run, is its failure. */
static int run_screen(struct screens *s, int screen, struct fail *why)
{
	int r = screens[screen](s, why);

	if (r >= 0 || !s->unattended || screen == SCREEN_FAILED)
		return r;
	s->failure = *why;
	log_error("%s", why->msg);
	return SCREEN_FAILED;
}

/*
 * A machine without a source of its own takes a second of its processor to have random numbers. It
 * begins at once, and while nothing else is to be done: the first screen comes before.
 */
static void *wait_random(void *arg)
{
	static const struct sched_param none;
	uint8_t byte;

	(void)sched_setscheduler(0, SCHED_IDLE, &none);
	(void)!getrandom(&byte, sizeof(byte), 0);
	return arg;
}

static void start_random(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_random, NULL) == 0)
		(void)pthread_detach(thread);
}

int screens_run(struct screens_args *args, struct fail *why)
{
	struct screens *s = xcalloc(1, sizeof(*s));
	int next = SCREEN_ANSWERS;

	s->args = args;
	s->ui = args->ui;
	s->sizes = args->sizes;
	start_random();
	probe_machine(args->probe.root, &s->machine);
	hardware_probe(args->probe.root, &s->hardware);
	while (next >= 0 && next < SCREENS)
		next = run_screen(s, next, why);
	disks_done(&s->disks);
	content_list_done(&s->content);
	answers_done(&s->answers);
	if (s->lines)
		s->lines->done(s->lines);
	if (s->dialog)
		s->dialog->done(s->dialog);
	free(s);
	return next < 0 ? next : next - SCREENS;
}
