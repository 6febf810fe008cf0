/* SPDX-License-Identifier: Apache-2.0 */
/* login.c - who is it? Asked on consoles, where hostd cannot know. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

struct login {
	char user[TUI_TYPED];
	char password[TUI_TYPED];
	char said[TUI_TEXT];
	size_t current;
};

/* 1: logged in. 0: ask again. */
static int log_in(struct tui *t, struct login *l)
{
	struct fail failed = { 0 };
	int r;

	tui_wait_box(t, "Logging in ...");
	r = t->host->login(t->host, l->user, l->password, t->origin, &failed);
	t->lost = r == -HOST_GONE;
	if (r == 0)
		return 1;
	tui_say(t->lost ? "" : failed.msg, l->said, sizeof(l->said));
	return 0;
}

/* 1: logged in. 2: back. 0: ask again. */
static int ask(struct tui *t, struct login *l, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_field fields[] = {
		{ "login user", "User name", UI_FIELD_TEXT, l->user, sizeof(l->user), NULL },
		{ "login password", "Password", UI_FIELD_SECRET, l->password, sizeof(l->password),
		  NULL },
	};
	struct ui_form form = {
		.id = "login",
		.title = TUI_TITLE " - Log in",
		.text = tui_text(t, l->said, "An administrator's account of this machine.", shown),
		.fields = fields,
		.n_fields = 2,
		.current = l->current,
		.ok_label = "Log in",
		.tick_ms = TUI_TICK_MS,
	};
	int r = tui_form(t, &form, why);

	l->current = form.current;
	if (r == UI_OK)
		return log_in(t, l);
	if (r == UI_TICK)
		(void)tui_news(t);
	return r < 0 ? r : r == UI_TICK ? 0 : 2;
}

int tui_login(struct tui *t, const char *said, struct fail *why)
{
	struct login login = { .current = t->user[0] != '\0' };
	int r;

	snprintf(login.user, sizeof(login.user), "%s", t->user);
	snprintf(login.said, sizeof(login.said), "%s", said);
	do {
		r = ask(t, &login, why);
	} while (r == 0);
	explicit_bzero(&login, sizeof(login));
	return r < 0 ? r : r == 1 ? UI_OK : UI_BACK;
}

enum tui_screen tui_login_ended(struct tui *t)
{
	snprintf(t->notice, sizeof(t->notice), "The login has ended.");
	return SCREEN_LOGIN;
}

int screen_login(struct tui *t, struct fail *why)
{
	struct host_pending pending;
	struct fail failed;
	int r = tui_login(t, t->notice, why);

	t->notice[0] = '\0';
	if (r < 0)
		return r;
	if (r == UI_BACK)
		return t->place == TUI_CONSOLE ? SCREEN_DEVICE : SCREEN_END;
	r = t->host->pending(t->host, &pending, &failed);
	return r == 0 && pending.change[0] ? SCREEN_CHANGE : SCREEN_MENU;
}
