/* SPDX-License-Identifier: Apache-2.0 */
/* change.c - a change of an adapter that is in force for a while: keep it, or take it back? */
#include "tui.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

#define TITLE TUI_TITLE " - keep the change?"

static const struct ui_item rows[] = {
	{ "keep", "keep       this works: keep the change", NULL },
	{ "take back", "take back  as it was before, now", NULL },
};

static int ask(struct tui *t, const struct host_pending *pending, const char *said, size_t *chosen,
	       struct fail *why)
{
	char text[TUI_TEXT], shown[TUI_TEXT];
	struct ui_menu menu = { .id = "change",
				.title = TITLE,
				.items = rows,
				.n_items = ARRAY_SIZE(rows),
				.chosen = *chosen,
				.back_label = "Later",
				.tick_ms = TUI_TICK_MS };
	int r;

	snprintf(text, sizeof(text),
		 "A change of %s is in force and not kept yet.\n"
		 "It is taken back in %u s unless it is confirmed here.",
		 pending->adapter, pending->remaining_s);
	menu.text = tui_text(t, said, text, shown);
	r = tui_menu(t, &menu, why);
	*chosen = menu.chosen;
	return r;
}

/* True when it is decided. */
static bool decide(struct tui *t, const struct host_pending *pending, bool keep, char *said,
		   size_t size)
{
	struct fail failed = { 0 };
	int r = keep ? t->host->confirm(t->host, pending->change, &failed)
		     : t->host->revert(t->host, pending->change, &failed);

	t->lost = r == -HOST_GONE;
	if (r == 0)
		snprintf(t->notice, sizeof(t->notice), "The change of %s is %s.", pending->adapter,
			 keep ? "kept" : "taken back");
	else if (!t->lost)
		tui_say(failed.msg, said, size);
	return r == 0;
}

int screen_change(struct tui *t, struct fail *why)
{
	struct host_pending pending = { .change = "" }, now;
	char said[TUI_TEXT] = "";
	size_t chosen = 0;
	int r;

	for (;;) {
		struct fail failed = { 0 };

		r = t->lost ? -HOST_GONE : t->host->pending(t->host, &now, &failed);
		t->lost = r == -HOST_GONE;
		if (r == -HOST_NO_SESSION)
			return tui_login_ended(t);
		if (r == 0 && !now.change[0]) {
			/* By the time, or by somebody at another screen. */
			snprintf(t->notice, sizeof(t->notice), "%s",
				 pending.change[0]
					 ? "The change is no longer waiting: see what is in force."
					 : "No change is waiting.");
			return SCREEN_ADAPTERS;
		}
		if (r == 0)
			pending = now;
		if (!pending.change[0]) {
			tui_read_failed(t, r, &failed, said, sizeof(said));
			r = tui_unread(t, TITLE, said, why);
			if (r != UI_TICK)
				return r < 0 ? r : SCREEN_ADAPTERS;
			continue;
		}
		r = ask(t, &pending, said, &chosen, why);
		if (r == UI_OK && decide(t, &pending, chosen == 0, said, sizeof(said)))
			return SCREEN_ADAPTERS;
		if (r < 0 || r == UI_BACK)
			return r < 0 ? r : SCREEN_ADAPTERS;
		(void)tui_news(t);
	}
}
