/* SPDX-License-Identifier: Apache-2.0 */
/* account.c - the initial account, while there is none. */
#include "tui.h"

#include <stdio.h>
#include <string.h>

struct account {
	char user[TUI_TYPED];
	char password[TUI_TYPED];
	char again[TUI_TYPED];
	char said[TUI_TEXT];
	size_t current; /* the field the cursor is in */
};

static void intro(struct tui *t, char *buf, size_t size)
{
	struct host_list rules = { 0 };
	struct fail failed;
	size_t used;

	used = (size_t)snprintf(
		buf, size,
		"%s%sThe account for Local UI, for SSH and for this console. It may "
		"use sudo.",
		t->settings_error, *t->settings_error ? "\n\n" : "");
	if (t->host->password_rules(t->host, &rules, &failed) < 0 || rules.n == 0)
		return;
	used += (size_t)snprintf(buf + used, size - used, "\nThe password:");
	for (size_t i = 0; i < rules.n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s %s", i ? "," : "",
					 rules.items[i]);
	if (used < size)
		snprintf(buf + used, size - used, ".");
}

/* Another screen was faster. What follows is for those who can log in. */
static int outrun(struct tui *t)
{
	snprintf(t->notice, sizeof(t->notice),
		 "Somebody else has made the first account meanwhile.");
	return SCREEN_START;
}

/* Another screen, or a preset, may have made one meanwhile. */
static int look(struct tui *t, const struct account *a)
{
	struct host_info info;
	struct fail failed;

	if ((tui_news(t) & HOST_NEWS_ALL) == 0 || tui_facts(t, &failed) < 0)
		return SCREEN_ACCOUNT;
	/* The name of a machine that had none comes a moment after hostd. */
	if (t->host->info(t->host, &info, &failed) == 0)
		tui_header(t, &info);
	if (!t->has_account)
		return SCREEN_ACCOUNT;
	return a->user[0] || a->password[0] ? outrun(t) : SCREEN_START;
}

/* Who made it goes on as that account, and not with the console's rights. */
static int begin(struct tui *t, const struct account *a)
{
	struct fail failed;
	int r = t->host->login(t->host, a->user, a->password, t->origin, &failed);

	t->has_account = true;
	snprintf(t->notice, sizeof(t->notice), "The account %.32s is there%s", a->user,
		 r == 0 ? ": for Local UI, SSH and the console." : ". Log in with it to go on.");
	return r == 0 ? SCREEN_MENU : SCREEN_LOGIN;
}

static int create(struct tui *t, struct account *a, const struct ui_form *form, struct fail *why)
{
	struct fail failed = { 0 };
	int r;

	if (strcmp(a->password, a->again) != 0) {
		snprintf(a->said, sizeof(a->said),
			 "The password and its confirmation are not the same. F2 shows them.");
		a->current = 2;
		return SCREEN_ACCOUNT;
	}
	tui_wait_box(t, "Creating the account ...");
	r = t->host->create_account(t->host, a->user, a->password, &failed);
	if (r == 0)
		return begin(t, a);
	if (r == -HOST_EXISTS)
		return outrun(t);
	r = tui_trouble(t, r, &failed, a->said, sizeof(a->said), why);
	a->current = tui_refused_field(form, a->said, a->current);
	return r < 0 ? r : SCREEN_ACCOUNT;
}

static int ask(struct tui *t, struct account *a, const char *text, struct fail *why)
{
	char shown[TUI_TEXT];
	struct ui_field fields[] = {
		{ "user name", "User name", UI_FIELD_TEXT, a->user, sizeof(a->user), NULL },
		{ "password", "Password", UI_FIELD_SECRET, a->password, sizeof(a->password), NULL },
		{ "confirmation", "Confirm password", UI_FIELD_SECRET, a->again, sizeof(a->again),
		  NULL },
	};
	struct ui_form form = {
		.id = "account",
		.title = TUI_TITLE " - Create account",
		.text = tui_text(t, a->said, text, shown),
		.fields = fields,
		.n_fields = 3,
		.current = a->current,
		.ok_label = "Create",
		.back_label = t->place == TUI_CONSOLE ? "Device Info" : "Quit",
		.tick_ms = TUI_TICK_MS,
	};
	int r = tui_form(t, &form, why);

	a->current = form.current;
	if (r == UI_OK)
		return create(t, a, &form, why);
	if (r == UI_TICK)
		return look(t, a);
	return r < 0 ? r : t->place == TUI_CONSOLE ? SCREEN_DEVICE : SCREEN_END;
}

int screen_account(struct tui *t, struct fail *why)
{
	struct account account = { .user = "" };
	char text[TUI_TEXT];
	int r;

	intro(t, text, sizeof(text));
	do {
		r = ask(t, &account, text, why);
	} while (r == SCREEN_ACCOUNT);
	explicit_bzero(&account, sizeof(account));
	return r;
}
