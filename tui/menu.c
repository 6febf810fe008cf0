/* SPDX-License-Identifier: Apache-2.0 */
/* menu.c - the main menu, and leaving it. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

#include "adapter_text.h"
#include "lib/cleanup.h"

#define ROW_BYTES 400

enum row { ROW_HOSTNAME, ROW_ADAPTERS, ROW_DNS, ROW_QUIT, ROWS };

static const struct {
	const char *key;
	enum tui_screen screen;
} rows[ROWS] = {
	[ROW_HOSTNAME] = { "Hostname", SCREEN_HOSTNAME },
	[ROW_ADAPTERS] = { "Network Adapter", SCREEN_ADAPTERS },
	[ROW_DNS] = { "DNS Configuration", SCREEN_DNS },
	[ROW_QUIT] = { "Quit", SCREEN_QUIT },
};

/* What stands beside the rows. */
struct values {
	char hostname[ROW_BYTES], adapters[ROW_BYTES], dns[ROW_BYTES];
};

static void count_adapters(const struct tui *t, char *buf)
{
	const char *address = adapters_main_address(&t->adapters);
	size_t n = t->adapters.n;

	if (n == 0)
		snprintf(buf, ROW_BYTES, "none found");
	else
		snprintf(buf, ROW_BYTES, "%zu adapter%s, %s", n, n == 1 ? "" : "s",
			 address ? address : "no address yet");
}

static int read_values(struct tui *t, struct values *ret, struct fail *failed)
{
	struct host_info info;
	struct host_dns dns = { 0 };
	size_t used = 0;
	int r = t->host->info(t->host, &info, failed);

	if (r == 0)
		r = tui_read_adapters(t, failed);
	if (r == 0)
		r = t->host->dns(t->host, &dns, failed);
	if (r < 0)
		return r;
	tui_header(t, &info);
	snprintf(ret->hostname, sizeof(ret->hostname), "%s", info.hostname);
	count_adapters(t, ret->adapters);
	snprintf(ret->dns, sizeof(ret->dns), "no name server");
	for (size_t i = 0; i < dns.servers.n && used < sizeof(ret->dns); i++)
		used += (size_t)snprintf(ret->dns + used, sizeof(ret->dns) - used, "%s%s",
					 i ? ", " : "", dns.servers.items[i]);
	return 0;
}

static int ask(struct tui *t, const struct values *values, const char *said, struct fail *why)
{
	const char *beside[ROWS] = { values->hostname, values->adapters, values->dns,
				     "finish the configuration" };
	char texts[ROWS][ROW_BYTES + 32], shown[TUI_TEXT];
	struct ui_item items[ROWS];
	struct ui_menu menu = { .id = "menu",
				.title = TUI_TITLE,
				.text = tui_text(t, said, "", shown),
				.items = items,
				.n_items = ROWS,
				.back_label = "Quit",
				.tick_ms = TUI_TICK_MS };
	int r;

	if (!*menu.text)
		menu.text = "What is to be set? A change applies at once, also to this session.";
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%-19s %s", rows[i].key, beside[i]);
		items[i] = (struct ui_item){ rows[i].key, texts[i], NULL };
		if (strcmp(rows[i].key, t->menu_row) == 0)
			menu.chosen = i;
	}
	r = tui_menu(t, &menu, why);
	snprintf(t->menu_row, sizeof(t->menu_row), "%s", rows[menu.chosen].key);
	return r;
}

int screen_menu(struct tui *t, struct fail *why)
{
	struct values values = { .hostname = "", .adapters = "", .dns = "" };
	char said[TUI_TEXT];
	bool fresh = false;
	int r;

	snprintf(said, sizeof(said), "%s", t->notice);
	t->notice[0] = '\0';
	for (;;) {
		struct fail failed = { 0 };

		r = fresh ? 0 : read_values(t, &values, &failed);
		if (r == -HOST_NO_SESSION)
			return tui_login_ended(t);
		if (r < 0)
			tui_read_failed(t, r, &failed, said, sizeof(said));
		r = ask(t, &values, said, why);
		if (r == UI_TICK)
			fresh = (tui_news(t) & HOST_NEWS_ALL) == 0;
		else if (r == UI_OK)
			for (size_t i = 0; i < ROWS; i++)
				if (strcmp(rows[i].key, t->menu_row) == 0)
					return (int)rows[i].screen;
		if (r != UI_TICK)
			return r < 0 ? r : SCREEN_QUIT;
	}
}

int screen_quit(struct tui *t, struct fail *why)
{
	struct ui_page page = {
		.id = "quit",
		.title = TUI_TITLE " - Quit",
		.text = t->place == TUI_CONSOLE
				? "Finish the configuration?\n\n"
				  "This console then shows Device Info. The command "
				  "palette-tui opens these screens again."
				: "Finish the configuration?\n\n"
				  "The command palette-tui opens these screens "
				  "again.",
		.ok_label = "Finish",
		.back_label = "Back",
		.tick_ms = TUI_TICK_MS
	};
	struct host_pending pending;
	struct fail failed;
	int r;

	if (t->host->pending(t->host, &pending, &failed) == 0 && pending.change[0])
		return SCREEN_CHANGE;
	do {
		r = tui_page(t, &page, why);
	} while (r == UI_TICK);
	if (r != UI_OK)
		return r < 0 ? r : SCREEN_MENU;
	t->menu_row[0] = '\0';
	if (t->place == TUI_CONSOLE) {
		t->host->logout(t->host);
		return SCREEN_DEVICE;
	}
	t->finished = true;
	return SCREEN_END;
}
