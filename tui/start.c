/* SPDX-License-Identifier: Apache-2.0 */
/* start.c - the first screen: waits for hostd where it is not there yet, and says so. */
#include "tui.h"

#include <errno.h>

#define LOOK_MS 300 /* nobody wants to wait a second for a screen that could be there */

/* Who may not do anything here is told so before a screen is shown. */
static int check_rights(struct tui *t, struct fail *why)
{
	struct host_info info;
	struct fail failed = { 0 };
	int r = t->host->info(t->host, &info, &failed);

	if (r == 0)
		tui_header(t, &info);
	if (r == -HOST_DENIED && t->place == TUI_REMOTE)
		return fail_with(why, EACCES, "%s", failed.msg);
	return 0;
}

static int wait_for_host(struct tui *t, struct fail *why)
{
	struct ui_page page = {
		.id = "start",
		.title = TUI_TITLE,
		.text = "Waiting for the host service (palette-hostd) to start.\n\n"
			"The next screen comes by itself.",
		.ok_label = t->place == TUI_CONSOLE ? "" : "Quit",
		.tick_ms = LOOK_MS,
	};
	int r = t->ui->page(t->ui, &page, why);

	if (r < 0)
		return r;
	return t->place != TUI_CONSOLE && (r == UI_OK || r == UI_BACK) ? SCREEN_END : SCREEN_START;
}

int screen_start(struct tui *t, struct fail *why)
{
	struct host_pending pending;
	struct host_public facts;
	struct fail failed;
	int r;

	(void)t->host->news(t->host);
	r = t->host->facts(t->host, &facts, &failed);
	if (r < 0)
		return wait_for_host(t, why);
	t->has_account = facts.has_account;
	r = check_rights(t, why);
	if (r < 0)
		return r;
	if (!t->has_account)
		return SCREEN_ACCOUNT;
	if (t->place == TUI_CONSOLE)
		return SCREEN_DEVICE;
	if (t->place == TUI_LOCAL)
		return SCREEN_LOGIN;
	r = t->host->pending(t->host, &pending, &failed);
	return r == 0 && pending.change[0] ? SCREEN_CHANGE : SCREEN_MENU;
}
