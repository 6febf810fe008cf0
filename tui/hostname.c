/* SPDX-License-Identifier: Apache-2.0 */
/* hostname.c - the machine's name. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

#define TITLE TUI_TITLE " - Hostname"

struct edit {
	bool known; /* read at least once */
	char name[HOST_TEXT_BYTES];
	char present[HOST_TEXT_BYTES]; /* what @name began with */
	char said[TUI_TEXT];
	char text[TUI_TEXT];
};

/* The present name, but not over what was typed: while the system starts the default one is set. */
static int fill_in(struct tui *t, struct edit *e, struct fail *failed)
{
	struct host_info info;
	int r = t->host->info(t->host, &info, failed);

	if (r < 0)
		return r;
	tui_header(t, &info);
	if (!e->known || strcmp(e->name, e->present) == 0) {
		snprintf(e->name, sizeof(e->name), "%s", info.hostname);
		snprintf(e->present, sizeof(e->present), "%s", info.hostname);
	}
	snprintf(e->text, sizeof(e->text),
		 "The name of this machine in the network.\nBy default: %s", info.default_hostname);
	e->known = true;
	return 0;
}

/* 1, and said, when another screen has set another name since this form was filled in. */
static int check_unchanged(struct tui *t, struct edit *e, struct fail *failed)
{
	struct host_info info;
	int r = t->host->info(t->host, &info, failed);

	if (r < 0 || strcmp(info.hostname, e->present) == 0 || strcmp(info.hostname, e->name) == 0)
		return r;
	snprintf(e->present, sizeof(e->present), "%s", info.hostname);
	snprintf(e->said, sizeof(e->said),
		 "Changed meanwhile to %s, by somebody else. ENTER again overwrites that.",
		 info.hostname);
	return 1;
}

/* SCREEN_MENU when it is done, SCREEN_HOSTNAME to ask again. */
static int apply(struct tui *t, struct edit *e, struct fail *why)
{
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, "Setting the host name ...");
	r = check_unchanged(t, e, &failed);
	if (r == 0)
		r = t->host->set_hostname(t->host, e->name, &failed);
	if (r == 0) {
		snprintf(t->notice, sizeof(t->notice), "The host name is %s now.", e->name);
		return SCREEN_MENU;
	}
	if (r < 0)
		r = tui_trouble(t, r, &failed, e->said, sizeof(e->said), why);
	return r < 0 ? r : SCREEN_HOSTNAME;
}

static int ask(struct tui *t, struct edit *e, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_field field = { "host name", "Host name",	UI_FIELD_TEXT,
				  e->name,     sizeof(e->name), NULL };
	struct ui_form form = { .id = "hostname",
				.title = TITLE,
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

static int read_first(struct tui *t, struct edit *e, struct fail *why)
{
	struct fail failed = { 0 };
	int r = t->lost ? -HOST_GONE : fill_in(t, e, &failed);

	return tui_read_first(t, &(struct tui_form){ TITLE, SCREEN_HOSTNAME }, r, &failed, why);
}

int screen_hostname(struct tui *t, struct fail *why)
{
	struct edit edit = { .name = "" };
	int r;

	do {
		r = edit.known ? ask(t, &edit, why) : read_first(t, &edit, why);
	} while (r == SCREEN_HOSTNAME);
	return r;
}
