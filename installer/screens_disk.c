/* SPDX-License-Identifier: Apache-2.0 */
/* screens_disk.c - which disk; and when there is none, why. */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/text.h"
#include "settle.h"

/* How often the list of disks is compared with the kernel's; while drivers start disks come quickly. */
#define LOOK_MS	      2000
#define LOOK_SOON_MS  200
#define ROW_BYTES     160
#define DETAIL_BYTES  600
#define NO_DISK_LINES 9 /* reasons shown on the screen that no disk was found; the rest by a key */

/* The rows of a list of disks, and what they point to. */
struct rows {
	struct ui_item *items;
	char (*texts)[ROW_BYTES];
	char (*details)[DETAIL_BYTES];
	size_t n;
};

static void rows_done(struct rows *rows)
{
	free(rows->items);
	free(rows->texts);
	free(rows->details);
}

static struct rows rows_new(size_t n)
{
	n += n == 0;
	return (struct rows){ .items = xcalloc(n, sizeof(struct ui_item)),
			      .texts = xcalloc(n, ROW_BYTES),
			      .details = xcalloc(n, DETAIL_BYTES) };
}

static void rows_add(struct rows *rows, const struct disk *disk)
{
	rows->items[rows->n] =
		(struct ui_item){ disk->path, rows->texts[rows->n], rows->details[rows->n] };
	rows->n++;
}

/* Nobody looks for a disk among these; counting them would only worry. */
static bool worth_a_word(const struct disk *disk)
{
	return disk->excluded != DISK_OFFERED &&
	       !(disk->excluded == DISK_EXCLUDED_KIND &&
		 (disk->kind == DISK_KIND_RAM ||
		  ((disk->kind == DISK_KIND_LOOP || disk->kind == DISK_KIND_NBD ||
		    disk->kind == DISK_KIND_ZRAM) &&
		   disk->size_bytes == 0)));
}

static size_t count_left_out(const struct screens *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->disks.n; i++)
		n += worth_a_word(&s->disks.items[i]);
	return n;
}

static unsigned look_ms(const struct screens *s)
{
	return settle_drivers_start(s->args->probe.root) ? LOOK_SOON_MS : LOOK_MS;
}

static void rescan(const struct screens *s)
{
	log_info("looking for disks again");
	hardware_rescan(s->args->probe.root);
}

/* The disks that are not offered, each with its reason. */
static int show_left_out(struct screens *s, struct fail *why)
{
	__attribute__((cleanup(rows_done))) struct rows rows = rows_new(s->disks.n);
	struct ui_menu menu = {
		.id = "left-out",
		.title = SCREENS_TITLE " - disks left out",
		.text = "These cannot be installed on. The reason is below the list.",
		.ok_label = "Rescan"
	};
	int r;

	menu.items = rows.items;
	for (size_t i = 0; i < s->disks.n; i++) {
		const struct disk *disk = &s->disks.items[i];

		if (!worth_a_word(disk))
			continue;
		disk_row(disk, SCREENS_COLUMNS - 2, rows.texts[rows.n], ROW_BYTES);
		snprintf(rows.details[rows.n], DETAIL_BYTES, "%s: %s.", disk->path, disk->reason);
		rows_add(&rows, disk);
	}
	menu.n_items = rows.n;
	if (rows.n == 0)
		r = screens_confirm(s, "left-out", menu.title,
				    "No disk was left out: all that were found are in the list.",
				    "Rescan", "Back", why);
	else
		r = screens_menu(s, &menu, why);
	if (r == UI_OK)
		rescan(s);
	return r;
}

/* One look at the list. UI_TICK: nothing was chosen and the disks may be others by now. */
static int ask_disk(struct screens *s, struct fail *why)
{
	__attribute__((cleanup(rows_done))) struct rows rows = rows_new(s->disks.n);
	char left_out[40];
	struct ui_menu menu = { .id = "disk",
				.title = SCREENS_TITLE " - select the target disk",
				.text = "Everything on the disk selected here will be lost.",
				.back_label = "Leave",
				.extra_label = left_out,
				.tick_ms = look_ms(s) };
	int r;

	for (size_t i = 0; i < s->disks.n; i++) {
		const struct disk *disk = &s->disks.items[i];

		if (disk->excluded != DISK_OFFERED)
			continue;
		if (strcmp(disk->path, s->chosen.disk) == 0)
			menu.chosen = rows.n;
		disk_row(disk, SCREENS_COLUMNS - 2, rows.texts[rows.n], ROW_BYTES);
		disk_detail(disk, rows.details[rows.n], DETAIL_BYTES);
		rows_add(&rows, disk);
	}
	menu.items = rows.items;
	menu.n_items = rows.n;
	snprintf(left_out, sizeof(left_out), "F2 Left out (%zu)", count_left_out(s));
	r = screens_menu(s, &menu, why);
	if (r >= 0)
		snprintf(s->chosen.disk, sizeof(s->chosen.disk), "%s", rows.items[menu.chosen].key);
	s->own_disk |= r == UI_OK;
	return r;
}

/* The next screen where the answers name the disk; negative: they do and it cannot be. 0: ask. */
static int take_answer(struct screens *s, struct fail *why)
{
	struct fail mistake = { 0 };
	int r;

	if (s->asked_disk || !answers_get(&s->answers, "disk"))
		return 0;
	s->asked_disk = true;
	if (screens_answered_disk(s, &mistake) == 0)
		return SCREEN_ACTION;
	if (s->unattended) {
		*why = mistake;
		return -mistake.code;
	}
	log_warn("%s", mistake.msg);
	r = s->ui->message(s->ui, "refused", SCREENS_TITLE, mistake.msg, "Choose", why);
	return r < 0 ? r : 0;
}

int screen_disk(struct screens *s, struct fail *why)
{
	int r = screens_probe(s, why), answered = 0;

	if (r >= 0 && screens_seed_came(s))
		return SCREEN_ANSWERS;
	if (r >= 0)
		answered = take_answer(s, why);
	if (answered != 0)
		return answered;
	while (r > 0) {
		r = ask_disk(s, why);
		switch (r) {
		case UI_OK:
			return SCREEN_ACTION;
		case UI_BACK:
			return SCREEN_LEAVE;
		case UI_EXTRA:
			r = show_left_out(s, why);
			break;
		case UI_TICK:
			if (hardware_disks_mark(s->args->probe.root) == s->disks_mark) {
				r = 1;
				continue;
			}
			break;
		default:
			break;
		}
		if (r >= 0)
			r = screens_probe(s, why);
		if (r >= 0 && screens_seed_came(s))
			return SCREEN_ANSWERS;
	}
	return r < 0 ? r : SCREEN_NO_DISK;
}

static void put_raid(const struct hardware *hardware, struct text_out *out)
{
	if (hardware->n_raid == 0)
		return;
	text_put(out, "\nRAID controllers present: create a virtual disk in the setup of ");
	for (size_t i = 0; i < hardware->n_raid; i++)
		text_put(out, "%s%s", i ? ", " : "", hardware->raid[i]);
	text_put(out, ".\n");
}

static void no_disk_text(const struct screens *s, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);
	size_t n = 0, all = count_left_out(s);

	text_put(&out, "%s\n",
		 all ? "None of the disks found can be installed on:" : "No disk was found.");
	for (size_t i = 0; i < s->disks.n && n < NO_DISK_LINES; i++) {
		const struct disk *disk = &s->disks.items[i];

		if (!worth_a_word(disk))
			continue;
		text_put(&out, "  %s: %s.\n", disk->path, disk->reason);
		n++;
	}
	if (all > n)
		text_put(&out, "  ... and %zu more: F2 shows them all.\n", all - n);
	put_raid(&s->hardware, &out);
}

int screen_no_disk(struct screens *s, struct fail *why)
{
	static const enum way_out outs[] = { OUT_RESCAN, OUT_SHELL, OUT_REBOOT, OUT_POWEROFF };
	char text[4000];
	struct ui_menu menu = { .id = "no-disk",
				.title = SCREENS_TITLE " - no disk",
				.text = text,
				.back_label = "Leave",
				.extra_label = count_left_out(s) ? "F2 Left out" : NULL };
	int r;

	no_disk_text(s, text, sizeof(text));
	if (s->unattended)
		return fail_with(why, ENODEV, "%s", text);
	do {
		menu.tick_ms = look_ms(s);
		r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);
	} while (r == OUT_TICK && hardware_disks_mark(s->args->probe.root) == s->disks_mark);
	switch (r) {
	case OUT_REBOOT:
		return SCREENS_EXIT(EXIT_RESTART);
	case OUT_POWEROFF:
		return SCREENS_EXIT(EXIT_POWEROFF);
	case OUT_EXTRA:
		r = show_left_out(s, why);
		return r < 0 ? r : SCREEN_DISK;
	case OUT_BACK:
		return SCREEN_LEAVE;
	case OUT_RESCAN:
		rescan(s);
		return SCREEN_DISK;
	default:
		return r < 0 ? r : SCREEN_DISK;
	}
}

int screen_leave(struct screens *s, struct fail *why)
{
	/* On the installer's own consoles there is nothing to quit to. */
	static const enum way_out outs[] = { OUT_STAY, OUT_SHELL, OUT_REBOOT, OUT_POWEROFF,
					     OUT_QUIT };
	size_t n_outs = ARRAY_SIZE(outs) - (getenv("PALETTE_CONSOLE_SOCKET") != NULL);
	char text[400] = "Nothing has been written to any disk.";
	struct ui_menu menu = { .id = "leave", .title = SCREENS_TITLE " - leave", .text = text };
	int r;

	if (s->result.touched)
		snprintf(text, sizeof(text), "%s was written to and does not start.",
			 s->plan.target.path);
	r = screens_way_out(s, &menu, outs, n_outs, why);
	switch (r) {
	case OUT_REBOOT:
		return SCREENS_EXIT(EXIT_RESTART);
	case OUT_POWEROFF:
		return SCREENS_EXIT(EXIT_POWEROFF);
	case OUT_QUIT:
		return SCREENS_EXIT(s->result.touched ? EXIT_FAILED : EXIT_REFUSED);
	default:
		return r < 0 ? r : SCREEN_DISK;
	}
}
