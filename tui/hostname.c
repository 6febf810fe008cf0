/* SPDX-License-Identifier: Apache-2.0 */
/* hostname.c - the machine's name. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

struct edit {
	char name[HOST_TEXT_BYTES];
	char present[HOST_TEXT_BYTES]; /* as it was filled in */
	char said[TUI_TEXT];
	char text[TUI_TEXT];
};

/* SCREEN_MENU when it is done, SCREEN_HOSTNAME to ask again. */
static int apply(struct tui *t, struct edit *e, struct fail *why)
{
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, "Setting the host name ...");
	r = t->host->set_hostname(t->host, e->name, &failed);
	if (r < 0) {
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
		return r < 0 ? r : SCREEN_HOSTNAME;
	}
	snprintf(t->notice, sizeof(t->notice), "The host name is %s now.", e->name);
	return SCREEN_MENU;
}

/* The present name, but not over what was typed: while the system starts the default one is set. */
static int fill_in(struct tui *t, struct edit *e, struct fail *why)
{
	struct host_info info;
	int r = t->host->info(t->host, &info, why);

	if (r < 0)
		return r;
	if (strcmp(e->name, e->present) == 0)
		snprintf(e->name, sizeof(e->name), "%s", info.hostname);
	snprintf(e->present, sizeof(e->present), "%s", info.hostname);
	snprintf(e->text, sizeof(e->text),
		 "The name of this machine in the network.\nBy default: %s", info.default_hostname);
	return 0;
}

static int ask(struct tui *t, struct edit *e, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_field field = { "host name", "Host name",	UI_FIELD_TEXT,
				  e->name,     sizeof(e->name), NULL };
	struct ui_form form = { .id = "hostname",
				.title = TUI_TITLE " - Hostname",
				.text = tui_text(t, e->said, e->text, shown),
				.fields = &field,
				.n_fields = 1,
				.tick_ms = TUI_TICK_MS };
	int r = tui_form(t, &form, why);

	if (r == UI_OK)
		return apply(t, e, why);
	if (r != UI_TICK)
		return r < 0 ? r : SCREEN_MENU;
	if (tui_news(t) & HOST_NEWS_HOST)
		(void)fill_in(t, e, NULL);
	return SCREEN_HOSTNAME;
}

int screen_hostname(struct tui *t, struct fail *why)
{
	struct edit edit = { .name = "" };
	struct fail failed = { 0 };
	int r = fill_in(t, &edit, &failed);

	if (r == -HOST_NO_SESSION)
		return tui_login_ended(t);
	if (r < 0)
		(void)tui_trouble(t, r, &failed, edit.said, sizeof(edit.said), why);
	do {
		r = ask(t, &edit, why);
	} while (r == SCREEN_HOSTNAME);
	return r;
}
