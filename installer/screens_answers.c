/* SPDX-License-Identifier: Apache-2.0 */
/* screens_answers.c - what need not be asked: what follows from the answers. */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "earlier.h"
#include "disk_match.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"
#include "settle.h"

/*
 * Drivers may still be starting: a match must see all disks, and a second medium may be among them. Of
 * one that does not answer nobody can know whether it has answers: it is told.
 */
static void settle(struct screens *s)
{
	s->unanswered[0] = '\0';
	/* A recorded machine has no more to find. */
	if (strcmp(s->args->probe.root, "/") != 0)
		return;
	settle_wait(s->args->probe.root, s->unanswered, sizeof(s->unanswered));
}

/* The ui of an unattended run: the summary is confirmed, every other question lacks its answer. */
static int use_lines(struct screens *s, struct fail *why)
{
	if (s->args->ui)
		return 0; /* a test's script */
	/* New each time: a line is one answer, and a run that failed may have used it. */
	if (s->lines)
		s->lines->done(s->lines);
	s->lines = ui_answers_new("start = yes\n", s->json ? -1 : STDOUT_FILENO, why);
	if (!s->lines)
		return -why->code;
	if (s->dialog)
		s->dialog->suspend(s->dialog);
	s->ui = s->lines;
	return 0;
}

static int use_screen(struct screens *s, struct fail *why)
{
	if (s->args->ui || screens_use_dialog(s, why))
		return 0;
	if (why->code)
		return -why->code;
	return fail_with(why, ENOTTY, "this is no terminal; see --help");
}

static void tell_unanswered(struct screens *s)
{
	char text[200];

	if (!s->unattended || !s->unanswered[0])
		return;
	snprintf(text, sizeof(text),
		 "The USB device %s does not answer: answers that may be on it are not taken.",
		 s->unanswered);
	log_warn("%s", text);
	(void)s->ui->message(s->ui, "unanswered", SCREENS_TITLE, text, NULL, NULL);
}

static bool wants_json(const struct screens *s)
{
	const char *progress = answers_get(&s->answers, "progress");

	return s->args->progress_json || (progress && strcmp(progress, "json") == 0);
}

int screen_answers(struct screens *s, struct fail *why)
{
	struct fail mistake = { 0 };
	int r = screens_read_answers(s, &mistake), r_ui;

	/* Once a disk is chosen nobody looks for a second medium any more: it may have the rest. */
	if (answers_yes(&s->answers, "unattended") || answers_get(&s->answers, "disk")) {
		settle(s);
		mistake = (struct fail){ 0 };
		r = screens_read_answers(s, &mistake);
	}
	s->unattended = answers_yes(&s->answers, "unattended");
	s->began_unattended |= s->unattended;
	s->json = wants_json(s);
	s->asked_disk = s->asked_action = s->asked_leftovers = false;
	s->own_disk = s->own_action = s->own_leftovers = false;
	s->sizes = s->args->sizes;
	answers_get_sizes(&s->answers, &s->sizes);
	r_ui = s->unattended ? use_lines(s, why) : use_screen(s, why);
	/* Without a screen the mistake is the more useful message. */
	if (r < 0 && r_ui == -ENOTTY) {
		fprintf(stderr, "palette-install: %s\n", mistake.msg);
		return SCREENS_EXIT(EXIT_REFUSED);
	}
	if (r_ui < 0)
		return r_ui;
	tell_unanswered(s);
	/* A person reads it on the summary. */
	if (s->unattended && s->not_read[0])
		(void)s->ui->message(s->ui, "not-read", SCREENS_TITLE, s->not_read, NULL, NULL);
	for (size_t i = 0; i < s->answers.n; i++) {
		char text[120];

		log_info("answer: %s (%s)", answers_show(&s->answers.lines[i], text, sizeof(text)),
			 s->answers.origins[s->answers.lines[i].source]);
	}
	if (r == 0 && s->unattended && s->args->ended && !s->told_ended) {
		s->told_ended = true;
		r = fail_with(&mistake, EINTR,
			      "the installer ended unexpectedly (status %u%s%s) and was started "
			      "again; what it was doing is in its log",
			      s->args->ended, s->args->ended > 128 ? ", " : "",
			      s->args->ended > 128 ? strsignal((int)s->args->ended - 128) : "");
	}
	if (r == 0)
		return SCREEN_MEDIUM;
	log_error("%s", mistake.msg);
	s->failure = mistake;
	/* An unattended run reports when it gives up; whoever made these answers is told anyway. */
	if (!s->unattended)
		screens_report_refused(s);
	return SCREEN_FAILED;
}

bool screens_seed_came(struct screens *s)
{
	struct seed now;

	if (s->seed.directory || s->disks_mark == s->answers_mark)
		return false;
	s->answers_mark = s->disks_mark;
	if (seed_find(s->args->probe.root, NULL, 0, &now, NULL) < 0)
		return true;
	return now.device[0] && strcmp(now.device, s->seed.device) != 0;
}

/* What must be said before nobody is asked: that there is data, and that it is this very system. */
static int may_overwrite(struct screens *s, const struct disk *disk, struct fail *why)
{
	autofree char *path =
		strcmp(s->args->probe.root, "/") == 0
			? xstrdup(disk->path)
			: xasprintf("%s/heads/%s.img", s->args->probe.root, disk->name);
	struct earlier earlier;

	earlier_find(path, disk->logical_bytes, &earlier);
	if (earlier.medium_id[0] && strcmp(earlier.medium_id, s->manifest.medium_id) == 0) {
		if (answers_yes(&s->answers, "reinstall"))
			return 0;
		return fail_with(why, EEXIST,
				 "%s holds an installation made from this very medium: it is "
				 "installed again only with \"reinstall = yes\"",
				 disk->path);
	}
	if (strcmp(disk->content, "empty") == 0 || answers_yes(&s->answers, "overwrite"))
		return 0;
	return fail_with(why, EEXIST,
			 "%s holds data (%s): it is overwritten only with \"overwrite = yes\"",
			 disk->path, disk->content[0] ? disk->content : "content not known");
}

/* The message has room for some of the disks and for what tells them apart: the log has all of it. */
static void log_disks(const struct disks *disks)
{
	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *disk = &disks->items[i];
		char size[32], title[100], identity[160];

		if (disk->excluded == DISK_EXCLUDED_KIND && !disk->matched)
			continue;
		log_info("disk %s (%s, %s, %s, %s) %s%s%s", disk->path,
			 size_decimal(disk->size_bytes, size, sizeof(size)),
			 disk_transport_name(disk->transport),
			 disk_title(disk, title, sizeof(title)),
			 disk_identity(disk, identity, sizeof(identity)),
			 disk->matched ? "matches" : "does not match",
			 disk->excluded ? "; it is not offered: " : "", disk->reason);
	}
}

int screens_answered_disk(struct screens *s, struct fail *why)
{
	const struct disk *disk = NULL;
	int r = disk_match(answers_get(&s->answers, "disk"), &s->disks, &disk, why);

	if (r < 0)
		log_disks(&s->disks);
	if (r == 0 && s->unattended)
		r = may_overwrite(s, disk, why);
	if (r < 0)
		return r;
	snprintf(s->chosen.disk, sizeof(s->chosen.disk), "%s", disk->path);
	log_info("disk: %s, as answered", disk->path);
	return 0;
}

/* Went somebody back and chose what this line answers on its screen? */
static bool is_overruled(const struct screens *s, const struct answers_line *line)
{
	return (s->own_disk && strcmp(line->key, "disk") == 0) ||
	       (s->own_action && strcmp(line->key, "action") == 0) ||
	       (s->own_leftovers && strcmp(line->key, "leftovers") == 0);
}

const char *screens_answers_text(const struct screens *s, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	for (size_t source = 0; source < ANSWERS_SOURCES; source++) {
		size_t n = 0;

		for (size_t i = 0; i < s->answers.n; i++) {
			char text[160];

			if (s->answers.lines[i].source != source)
				continue;
			if (n++ == 0)
				text_put(&out, "%s:\n", s->answers.origins[source]);
			text_put(&out, "%s%s\n",
				 answers_show(&s->answers.lines[i], text, sizeof(text)),
				 is_overruled(s, &s->answers.lines[i])
					 ? " (not used: chosen on the screen)"
					 : "");
		}
	}
	text_put(&out, "%s", s->not_read);
	return buf;
}
