/* SPDX-License-Identifier: Apache-2.0 */
/* tui.c - which screen follows which, and what all of them need. */
#include "tui.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/text.h"

/* While there is no account nobody is logged in, and there is nowhere to go back to. */
static int answer(const struct tui *t, int r, struct fail *why)
{
	if (r == UI_TICK && t->place == TUI_CONSOLE && t->has_account &&
	    t->ui->idle_ms(t->ui) >= TUI_IDLE_MS / t->haste)
		return fail_with(why, ETIME, "nobody is at the console");
	return r == UI_INTERRUPT ? UI_BACK : r;
}

int tui_menu(struct tui *t, struct ui_menu *menu, struct fail *why)
{
	return answer(t, t->ui->menu(t->ui, menu, why), why);
}

int tui_form(struct tui *t, struct ui_form *form, struct fail *why)
{
	return answer(t, t->ui->form(t->ui, form, why), why);
}

int tui_page(struct tui *t, struct ui_page *page, struct fail *why)
{
	return answer(t, t->ui->page(t->ui, page, why), why);
}

int tui_unread(struct tui *t, const char *title, const char *said, struct fail *why)
{
	struct ui_page page = {
		.id = "unread",
		.title = title,
		.text = t->lost ? "The host service (palette-hostd) does not answer. Waiting for "
				  "it."
				: said,
		.ok_label = "Back",
		.tick_ms = TUI_TICK_MS,
	};
	int r = tui_page(t, &page, why);

	if (r == UI_TICK)
		(void)tui_news(t);
	return r == UI_OK ? UI_BACK : r;
}

int tui_facts(struct tui *t, struct fail *failed)
{
	struct host_public facts;
	int r = t->host->facts(t->host, &facts, failed);

	t->lost = r == -HOST_GONE;
	if (r < 0)
		return r;
	t->reached = true;
	t->has_account = facts.has_account;
	snprintf(t->settings_error, sizeof(t->settings_error), "%s", facts.settings_error);
	return 0;
}

unsigned tui_news(struct tui *t)
{
	unsigned news = t->host->news(t->host);

	t->lost = (news & HOST_NEWS_LOST) != 0;
	return news;
}

void tui_wait_box(struct tui *t, const char *text)
{
	struct ui_page page = {
		.id = "wait", .title = TUI_TITLE, .text = text, .ok_label = "", .tick_ms = 1
	};

	(void)t->ui->page(t->ui, &page, NULL);
}

int tui_drain(struct tui *t, const char *text, unsigned ms, struct fail *why)
{
	struct ui_page page = {
		.id = "wait", .title = TUI_TITLE, .text = text, .ok_label = "", .tick_ms = ms
	};
	int r;

	do {
		r = t->ui->page(t->ui, &page, why);
	} while (r > 0 && r != UI_TICK);
	return r < 0 ? r : 0;
}

void tui_say(const char *message, char *said, size_t size)
{
	snprintf(said, size, "%s", message);
	said[0] = (char)toupper((unsigned char)said[0]);
}

void tui_read_failed(struct tui *t, int code, const struct fail *failed, char *said, size_t size)
{
	t->lost = code == -HOST_GONE;
	tui_say(t->lost ? "" : failed->msg, said, size);
}

int tui_read_first(struct tui *t, const struct tui_form *form, int code, const struct fail *failed,
		   struct fail *why)
{
	char said[TUI_TEXT];
	int r;

	if (code == 0 || code == -HOST_NO_SESSION)
		return code == 0 ? form->screen : (int)tui_login_ended(t);
	tui_read_failed(t, code, failed, said, sizeof(said));
	r = tui_unread(t, form->title, said, why);
	return r < 0 ? r : r == UI_TICK ? form->screen : SCREEN_MENU;
}

int tui_trouble(struct tui *t, int code, const struct fail *failed, char *said, size_t size,
		struct fail *why)
{
	int r;

	if (code != -HOST_NO_SESSION) {
		tui_read_failed(t, code, failed, said, size);
		/* A service that was restarted may or may not have done it. */
		if (t->lost)
			snprintf(said, size, "No answer to the last ENTER: press it again later.");
		return 0;
	}
	r = tui_login(t, "The login has ended. What was typed is kept.", why);
	if (r < 0)
		return r;
	snprintf(said, size, "%s",
		 r == UI_OK ? "Logged in again: press ENTER to apply it now."
			    : "Nothing was changed: the login has ended.");
	return 0;
}

const char *tui_text(const struct tui *t, const char *said, const char *text, char *buf)
{
	snprintf(buf, TUI_TEXT, "%s%s%s%s%s", said, *said && *text ? "\n\n" : "", text,
		 t->lost && (*said || *text) ? "\n\n" : "",
		 t->lost ? "The host service (palette-hostd) does not answer. Waiting for it; what "
			   "was typed is kept."
			 : "");
	return buf;
}

size_t tui_refused_field(const struct ui_form *form, const char *refusal, size_t otherwise)
{
	size_t n = strcspn(refusal, ":");

	for (size_t i = 0; refusal[n] && i < form->n_fields; i++)
		if (strlen(form->fields[i].id) == n &&
		    strncasecmp(form->fields[i].id, refusal, n) == 0)
			return i;
	return otherwise;
}

void tui_header(struct tui *t, const struct host_info *info)
{
	static const char blanks[] =
		"                                                                                ";
	const char *vendor = info->vendor;
	char name[800], fitted[300], host[300], right[300], line[1000];
	int beside;

	if (strncmp(info->model, vendor, strlen(vendor)) == 0)
		vendor = "";
	snprintf(name, sizeof(name), "%s%s%s%s%s", vendor, *vendor ? " " : "",
		 *info->model ? info->model : "Palette Edge",
		 *info->serial ? ", serial number " : "", info->serial);
	snprintf(right, sizeof(right), "Palette Edge %s", info->version);
	text_fit(name, TUI_COLUMNS + 2, fitted, sizeof(fitted));
	beside = TUI_COLUMNS - (int)text_columns(right, sizeof(right));
	text_fit(info->hostname, beside > 20 ? (size_t)beside : 20, host, sizeof(host));
	beside = TUI_COLUMNS + 2 - (int)text_columns(host, sizeof(host)) -
		 (int)text_columns(right, sizeof(right));
	snprintf(line, sizeof(line), "%s\n%s%.*s%s", fitted, host, beside > 0 ? beside : 1, blanks,
		 right);
	t->ui->header(t->ui, line);
}

int tui_read_adapters(struct tui *t, struct fail *failed)
{
	int r = t->host->adapters(t->host, &t->adapters, failed);

	t->lost = r == -HOST_GONE;
	return r;
}

static int (*const screens[SCREENS])(struct tui *t, struct fail *why) = {
	[SCREEN_START] = screen_start,	     [SCREEN_ACCOUNT] = screen_account,
	[SCREEN_LOGIN] = screen_login,	     [SCREEN_MENU] = screen_menu,
	[SCREEN_HOSTNAME] = screen_hostname, [SCREEN_ADAPTERS] = screen_adapters,
	[SCREEN_ADAPTER] = screen_adapter,   [SCREEN_DNS] = screen_dns,
	[SCREEN_CHANGE] = screen_change,     [SCREEN_QUIT] = screen_quit,
	[SCREEN_DEVICE] = screen_device,     [SCREEN_SHUT_DOWN] = screen_shut_down,
};

/* Nobody may go on with the rights of somebody who went away. */
static int leave_alone(struct tui *t)
{
	t->host->logout(t->host);
	t->menu_row[0] = '\0';
	snprintf(t->notice, sizeof(t->notice), "Nobody was here for a while: logged out.");
	return SCREEN_DEVICE;
}

int tui_run(struct tui *t, struct fail *why)
{
	int next = SCREEN_START;

	while (next >= 0 && next != SCREEN_END) {
		next = screens[next](t, why);
		if (next == -ETIME)
			next = leave_alone(t);
	}
	t->host->logout(t->host);
	return next < 0 ? next : 0;
}
