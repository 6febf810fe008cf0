/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui - how a program asks a person.
 *
 * Two implementations: ui_dialog.c draws with libdialog; ui_answers.c reads "id = answer" lines, for
 * unattended runs and for tests. A flow cannot tell which. Every question has an @id, which names it
 * in answers files and in the log; what a person typed into a secret field is never logged.
 *
 * Questions return an enum ui_key, or a negative errno with @why set when the terminal is gone or an
 * answer is missing. All strings are borrowed for the length of the call.
 */
#ifndef PALETTE_UI_H
#define PALETTE_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

enum ui_key {
	UI_OK,	  /* ENTER on the first button */
	UI_BACK,  /* ESC */
	UI_EXTRA, /* the extra button, where the question has one */
	UI_TICK, /* tick_ms went by: ask again with fresh text; selection and typed text are kept */
	UI_INTERRUPT, /* Ctrl+C, at a menu, a form or a question; elsewhere it counts as ESC */
	UI_MORE,      /* the second extra button of a page */
};

struct ui_item {
	const char *key;    /* what an answers file says; its first letter, of a path that of its
			       last part, selects the row */
	const char *text;   /* the row, one line */
	const char *detail; /* one line below the list while the row is selected; NULL: none */
};

struct ui_menu {
	const char *id;
	const char *title;
	const char *text; /* above the list; may have several lines */
	const struct ui_item *items;
	size_t n_items;
	size_t chosen;		 /* in: the row to start on; out: the row selected, on any key */
	const char *ok_label;	 /* NULL: "Select" */
	const char *back_label;	 /* NULL: "Back" */
	const char *extra_label; /* NULL: no extra button; "F2 Left out": F2 presses it too */
	unsigned tick_ms;	 /* UI_TICK after so long, whatever was pressed; 0: never */
};

/* UI_FIELD_CHOICE: one of a few words, gone through with the space bar, LEFT and RIGHT. */
enum ui_field_kind { UI_FIELD_TEXT, UI_FIELD_SECRET, UI_FIELD_READONLY, UI_FIELD_CHOICE };

struct ui_field {
	const char *id;
	const char *label;
	enum ui_field_kind kind;
	char *buf;		    /* in: the present value; out: what was typed, on any key */
	size_t size;		    /* of buf in bytes, with the terminating NUL */
	const char *const *choices; /* UI_FIELD_CHOICE: the words, NULL behind the last */
};

/* Typing into one of the fields (a bit each) chooses a word in another one. */
struct ui_implied {
	unsigned fields;
	size_t choice; /* a UI_FIELD_CHOICE */
	const char *word;
};

struct ui_form {
	const char *id;
	const char *title;
	const char *text; /* above the fields; a refusal of the last input stands here */
	struct ui_field *fields;
	size_t n_fields;
	size_t current;		 /* in, out: the field the cursor is in */
	const char *ok_label;	 /* NULL: "Apply" */
	const char *back_label;	 /* NULL: "Back" */
	const char *extra_label; /* as in ui_menu; "Show password" comes by itself, on F2 */
	unsigned tick_ms;	 /* as in ui_menu */
	const struct ui_implied *implied; /* NULL: none */
};

/* Text that is kept up to date while a person looks at it. */
struct ui_page {
	const char *id;
	const char *title;
	const char *text;	 /* scrolled where it does not fit */
	const char *ok_label;	 /* NULL: "OK"; "": no button at all */
	const char *extra_label; /* UI_EXTRA, and */
	const char *more_label;	 /* UI_MORE: as in ui_menu */
	const char *back_label;	 /* NULL: no button for ESC, and no hint at it */
	unsigned tick_ms;	 /* as in ui_menu */
};

struct ui_progress {
	const char *title;
	const char *text; /* all lines below the title: steps done, present step, rate, time left */
	unsigned percent; /* 0..100 */
};

struct ui {
	int (*menu)(struct ui *ui, struct ui_menu *menu, struct fail *why);
	int (*form)(struct ui *ui, struct ui_form *form, struct fail *why);
	/* Two buttons; @yes and @no are their labels, NULL for "Yes" and "No". UI_OK, UI_BACK or UI_INTERRUPT. */
	int (*confirm)(struct ui *ui, const char *id, const char *title, const char *text,
		       const char *yes, const char *no, struct fail *why);
	/* Text of any length, scrolled where it does not fit; @ok as above, NULL for "OK". */
	int (*message)(struct ui *ui, const char *id, const char *title, const char *text,
		       const char *ok, struct fail *why);
	/* Counts @seconds down below @text. UI_OK: time is up. UI_BACK: a key held it. */
	int (*countdown)(struct ui *ui, const char *id, const char *title, const char *text,
			 unsigned seconds, struct fail *why);
	/* Draws and returns at once. UI_BACK: the person pressed Ctrl+C or ESC; otherwise UI_OK. */
	int (*progress)(struct ui *ui, const struct ui_progress *now, struct fail *why);
	/* One or two lines at the top of every screen. Copied. */
	void (*header)(struct ui *ui, const char *line);
	/* Gives the terminal back, e.g. before a shell; the next question takes it again. */
	void (*suspend)(struct ui *ui);
	/* Restores the terminal and frees @ui. NULL is fine. */
	void (*done)(struct ui *ui);
	/* UI_OK, UI_EXTRA, UI_MORE, UI_TICK or UI_BACK (ESC). */
	int (*page)(struct ui *ui, struct ui_page *page, struct fail *why);
	/* How long no key was pressed. */
	int64_t (*idle_ms)(const struct ui *ui);
};

/* Draws on the controlling terminal. 80x24 is assumed where the terminal reports no size. */
struct ui *ui_dialog_new(struct fail *why);

/*
 * Answers from "id = answer" lines of @text (copied): a menu by an item's key, a form's field by the
 * field's id, a confirm by "yes" or "no". An id that is missing is an error that names it. Shows are
 * written to @out as plain lines where it is not -1.
 */
struct ui *ui_answers_new(const char *text, int out, struct fail *why);

#endif
