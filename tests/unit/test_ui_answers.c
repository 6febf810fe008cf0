/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/ui.h"

static const struct ui_item items[] = {
	{ "nothing", "nothing    stay", NULL },
	{ "reboot", "reboot     restart", "after 5 seconds" },
};

static struct ui_menu a_menu(void)
{
	return (struct ui_menu){
		.id = "action", .title = "Afterwards", .items = items, .n_items = 2
	};
}

TEST(a_menu_is_answered_by_an_items_key)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("# what then\n\naction = reboot\n", -1, &why);
	struct ui_menu menu = a_menu();

	CHECK_INT(ui->menu(ui, &menu, &why), UI_OK);
	CHECK_INT(menu.chosen, 1);
	ui->done(ui);
}

TEST(each_line_answers_one_question_and_then_it_is_missing)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("action = nothing\naction=<back>\n", -1, &why);
	struct ui_menu menu = a_menu();

	CHECK_INT(ui->menu(ui, &menu, &why), UI_OK);
	CHECK_INT(ui->menu(ui, &menu, &why), UI_BACK);
	CHECK_INT(ui->menu(ui, &menu, &why), -ENODATA);
	CHECK_STR(why.msg, "no answer to the question \"action\"");
	ui->done(ui);
}

TEST(a_choice_that_is_none_is_named)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("action = reebot\naction = <extra>\n", -1, &why);
	struct ui_menu menu = a_menu();

	CHECK_INT(ui->menu(ui, &menu, &why), -EINVAL);
	CHECK_STR(why.msg, "the question \"action\" has no choice \"reebot\"");
	/* The extra button that this menu does not have. */
	CHECK_INT(ui->menu(ui, &menu, &why), -EINVAL);
	ui->done(ui);
}

TEST(a_form_is_answered_field_by_field_and_readonly_ones_are_skipped)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("user = edge\npassword = a = b \n", -1, &why);
	char mac[] = "52:54:00:12:34:56", user[8] = "", password[16] = "";
	struct ui_field fields[] = {
		{ "mac", "MAC", UI_FIELD_READONLY, mac, sizeof(mac), NULL },
		{ "user", "User", UI_FIELD_TEXT, user, sizeof(user), NULL },
		{ "password", "Password", UI_FIELD_SECRET, password, sizeof(password), NULL },
	};
	struct ui_form form = { .id = "account", .title = "", .fields = fields, .n_fields = 3 };

	CHECK_INT(ui->form(ui, &form, &why), UI_OK);
	CHECK_STR(user, "edge");
	CHECK_STR(password, "a = b");
	CHECK_STR(mac, "52:54:00:12:34:56");
	CHECK_INT(ui->form(ui, &form, &why), -ENODATA);
	CHECK_STR(why.msg, "no answer to the question \"user\"");
	ui->done(ui);
}

TEST(an_answer_that_does_not_fit_its_field_is_refused)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("user = 12345678\n", -1, &why);
	char user[8] = "old";
	struct ui_field field = { "user", "User", UI_FIELD_TEXT, user, sizeof(user), NULL };
	struct ui_form form = { .id = "account", .title = "", .fields = &field, .n_fields = 1 };

	CHECK_INT(ui->form(ui, &form, &why), -EINVAL);
	CHECK_STR(why.msg, "the answer to \"user\" is longer than 7 bytes");
	CHECK_STR(user, "old");
	ui->done(ui);
}

TEST(a_confirm_takes_yes_and_no_alone)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("start = yes\nstart = no\nstart = perhaps\n", -1, &why);

	CHECK_INT(ui->confirm(ui, "start", "", "Start?", NULL, NULL, &why), UI_OK);
	CHECK_INT(ui->confirm(ui, "start", "", "Start?", NULL, NULL, &why), UI_BACK);
	CHECK_INT(ui->confirm(ui, "start", "", "Start?", NULL, NULL, &why), -EINVAL);
	CHECK_STR(why.msg, "the answer to \"start\" must be yes or no, not \"perhaps\"");
	ui->done(ui);
}

TEST(a_countdown_runs_out_unless_it_is_held)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("soon = hold\n", -1, &why);

	CHECK_INT(ui->countdown(ui, "soon", "", "Restart", 5, &why), UI_BACK);
	CHECK_INT(ui->countdown(ui, "soon", "", "Restart", 5, &why), UI_OK);
	ui->done(ui);
}

TEST(a_line_that_is_no_answer_is_refused_with_its_number)
{
	struct fail why = { 0 };

	CHECK(!ui_answers_new("a = b\nno equals sign\n", -1, &why));
	CHECK_STR(why.msg, "answers, line 2: not \"id = answer\"");
	CHECK(!ui_answers_new(" = b\n", -1, &why));
	CHECK_STR(why.msg, "answers, line 1: an id of 1 to 63 characters");
}

TEST(what_is_asked_is_written_as_lines_and_secrets_are_not)
{
	struct fail why = { 0 };
	char password[16] = "", text[1000] = "";
	struct ui_field field = { "password", "Password",	UI_FIELD_SECRET,
				  password,   sizeof(password), NULL };
	struct ui_form form = { .id = "f", .title = "Account", .fields = &field, .n_fields = 1 };
	struct ui_menu menu = a_menu();
	struct ui *ui;
	int pipe_fds[2];

	CHECK_INT(pipe(pipe_fds), 0);
	ui = ui_answers_new("password = hunter2\naction = reboot\n", pipe_fds[1], &why);
	ui->form(ui, &form, &why);
	ui->menu(ui, &menu, &why);
	ui->done(ui);
	CHECK(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	CHECK_STR(text, "== Account ==\n"
			"  Password: (not shown)\n"
			"== Afterwards ==\n"
			"  nothing: nothing    stay\n"
			"  reboot: reboot     restart\n"
			"    after 5 seconds\n"
			"action = reboot\n");
}

TEST(a_page_is_answered_by_its_buttons)
{
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("info = <more>\ninfo = ok\ninfo = <extra>\n", -1, &why);
	struct ui_page page = {
		.id = "info", .title = "Info", .text = "Words", .more_label = "F12 Off"
	};

	CHECK_INT(ui->page(ui, &page, &why), UI_MORE);
	CHECK_INT(ui->page(ui, &page, &why), UI_OK);
	CHECK_INT(ui->page(ui, &page, &why), -EINVAL);
	CHECK_STR(why.msg, "the page \"info\" has no button \"<extra>\"");
	ui->done(ui);
}

TEST(a_choice_takes_its_words_only)
{
	static const char *const words[] = { "dhcp", "static", NULL };
	char mode[16] = "dhcp";
	struct ui_field field = { "mode", "Mode", UI_FIELD_CHOICE, mode, sizeof(mode), words };
	struct ui_form form = { .id = "f", .title = "F", .fields = &field, .n_fields = 1 };
	struct fail why = { 0 };
	struct ui *ui = ui_answers_new("mode = static\nmode = bootp\n", -1, &why);

	CHECK_INT(ui->form(ui, &form, &why), UI_OK);
	CHECK_STR(mode, "static");
	CHECK_INT(ui->form(ui, &form, &why), -EINVAL);
	CHECK_STR(why.msg, "the question \"mode\" has no choice \"bootp\"");
	CHECK_STR(mode, "static");
	ui->done(ui);
}
