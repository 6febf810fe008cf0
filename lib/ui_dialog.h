/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_dialog - what the files of the libdialog side of ui.h share.
 *
 * The questions are drawn with libdialog's parts (boxes, titles, list rows, colours) and not with its
 * finished widgets: those cannot be refreshed while they wait without being destroyed and drawn again,
 * which loses the cursor in a field and is slow on a serial line; they spin when the terminal is gone;
 * and a form's buttons cannot be reached once TAB goes from field to field. Here each question is a
 * loop of "draw all of it, wait for a key": curses sends what has changed.
 */
#ifndef PALETTE_UI_DIALOG_H
#define PALETTE_UI_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dialog.h>

#include "lib/ui.h"

#define DUI_COLUMNS  80
#define DUI_LINES    24
#define DUI_BUTTONS  5
#define DUI_LINE_MAX 512 /* bytes of one line drawn */

/* What a question looked like when it returned UI_TICK, for asking it again. */
struct dui_kept {
	char id[48];
	bool valid;
	size_t top;    /* first row shown */
	size_t cursor; /* byte in the field */
	int button;    /* the active one */
	bool in_buttons;
	bool reveal;
	bool full;
};

struct dui {
	struct ui ui; /* first: a struct ui * is cast back to this */
	char header[DUI_LINE_MAX];
	WINDOW *keys; /* a pad: reading from it paints nothing */
	struct dui_kept kept;
	bool interrupted;  /* the last ESC was Ctrl+C */
	int64_t key_at_ms; /* when the last key came */
};

/* A box, drawn anew for each key. */
struct dui_box {
	WINDOW *win; /* NULL: the terminal is too small for it */
	int height, width;
	int row; /* the next one dui_put() writes */
};

struct dui_button {
	const char *label;
	int result; /* enum ui_key, or DUI_REVEAL */
};
#define DUI_REVEAL 100

struct dui_buttons {
	struct dui_button items[DUI_BUTTONS];
	size_t n;
};

/* Keys: a code point, or DUI_FN(KEY_...), or one of these. */
#define DUI_FN(key)   (0x1000000 + (key))
#define DUI_TIMEOUT   (-1)
#define DUI_GONE      (-2)
#define DUI_ESC	      27
#define DUI_TAB	      '\t'
#define DUI_FOREVER   INT64_MAX
#define DUI_INTERRUPT 3

/* ui_dialog.c */
/* When a question with @tick_ms is over; DUI_FOREVER for 0. */
int64_t dui_deadline(unsigned tick_ms);
/* Waits for a key until @deadline_ms. Ctrl+L repaints and is not returned; ENTER is '\n'. */
int dui_key(struct dui *d, int64_t deadline_ms);
int dui_gone(struct fail *why);

/* ui_dialog_box.c */
/* A cleared screen with header line, @hint as last line, and a box of @rows rows inside. */
struct dui_box dui_open(struct dui *d, const char *title, size_t rows, const char *hint);
/* Rows a box can have inside on this terminal. */
size_t dui_rows_max(void);
/* Columns inside a box on this terminal. */
size_t dui_columns(void);
/* @bytes of @text at (@row, @column) inside the box; what cannot be printed becomes '?'. */
void dui_put(const struct dui_box *box, int row, int column, const char *text, size_t bytes,
	     chtype attr);
/* Wrapped lines @first to @first + @n of @text at box->row, which moves on. */
void dui_put_text(struct dui_box *box, const char *text, size_t first, size_t n);
/* A line across, at box->row; @note stands in it. */
void dui_rule(struct dui_box *box, const char *note);
/* The last row; a rule above it. @active < 0: none. */
void dui_put_buttons(struct dui_box *box, const struct dui_buttons *buttons, int active);
/* Shows it all and frees the box. The cursor stands at (@row, @column) inside; @row < 0: hidden. */
void dui_close(struct dui_box *box, int row, int column);
/* Moves @active for LEFT and RIGHT. True when @key was one of them. */
bool dui_button_key(const struct dui_buttons *buttons, int key, int *active);
/* The button whose label begins with the function key pressed, "F2 ...", or -1. */
int dui_button_for(const struct dui_buttons *buttons, int key);
void dui_button_add(struct dui_buttons *buttons, const char *label, int result);

/* The questions: ui_dialog_menu.c, _form.c, _text.c, _progress.c */
int dui_menu(struct ui *ui, struct ui_menu *menu, struct fail *why);
int dui_form(struct ui *ui, struct ui_form *form, struct fail *why);
int dui_confirm(struct ui *ui, const char *id, const char *title, const char *text, const char *yes,
		const char *no, struct fail *why);
int dui_message(struct ui *ui, const char *id, const char *title, const char *text, const char *ok,
		struct fail *why);
int dui_page(struct ui *ui, struct ui_page *page, struct fail *why);
int dui_countdown(struct ui *ui, const char *id, const char *title, const char *text,
		  unsigned seconds, struct fail *why);
int dui_progress(struct ui *ui, const struct ui_progress *now, struct fail *why);

#endif
