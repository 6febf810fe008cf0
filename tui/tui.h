/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tui - what the screens share: the state of one run, and a function a screen.
 *
 * A screen asks, has hostd do it, and returns which screen is next; a negative errno when the
 * terminal is gone, or -ETIME when the console was left alone. What hostd refuses stands above the
 * fields, and what was typed stays in them.
 */
#ifndef PALETTE_TUI_H
#define PALETTE_TUI_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"
#include "lib/ui.h"

#define TUI_TITLE   "Palette TUI"
#define TUI_COLUMNS 76 /* inside a box on an 80x24 terminal */
#define TUI_ROWS    17 /* of text, above the buttons */
#define TUI_TICK_MS 1000
#define TUI_TEXT    2000 /* bytes of a text above a list or fields */
#define TUI_TYPED   2048 /* of a name or a password: hostd says what is too long, not the field */
/* The machine's own console is nobody's who has left it. */
#define TUI_IDLE_MS (10 * 60 * 1000)
/* hostd takes longest on the first boot; after that it is not only slow. */
#define TUI_START_MS (60 * 1000)

/* Where the person sits decides what is asked and where Quit leads. */
enum tui_place {
	TUI_CONSOLE, /* the machine's own screen and serial ports: Device Info stays there for good */
	TUI_LOCAL,   /* a shell on a console: asks for a login, ends with Quit */
	TUI_REMOTE, /* SSH, which has asked already */
};

enum tui_screen {
	SCREEN_START, /* waits for hostd; shows nothing when it is there */
	SCREEN_ACCOUNT,
	SCREEN_LOGIN,
	SCREEN_MENU,
	SCREEN_HOSTNAME,
	SCREEN_ADAPTERS,
	SCREEN_ADAPTER,
	SCREEN_DNS,
	SCREEN_CHANGE, /* keep or take back the change that waits */
	SCREEN_QUIT,
	SCREEN_DEVICE,
	SCREEN_SHUT_DOWN,
	SCREEN_END, /* the program ends */
	SCREENS,
};

struct tui {
	struct ui *ui;	   /* borrowed */
	struct host *host; /* borrowed */
	enum tui_place place;
	const char *origin;  /* "tty1"; for the audit log */
	const char *server;  /* the address SSH came in by; "" unknown */
	const char *console; /* palette-console's socket; NULL: none */
	const char *user;    /* who runs this, to begin a login with; "" */
	bool finished;	     /* left by Quit */
	bool lost;	     /* hostd does not answer at this moment */
	bool reached;	     /* hostd has answered once */
	bool has_account;
	int64_t waiting_since_ms; /* of SCREEN_START; 0: it does not wait */
	int64_t haste; /* the two long times above are divided by it: 1, and more in tests */
	char settings_error[HOST_ERROR_BYTES]; /* as in struct host_public */
	char notice[TUI_TEXT];		       /* what was done last; the next list shows it once */
	char adapter[32];		       /* of SCREEN_ADAPTER */
	char menu_row[32];		       /* of SCREEN_MENU: where the person was */
	struct host_adapters adapters;	       /* as of the last look */
};

/* All screens, from SCREEN_START. 0, or a negative errno when the terminal is gone. */
int tui_run(struct tui *t, struct fail *why);

/* tui.c */
/* ui->menu, ui->form and ui->page, but Ctrl+C is ESC, and a console left alone is -ETIME. */
int tui_menu(struct tui *t, struct ui_menu *menu, struct fail *why);
int tui_form(struct tui *t, struct ui_form *form, struct fail *why);
int tui_page(struct tui *t, struct ui_page *page, struct fail *why);
/*
 * Instead of a form whose values could not be read, so that nothing empty is applied: @said, or that
 * hostd does not answer. UI_TICK: read again, unless t->lost. UI_BACK, or a negative errno.
 */
int tui_unread(struct tui *t, const char *title, const char *said, struct fail *why);
/* A screen that is a form of hostd's values. */
struct tui_form {
	const char *title;
	int screen; /* enum tui_screen */
};
/*
 * Its values were read for the first time, which ended with @code: the screen that comes now, this one
 * to be filled in or to read again, or a negative errno.
 */
int tui_read_first(struct tui *t, const struct tui_form *form, int code, const struct fail *failed,
		   struct fail *why);
/* hostd's public facts, which any screen may need. */
int tui_facts(struct tui *t, struct fail *failed);
/* What has changed (enum host_news); keeps t->lost. */
unsigned tui_news(struct tui *t);
/* Shows that something takes a while, and returns at once. */
void tui_wait_box(struct tui *t, const char *text);
/* Shows it for @ms; keys that were pressed meanwhile are forgotten. 0 or a negative errno. */
int tui_drain(struct tui *t, const char *text, unsigned ms, struct fail *why);
/* hostd's sentence as one of ours: it begins with a small letter there. */
void tui_say(const char *message, char *said, size_t size);
/* A call that only reads failed with @code: puts into @said what stands above a list or a form. */
void tui_read_failed(struct tui *t, int code, const struct fail *failed, char *said, size_t size);
/*
 * A call of hostd that ENTER asked for failed with @code: puts into @said what stands above the
 * fields. Where the session has ended it asks for a login first. 0, or a negative errno when the
 * terminal is gone.
 */
int tui_trouble(struct tui *t, int code, const struct fail *failed, char *said, size_t size,
		struct fail *why);
/* @said, then @text, then a line when hostd does not answer. Returns @buf of TUI_TEXT. */
const char *tui_text(const struct tui *t, const char *said, const char *text, char *buf);
/* The field a refusal names ("host name: ..."), or @otherwise. */
size_t tui_refused_field(const struct ui_form *form, const char *refusal, size_t otherwise);
/* Header lines from the host's facts; without them what is known. */
void tui_header(struct tui *t, const struct host_info *info);
/* Reads the adapters into t->adapters. */
int tui_read_adapters(struct tui *t, struct fail *failed);

/* device.c */
/* A login prompt on the console that typed; this one stays on the others. 0 or a negative errno. */
int tui_lend_console(struct tui *t, struct fail *why);

/* The screens: start.c, account.c, login.c, menu.c, adapters.c, adapter_form.c, change.c, device.c */
int screen_start(struct tui *t, struct fail *why);
int screen_account(struct tui *t, struct fail *why);
int screen_login(struct tui *t, struct fail *why);
int screen_menu(struct tui *t, struct fail *why);
int screen_hostname(struct tui *t, struct fail *why);
int screen_adapters(struct tui *t, struct fail *why);
int screen_adapter(struct tui *t, struct fail *why);
int screen_dns(struct tui *t, struct fail *why);
int screen_change(struct tui *t, struct fail *why);
int screen_quit(struct tui *t, struct fail *why);
int screen_device(struct tui *t, struct fail *why);
int screen_shut_down(struct tui *t, struct fail *why);

/* The next screen where hostd says so and nothing was typed yet. */
enum tui_screen tui_login_ended(struct tui *t);
/* The login questions alone, with @said above them. UI_OK, UI_BACK, or a negative errno. */
int tui_login(struct tui *t, const char *said, struct fail *why);

#endif
