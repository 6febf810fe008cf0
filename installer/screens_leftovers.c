/* SPDX-License-Identifier: Apache-2.0 */
/* screens_leftovers.c - other disks that hold an earlier installation, and whether to wipe them. */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "earlier.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"
#include "wipe.h"

#define LABEL_BYTES 80
#define WHAT_LINES  6 /* disks whose partitions are named above the list */

/*
 * Neither the target, by whatever path, nor a medium; one that cannot be written to cannot be wiped
 * either.
 */
static bool is_other(const struct screens *s, const struct disk *disk)
{
	return disk->kind == DISK_KIND_DISK && disk->size_bytes > 0 && !disk->medium[0] &&
	       disk->excluded != DISK_EXCLUDED_SAME && disk->excluded != DISK_EXCLUDED_ANSWERS &&
	       !disk->read_only && !disk->use[0] && strcmp(disk->path, s->chosen.disk) != 0;
}

static const char *choice_of(const struct screens *s, const char *path)
{
	for (size_t i = 0; i < s->n_leftovers; i++)
		if (strcmp(s->leftovers[i].disk.path, path) == 0)
			return s->leftovers[i].choice;
	return "keep";
}

/* Nothing is preselected but what a person chose at an earlier look. */
static void find(struct screens *s)
{
	const char *root = s->args->probe.root;
	struct leftover *found = xcalloc(LEFTOVERS_MAX, sizeof(*found));
	size_t n = 0, n_more = 0;

	for (size_t i = 0; i < s->disks.n; i++) {
		const struct disk *disk = &s->disks.items[i];
		autofree char *path = strcmp(root, "/") == 0
					      ? xstrdup(disk->path)
					      : xasprintf("%s/heads/%s.img", root, disk->name);
		struct earlier earlier;

		if (!is_other(s, disk))
			continue;
		earlier_find(path, disk->logical_bytes, &earlier);
		if (!earlier.found)
			continue;
		if (n == LEFTOVERS_MAX) {
			n_more++;
			log_warn("leftovers on %s: %s; it is one too many", disk->path,
				 earlier.what);
			continue;
		}
		found[n].disk = *disk;
		snprintf(found[n].what, sizeof(found[n].what), "%s", earlier.what);
		snprintf(found[n].choice, sizeof(found[n].choice), "%s", choice_of(s, disk->path));
		n++;
	}
	memcpy(s->leftovers, found, sizeof(s->leftovers));
	s->n_leftovers = n;
	s->n_more_leftovers = n_more;
	free(found);
}

static void set_all(struct screens *s, const char *choice)
{
	for (size_t i = 0; i < s->n_leftovers; i++)
		snprintf(s->leftovers[i].choice, sizeof(s->leftovers[i].choice), "%s", choice);
}

/* Path, model and serial number: what tells a person which one to keep. */
static void put_label(const struct disk *disk, char *buf, size_t size)
{
	char title[100], short_title[40];

	text_fit(disk_title(disk, title, sizeof(title)), 20, short_title, sizeof(short_title));
	snprintf(buf, size, "%-9.12s %-20s %.18s", disk->path, short_title,
		 disk->serial[0] ? disk->serial : disk->location);
}

static void form_text(const struct screens *s, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	text_put(&out,
		 "These other disks hold an earlier installation. One that is set to \"wipe\" "
		 "loses its partitions after the installation; data is not erased.\n");
	for (size_t i = 0; i < s->n_leftovers && i < WHAT_LINES; i++)
		text_put(&out, "%s: %s\n", s->leftovers[i].disk.path, s->leftovers[i].what);
	if (s->n_more_leftovers)
		text_put(&out, "%zu more than the %d below hold one: they stay as they are.\n",
			 s->n_more_leftovers, LEFTOVERS_MAX);
}

static int ask(struct screens *s, struct fail *why)
{
	static const char *const choices[] = { "keep", "wipe", NULL };
	char labels[LEFTOVERS_MAX][LABEL_BYTES], text[2000];
	struct ui_field fields[LEFTOVERS_MAX];
	struct ui_form form = {
		.id = "leftovers",
		.title = SCREENS_TITLE " - earlier installations",
		.text = text,
		.fields = fields,
		.n_fields = s->n_leftovers,
		.ok_label = "Continue",
	};
	int r;

	form_text(s, text, sizeof(text));
	for (size_t i = 0; i < s->n_leftovers; i++) {
		struct leftover *leftover = &s->leftovers[i];

		put_label(&leftover->disk, labels[i], sizeof(labels[i]));
		fields[i] = (struct ui_field){ .id = leftover->disk.path,
					       .label = labels[i],
					       .kind = UI_FIELD_CHOICE,
					       .buf = leftover->choice,
					       .size = sizeof(leftover->choice),
					       .choices = choices };
	}
	do
		r = s->ui->form(s->ui, &form, why);
	while (r == UI_TICK || screens_interrupted(s, &r, why));
	return r;
}

int screen_leftovers(struct screens *s, struct fail *why)
{
	const char *answer = answers_get(&s->answers, "leftovers");
	int r;

	find(s);
	if (s->n_leftovers == 0)
		return SCREEN_SUMMARY;
	for (size_t i = 0; i < s->n_leftovers; i++)
		log_info("leftovers on %s: %s", s->leftovers[i].disk.path, s->leftovers[i].what);
	if (s->unattended && answer && strcmp(answer, "wipe") == 0 && s->n_more_leftovers)
		return fail_with(why, E2BIG,
				 "leftovers = wipe: %zu other disks hold an earlier installation, "
				 "%d are wiped at once: wipe some of them before, or say keep",
				 s->n_leftovers + s->n_more_leftovers, LEFTOVERS_MAX);
	if (answer && !s->asked_leftovers) {
		s->asked_leftovers = true;
		set_all(s, answer);
		return SCREEN_SUMMARY;
	}
	if (s->unattended)
		return fail_with(why, ENODATA,
				 "no answer to the question \"leftovers\": %s%s an earlier "
				 "installation (%.100s); say keep or wipe",
				 s->leftovers[0].disk.path,
				 s->n_leftovers > 1 ? " and others hold" : " holds",
				 s->leftovers[0].what);
	r = ask(s, why);
	if (r < 0)
		return r;
	s->own_leftovers = true;
	return r == UI_OK ? SCREEN_SUMMARY : SCREEN_ACTION;
}

const char *screens_leftovers_text(const struct screens *s, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	for (size_t i = 0; i < s->n_leftovers; i++) {
		const struct leftover *leftover = &s->leftovers[i];
		char title[100], identity[160];

		if (strcmp(leftover->choice, "wipe") != 0)
			continue;
		text_put(&out, "%s, %s, %s: %s\n", leftover->disk.path,
			 disk_title(&leftover->disk, title, sizeof(title)),
			 disk_identity(&leftover->disk, identity, sizeof(identity)),
			 leftover->what);
	}
	return buf;
}

static void warn(struct screens *s, const char *path, const char *message)
{
	struct apply_result *result = &s->result;

	log_warn("%s", message);
	if (result->n_warnings == APPLY_WARNINGS_MAX)
		return;
	snprintf(result->warnings[result->n_warnings++], sizeof(result->warnings[0]),
		 "%s was not wiped: %.180s", path, message);
}

void screens_wipe_leftovers(struct screens *s)
{
	for (size_t i = 0; i < s->n_leftovers; i++) {
		const struct leftover *leftover = &s->leftovers[i];
		struct fail why = { 0 };

		if (strcmp(leftover->choice, "wipe") == 0 && wipe_disk(&leftover->disk, &why) < 0)
			warn(s, leftover->disk.path, why.msg);
	}
}
