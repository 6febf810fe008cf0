/* SPDX-License-Identifier: Apache-2.0 */
/* start.c - the first screen: waits for hostd where it is not there yet, and says so. */
#include "tui.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "lib/monotonic.h"
#include "lib/proc.h"

#define LOOK_MS	    300 /* nobody wants to wait a second for a screen that could be there */
#define ADMIN_GROUP "palette-admin"
#define UNIT	    "palette-hostd.service"
#define OF_UNIT	    "_SYSTEMD_UNIT=palette-hostd.service" /* not what systemd says about it */

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

/* hostd is asked whether there is an account; without it the group tells. */
static bool has_administrator(void)
{
	const struct group *group = getgrnam(ADMIN_GROUP);

	return group && group->gr_mem && group->gr_mem[0];
}

static void property(const char *lines, const char *name, char *buf, size_t size)
{
	const char *at = strstr(lines, name);

	buf[0] = '\0';
	if (at)
		snprintf(buf, size, "%.*s", (int)strcspn(at + strlen(name), "\n"),
			 at + strlen(name));
}

/* What is known about a service that does not come, without asking it. */
static void describe_failure(const char *failure, char *buf, size_t size)
{
	static const char *const state[] = { "systemctl", "show",
					     "--property=ActiveState,SubState,Result", UNIT, NULL };
	static const char *const last[] = { "journalctl",   "--quiet", "--no-pager", "--lines=1",
					    "--output=cat", OF_UNIT,   NULL };
	char states[200] = "", message[500] = "", said[500];
	char active[40], sub[40], result[40];
	size_t used;

	(void)proc_run(state, states, sizeof(states), NULL);
	(void)proc_run(last, message, sizeof(message), NULL);
	property(states, "ActiveState=", active, sizeof(active));
	property(states, "SubState=", sub, sizeof(sub));
	property(states, "Result=", result, sizeof(result));
	tui_say(failure, said, sizeof(said));
	used = (size_t)snprintf(
		buf, size, "%s.\nWithout it nothing can be set here. It is still waited for.\n",
		said);
	if (*active)
		used += (size_t)snprintf(buf + used, size - used, "\n" UNIT ": %s (%s), result: %s",
					 active, sub, result);
	if (*message)
		snprintf(buf + used, size - used, "\nIts last message: %s", message);
}

/* After a minute: what is wrong, and the ways on that need no hostd. */
static int wait_at_dead_end(struct tui *t, const char *failure, struct fail *why)
{
	bool console = t->place == TUI_CONSOLE;
	char text[TUI_TEXT];
	struct ui_page page = {
		.id = "dead-end",
		.title = TUI_TITLE,
		.text = text,
		.ok_label = !console		  ? "Quit"
			    : has_administrator() ? "Log in"
						  : "",
		.more_label = console ? "F12 Shut down" : NULL,
		.tick_ms = TUI_TICK_MS,
	};
	describe_failure(failure, text, sizeof(text));
	for (;;) {
		int r = t->ui->page(t->ui, &page, why);

		if (r == UI_TICK && !(tui_news(t) & HOST_NEWS_LOST))
			return SCREEN_START;
		if (r == UI_MORE)
			return SCREEN_SHUT_DOWN;
		if (!console && (r == UI_OK || r == UI_BACK))
			return SCREEN_END;
		if (r == UI_OK)
			r = tui_lend_console(t, why);
		if (r < 0)
			return r;
	}
}

static int wait_for_host(struct tui *t, const char *failure, struct fail *why)
{
	struct ui_page page = {
		.id = "start",
		.title = TUI_TITLE,
		.text = "Waiting for the host service (palette-hostd) to start.\n\n"
			"The next screen comes by itself.",
		.ok_label = t->place == TUI_CONSOLE ? "" : "Quit",
		.tick_ms = LOOK_MS,
	};
	int r;

	if (!t->waiting_since_ms)
		t->waiting_since_ms = monotonic_ms();
	if (monotonic_ms() - t->waiting_since_ms >= TUI_START_MS / t->haste)
		return wait_at_dead_end(t, failure, why);
	r = t->ui->page(t->ui, &page, why);
	if (r < 0)
		return r;
	return t->place != TUI_CONSOLE && (r == UI_OK || r == UI_BACK) ? SCREEN_END : SCREEN_START;
}

int screen_start(struct tui *t, struct fail *why)
{
	struct host_pending pending;
	struct fail failed = { 0 };
	int r;

	(void)t->host->news(t->host);
	r = tui_facts(t, &failed);
	/* The bus refuses those who are neither; the console is root's. */
	if (r == -HOST_DENIED && t->place != TUI_CONSOLE)
		return fail_with(why, EACCES, "%s", failed.msg);
	if (r < 0)
		return wait_for_host(t, failed.msg, why);
	t->waiting_since_ms = 0;
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
