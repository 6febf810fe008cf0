/* SPDX-License-Identifier: Apache-2.0 */
/* screens_rows.c - the rows of screens that are ways out; log and shell are done here. */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/size.h"

#define LOG_BYTES_MAX	(4 * MIB)
#define LOG_BYTES_SHOWN 16000

static const struct ui_item items[OUTS] = {
	[OUT_INSTALL] = { "install", "install    go on to the installer", NULL },
	[OUT_AGAIN] = { "again", "again      verify the medium once more", NULL },
	[OUT_RETRY] = { "retry", "retry      try again, with the choices made", NULL },
	[OUT_RESCAN] = { "rescan", "rescan     look for disks again", NULL },
	[OUT_LOG] = { "log", "log        show what was done, step by step", NULL },
	[OUT_SAVE_LOG] = { "save", "save       copy the log to a USB stick", NULL },
	[OUT_SAVE_LOGS] = { "save", "save       copy the logs of this host to a USB stick", NULL },
	[OUT_REPAIR] = { "repair",
			 "repair     make this disk start again: boot sector, loaders, menu",
			 NULL },
	[OUT_RESET] = { "factory",
			"factory    factory reset: keep the configuration, delete the rest", NULL },
	[OUT_SHELL] = { "shell", "shell      a shell on this console; \"exit\" comes back", NULL },
	[OUT_REBOOT] = { "reboot", "reboot     restart the machine", NULL },
	[OUT_POWEROFF] = { "poweroff", "poweroff   switch the machine off", NULL },
	[OUT_QUIT] = { "quit", "quit       end the installer", NULL },
	[OUT_STAY] = { "continue", "continue   back to the installation", NULL },
};

/* The end of the log, which is what one looks for. */
static int show_log(struct screens *s, struct fail *why)
{
	autofree char *text = NULL;
	const char *from = "(the log is empty)";
	struct fail reading = { 0 };
	char title[100];
	size_t bytes;
	int r;

	if (!s->args->log_path)
		return s->ui->message(s->ui, "log", "Log", "This run has no log file.", NULL, why);
	if (file_read(s->args->log_path, LOG_BYTES_MAX, &text, &bytes, &reading) < 0) {
		from = reading.msg;
	} else if (bytes > 0) {
		from = text;
		if (bytes > LOG_BYTES_SHOWN)
			from = text + bytes - LOG_BYTES_SHOWN;
		if (from > text && strchr(from, '\n'))
			from = strchr(from, '\n') + 1;
	}
	snprintf(title, sizeof(title), "Log: %.80s", s->args->log_path);
	r = s->ui->message(s->ui, "log", title, from, "Back", why);
	return r;
}

/* Every disk that is plugged in from outside, and neither the target nor the medium. */
static size_t find_sticks(const struct screens *s, struct ui_item *rows, char (*texts)[100],
			  size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s->disks.n && n < max; i++) {
		const struct disk *disk = &s->disks.items[i];
		bool outside = disk->removable || disk->transport == DISK_TRANSPORT_USB;

		if (!outside || disk->kind != DISK_KIND_DISK || disk->size_bytes == 0 ||
		    disk->read_only || disk->medium[0] || strcmp(disk->path, s->chosen.disk) == 0)
			continue;
		disk_row(disk, SCREENS_COLUMNS - 2, texts[n], sizeof(texts[n]));
		rows[n] = (struct ui_item){ disk->path, texts[n], NULL };
		n++;
	}
	return n;
}

static const struct disk *disk_at(const struct screens *s, const char *path)
{
	for (size_t i = 0; i < s->disks.n; i++)
		if (strcmp(s->disks.items[i].path, path) == 0)
			return &s->disks.items[i];
	return NULL;
}

/* One file that is saved: where it is, and its name on the stick. */
struct saved {
	const char *path, *name;
};

static int copy_log(struct screens *s, const struct disk *stick, const struct saved *saved,
		    struct fail *why)
{
	char text[700], where[200];
	struct fail copying = { 0 };

	if (tool_save_log(stick, saved->path, saved->name, where, sizeof(where), &copying) < 0)
		snprintf(text, sizeof(text), "The log was not saved.\n%s", copying.msg);
	else
		snprintf(text, sizeof(text), "The log is on %s.\nThe stick can be removed.", where);
	log_info("save log: %s", text);
	return s->ui->message(s->ui, "saved", "Save the log", text, NULL, why);
}

static int save(struct screens *s, const struct saved *saved, struct fail *why)
{
	char texts[16][100];
	struct ui_item rows[16];
	struct ui_menu menu = {
		.id = "stick",
		.title = "Save the log to a USB stick",
		.text = "The stick needs a FAT file system, as sticks are sold. One file is added.",
		.items = rows,
		.extra_label = "F5 Rescan",
	};
	int r;

	for (;;) {
		r = screens_probe(s, why);
		if (r < 0)
			return r;
		menu.n_items = find_sticks(s, rows, texts, ARRAY_SIZE(rows));
		if (menu.n_items == 0) {
			r = screens_confirm(
				s, "no-stick", menu.title,
				"No USB stick is plugged in. Plug one in and press Rescan.",
				"Rescan", "Back", why);
			if (r != UI_OK)
				return r < 0 ? r : 0;
			continue;
		}
		r = screens_menu(s, &menu, why);
		if (r == UI_OK)
			return copy_log(s, disk_at(s, rows[menu.chosen].key), saved, why);
		if (r != UI_EXTRA)
			return r < 0 ? r : 0;
	}
}

static int save_log(struct screens *s, struct fail *why)
{
	const struct saved saved = { s->args->log_path, "palette-install.log" };

	return saved.path ? save(s, &saved, why) : show_log(s, why);
}

static int save_logs(struct screens *s, struct fail *why)
{
	static const struct saved saved = { "/run/palette/palette-logs.tar.gz",
					    "palette-logs.tar.gz" };
	const struct ui_progress now = { .title = "Save the logs",
					 .text = "Packing the logs of this host ..." };
	struct fail packing = { 0 };
	int r = s->ui->progress(s->ui, &now, why);

	if (r < 0)
		return r;
	if (tool_pack_logs(SCREENS_HOST, saved.path, &packing) < 0)
		return s->ui->message(s->ui, "saved", now.title, packing.msg, NULL, why);
	r = save(s, &saved, why);
	(void)unlink(saved.path);
	return r;
}

int screens_way_out(struct screens *s, struct ui_menu *menu, const enum way_out *outs,
		    size_t n_outs, struct fail *why)
{
	struct ui_item rows[OUTS];
	int r;

	for (size_t i = 0; i < n_outs; i++)
		rows[i] = items[outs[i]];
	menu->items = rows;
	menu->n_items = n_outs;
	do {
		r = screens_menu(s, menu, why);
		s->person |= r >= 0 && r != UI_TICK;
		if (r != UI_OK)
			return r == UI_BACK    ? OUT_BACK
			       : r == UI_EXTRA ? OUT_EXTRA
			       : r == UI_TICK  ? OUT_TICK
					       : r;
		switch (outs[menu->chosen]) {
		case OUT_LOG:
			r = show_log(s, why);
			break;
		case OUT_SAVE_LOG:
			r = save_log(s, why);
			break;
		case OUT_SAVE_LOGS:
			r = save_logs(s, why);
			break;
		case OUT_SHELL:
			r = tool_shell(s->ui, s->args->login, why);
			break;
		default:
			return (int)outs[menu->chosen];
		}
	} while (r >= 0);
	return r;
}
