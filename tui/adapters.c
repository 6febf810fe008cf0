/* SPDX-License-Identifier: Apache-2.0 */
/* adapters.c - every network adapter, kept up to date while it is looked at. */
#include "tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter_text.h"
#include "lib/memory.h"

#define ROW_BYTES    160
#define DETAIL_BYTES 700
#define LOOK_TICKS   30 /* the time left of a lease is in the list */

struct list {
	struct ui_item items[HOST_ADAPTERS_MAX];
	char rows[HOST_ADAPTERS_MAX][ROW_BYTES];
	char details[HOST_ADAPTERS_MAX][DETAIL_BYTES];
	char said[TUI_TEXT];
	unsigned ticks; /* since the last look */
};

static int show_none(struct tui *t, const struct list *list, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_page page = { .id = "adapters",
				.title = TUI_TITLE " - Network Adapter",
				.text = tui_text(
					t, list->said,
					"No network adapter was found yet. One that appears "
					"is shown by itself.",
					shown),
				.ok_label = "Back",
				.tick_ms = TUI_TICK_MS };
	int r = tui_page(t, &page, why);

	return r == UI_OK ? UI_BACK : r;
}

static bool fill(const struct tui *t, struct list *list, struct ui_menu *menu)
{
	bool waits = false;

	for (size_t i = 0; i < t->adapters.n; i++) {
		const struct host_adapter *adapter = &t->adapters.items[i];

		adapter_row(adapter, list->rows[i], ROW_BYTES);
		adapter_detail(adapter, list->details[i], DETAIL_BYTES);
		list->items[i] = (struct ui_item){ adapter->name, list->rows[i], list->details[i] };
		waits |= adapter->pending[0] != '\0';
		if (strcmp(adapter->name, t->adapter) == 0)
			menu->chosen = i;
	}
	menu->items = list->items;
	menu->n_items = t->adapters.n;
	return waits;
}

static int ask(struct tui *t, struct list *list, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_menu menu = { .id = "adapters",
				.title = TUI_TITLE " - Network Adapter",
				.text = tui_text(t, list->said, "", shown),
				.ok_label = "Configure",
				.tick_ms = TUI_TICK_MS };
	int r;

	if (t->adapters.n == 0)
		return show_none(t, list, why);
	if (fill(t, list, &menu))
		menu.extra_label = "F2 Waiting change";
	if (!*menu.text)
		menu.text = "Select an adapter to configure it.";
	r = tui_menu(t, &menu, why);
	snprintf(t->adapter, sizeof(t->adapter), "%s", t->adapters.items[menu.chosen].name);
	return r;
}

/* What ticks bring: news, or after a while another look. */
static bool look_again(struct tui *t, struct list *list)
{
	unsigned news = tui_news(t);

	if (t->lost ||
	    (++list->ticks < LOOK_TICKS && (news & (HOST_NEWS_ADAPTERS | HOST_NEWS_BACK)) == 0))
		return false;
	list->ticks = 0;
	return true;
}

static int run(struct tui *t, struct list *list, struct fail *why)
{
	bool look = true;
	int r;

	for (;;) {
		struct fail failed = { 0 };

		r = look ? tui_read_adapters(t, &failed) : 0;
		if (r == -HOST_NO_SESSION)
			return tui_login_ended(t);
		if (r < 0)
			tui_read_failed(t, r, &failed, list->said, sizeof(list->said));
		r = ask(t, list, why);
		switch (r) {
		case UI_TICK:
			look = look_again(t, list);
			break;
		case UI_OK:
			return SCREEN_ADAPTER;
		case UI_EXTRA:
			return SCREEN_CHANGE;
		default:
			return r < 0 ? r : SCREEN_MENU;
		}
	}
}

int screen_adapters(struct tui *t, struct fail *why)
{
	struct list *list = xcalloc(1, sizeof(*list));
	int r;

	snprintf(list->said, sizeof(list->said), "%s", t->notice);
	t->notice[0] = '\0';
	r = run(t, list, why);
	free(list);
	return r;
}
