/* SPDX-License-Identifier: Apache-2.0 */
/* device.c - Device Info, what the console shows from the first run on; and shutting down. */
#include "tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info_text.h"
#include "lib/cleanup.h"
#include "lib/console_ask.h"
#include "lib/memory.h"
#include "lib/proc.h"

#define LOOK_TICKS   10 /* sshd, keys and certificates come without a signal */
#define NOTICE_TICKS 60
#define DOWN_MS	     60000

struct view {
	struct device device;
	bool known; /* read at least once */
	unsigned ticks;
	char notice[TUI_TEXT]; /* how this screen was come to */
	unsigned notice_ticks;
	char text[INFO_TEXT_BYTES];
};

static void look(struct tui *t, struct view *view)
{
	struct host_public *facts = &view->device.facts;
	struct fail failed;
	int r = tui_facts(t, &failed);

	if (r == 0)
		r = t->host->info(t->host, &view->device.info, &failed);
	if (r == 0)
		r = t->host->adapters(t->host, &view->device.adapters, &failed);
	t->lost = r == -HOST_GONE;
	view->ticks = 0;
	if (r < 0)
		return;
	view->known = true;
	facts->has_account = t->has_account;
	snprintf(facts->settings_error, sizeof(facts->settings_error), "%s", t->settings_error);
	tui_header(t, &view->device.info);
}

static const char *text_of(const struct tui *t, struct view *view)
{
	size_t rows = TUI_ROWS - t->lost, used = 0;

	if (!view->known)
		return "The host service (palette-hostd) does not answer. Waiting for it.";
	if (view->notice[0]) {
		used = (size_t)snprintf(view->text, sizeof(view->text), "%s\n\n", view->notice);
		rows -= 2;
	}
	info_text(&view->device, TUI_COLUMNS, rows, view->text + used, sizeof(view->text) - used);
	used = strlen(view->text);
	if (t->lost && used < sizeof(view->text))
		snprintf(view->text + used, sizeof(view->text) - used,
			 "The host service (palette-hostd) does not answer. Waiting for it.");
	return view->text;
}

static int ask(struct tui *t, struct view *view, struct fail *why)
{
	struct ui_page page = { .id = "device",
				.title = "Device Info",
				.text = text_of(t, view),
				.ok_label = t->has_account ? "Log in" : "Create account",
				.extra_label = t->has_account ? "F2 Settings" : NULL,
				.more_label = "F12 Shut down",
				.tick_ms = TUI_TICK_MS };

	return t->ui->page(t->ui, &page, why);
}

int tui_lend_console(struct tui *t, struct fail *why)
{
	struct fail asking = { 0 };
	int r;

	if (!t->console)
		fail_with(&asking, ENOENT, "there is no console to log in on here");
	else if (console_ask(t->console, "login", &asking) == 0)
		return 0;
	r = t->ui->message(t->ui, "no-login", "No login", asking.msg, NULL, why);
	return r < 0 ? r : 0;
}

static int run(struct tui *t, struct view *view, struct fail *why)
{
	int r;

	for (;;) {
		r = ask(t, view, why);
		switch (r) {
		case UI_TICK:
			if (++view->notice_ticks == NOTICE_TICKS)
				view->notice[0] = '\0';
			if ((tui_news(t) & HOST_NEWS_ALL) ||
			    (++view->ticks >= LOOK_TICKS && !t->lost))
				look(t, view);
			break;
		case UI_OK:
			if (!t->has_account)
				return SCREEN_START;
			r = tui_lend_console(t, why);
			break;
		case UI_EXTRA:
			return SCREEN_LOGIN;
		case UI_MORE:
			return SCREEN_SHUT_DOWN;
		default:
			break;
		}
		if (r < 0)
			return r;
	}
}

int screen_device(struct tui *t, struct fail *why)
{
	struct view *view = xcalloc(1, sizeof(*view));
	int r;

	snprintf(view->notice, sizeof(view->notice), "%s", t->notice);
	t->notice[0] = '\0';
	look(t, view);
	r = run(t, view, why);
	free(view);
	return r;
}

/* The machine goes down without hostd, too: whoever stands before it could pull its plug. */
static int power_off(struct tui *t, struct fail *failed)
{
	static const char *const argv[] = { "systemctl", "poweroff", NULL };
	int r = t->lost ? -HOST_GONE : t->host->power_off(t->host, failed);

	return r == -HOST_GONE && t->place == TUI_CONSOLE ? proc_run(argv, NULL, 0, failed) : r;
}

int screen_shut_down(struct tui *t, struct fail *why)
{
	struct fail failed = { 0 };
	int r = t->ui->confirm(t->ui, "shut-down", "Shut down",
			       "Shut this machine down now?\n\nIt has to be switched on again by "
			       "hand, or by its management controller.",
			       "Shut down", "Back", why);

	if (r != UI_OK)
		return r < 0 ? r : t->reached ? SCREEN_DEVICE : SCREEN_START;
	tui_wait_box(t, "Shutting down ...");
	r = power_off(t, &failed);
	if (r == 0)
		r = tui_drain(t, "The machine is shutting down.", DOWN_MS, why);
	else
		r = t->ui->message(t->ui, "no-shut-down", "Shut down", failed.msg, NULL, why);
	return r < 0 ? r : t->reached ? SCREEN_DEVICE : SCREEN_START;
}
