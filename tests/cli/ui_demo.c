/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_demo - each kind of question once, for the tests of the libdialog side.
 *
 * usage: ui_demo menu|list|form|confirm|message|countdown|progress|shell
 *
 * Prints what was answered as one line when the screen has been given back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ui.h"

static int n_ticks;

static int demo_list(struct ui *ui, size_t n, struct fail *why)
{
	static char text[40][80], keys[40][8], details[40][120];
	struct ui_item items[40];
	struct ui_menu menu = { .id = "list",
				.title = "A list",
				.items = items,
				.n_items = n,
				.extra_label = "F2 More",
				.tick_ms = 300 };
	int r;

	for (size_t i = 0; i < n; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%c%zu", (char)('a' + i % 26), i);
		snprintf(text[i], sizeof(text[i]), "row %s  with something behind it", keys[i]);
		snprintf(details[i], sizeof(details[i]), "The detail of row %zu.", i);
		items[i] = (struct ui_item){ keys[i], text[i], details[i] };
	}
	do {
		char head[80];

		snprintf(head, sizeof(head), "Ticks so far: %s", n_ticks < 3 ? "few" : "many");
		menu.text = head;
		r = ui->menu(ui, &menu, why);
		n_ticks++;
	} while (r == UI_TICK);
	fprintf(stderr, "menu: %d, row %zu\n", r, menu.chosen);
	return r;
}

static int demo_form(struct ui *ui, struct fail *why)
{
	char user[32] = "edge", password[64] = "", mac[] = "52:54:00:12:34:56";
	struct ui_field fields[] = {
		{ "mac", "MAC address", UI_FIELD_READONLY, mac, sizeof(mac), NULL },
		{ "user", "User name", UI_FIELD_TEXT, user, sizeof(user), NULL },
		{ "password", "Password", UI_FIELD_SECRET, password, sizeof(password), NULL },
	};
	struct ui_form form = { .id = "form",
				.title = "A form",
				.text = "Some words about it.",
				.fields = fields,
				.n_fields = 3,
				.tick_ms = 300 };
	int r;

	do {
		form.text = n_ticks++ < 3 ? "Some words about it." : "Other words about it.";
		r = ui->form(ui, &form, why);
	} while (r == UI_TICK);
	fprintf(stderr, "form: %d, user '%s', password '%s'\n", r, user, password);
	return r;
}

static int demo_progress(struct ui *ui, struct fail *why)
{
	struct ui_progress now = { .title = "A job",
				   .text = "[x] The first step\n"
					   "[ ] The second step\n\n"
					   "123 MB/s, 12 s left" };
	int r;

	for (now.percent = 0; now.percent < 1000; now.percent++) {
		struct ui_progress shown = now;

		shown.percent = now.percent < 42 ? now.percent : 42;
		r = ui->progress(ui, &shown, why);
		if (r != UI_OK)
			break;
		usleep(20000);
	}
	fprintf(stderr, "progress: %d\n", r);
	return r;
}

static int demo_message(struct ui *ui, struct fail *why)
{
	static char text[4000];
	size_t used = 0;

	for (int i = 1; i <= 40; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%d. A line of a text that is longer than the screen%s\n",
					 i,
					 i % 10 ? ""
						: ", and this one is so wide that it has to "
						  "be broken somewhere");
	return ui->message(ui, "message", "A long text", text, NULL, why);
}

static int demo(struct ui *ui, const char *what, struct fail *why)
{
	if (strcmp(what, "menu") == 0)
		return demo_list(ui, 5, why);
	if (strcmp(what, "list") == 0)
		return demo_list(ui, 40, why);
	if (strcmp(what, "form") == 0)
		return demo_form(ui, why);
	if (strcmp(what, "progress") == 0)
		return demo_progress(ui, why);
	if (strcmp(what, "message") == 0)
		return demo_message(ui, why);
	if (strcmp(what, "confirm") == 0)
		return ui->confirm(ui, "confirm", "A question", "Shall it be done?", NULL, NULL,
				   why);
	if (strcmp(what, "countdown") == 0)
		return ui->countdown(ui, "countdown", "Soon", "The machine restarts", 60, why);
	if (strcmp(what, "shell") == 0) {
		ui->message(ui, "message", "Before", "The shell comes next.", NULL, why);
		ui->suspend(ui);
		(void)!system("echo in the shell; read line");
		return ui->message(ui, "message", "After", "That was the shell.", NULL, why);
	}
	return fail_with(why, EINVAL, "no question called %s", what);
}

int main(int argc, char **argv)
{
	struct fail why = { 0 };
	struct ui *ui = ui_dialog_new(&why);
	int r;

	if (!ui) {
		fprintf(stderr, "%s\n", why.msg);
		return 1;
	}
	ui->header(ui, "Vendor Model  serial number 123  UEFI, Secure Boot on  version 1");
	r = demo(ui, argc > 1 ? argv[1] : "", &why);
	ui->done(ui);
	printf("result: %d%s%s\n", r, why.code ? ", " : "", why.msg);
	return 0;
}
