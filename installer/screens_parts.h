/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screens_parts - what the files of screens share: the state of one session, and a function a screen.
 *
 * A screen asks, changes the state, and returns which screen is next.
 */
#ifndef PALETTE_SCREENS_PARTS_H
#define PALETTE_SCREENS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answers.h"
#include "apply.h"
#include "disk.h"
#include "hardware.h"
#include "lib/ui.h"
#include "manifest.h"
#include "plan.h"
#include "probe.h"
#include "progress.h"
#include "screens.h"
#include "seed.h"

#define SCREENS_TITLE	"Palette Edge Interactive Installer"
#define SCREENS_HOST	"/sysroot" /* recovery: the root of the installed system */
#define SCREENS_COLUMNS 76	   /* inside a box on an 80x24 terminal */

enum screen {
	SCREEN_ANSWERS, /* reads them; shows nothing when they are good */
	SCREEN_MEDIUM,	/* opens it; shows nothing when it is good */
	SCREEN_DISK,
	SCREEN_NO_DISK,
	SCREEN_LEAVE,
	SCREEN_ACTION,
	SCREEN_LEFTOVERS, /* only where other disks have some */
	SCREEN_SUMMARY,
	SCREEN_INSTALL,
	SCREEN_DONE,
	SCREEN_FAILED,
	SCREENS,
};
/* Instead of a screen: the program ends with this status (docs/FORMATS.md). */
#define SCREENS_EXIT(status) (SCREENS + (status))

#define EXIT_INSTALLED 0
#define EXIT_FAILED    1
#define EXIT_REFUSED   3
#define EXIT_REBOOT    10
#define EXIT_POWEROFF  11
#define EXIT_RESTART   12 /* nothing was installed */
#define EXIT_RESET     13 /* the factory reset was confirmed */

/* What was chosen for this installation, by a person or by the answers. */
struct chosen {
	char disk[256]; /* path; empty: not chosen */
	enum answers_action action;
};

#define LEFTOVERS_MAX 24

/* A disk that is not installed on but holds an earlier installation. */
struct leftover {
	struct disk disk;
	char what[160];
	char choice[8]; /* "keep" or "wipe" */
};

struct screens {
	struct screens_args *args;
	struct ui *ui;
	struct machine machine;
	struct hardware hardware;
	struct manifest manifest;
	struct content_list content;
	struct answers answers;
	struct seed seed;    /* where the answers came from, and the result goes to */
	char unanswered[40]; /* a USB device that was waited for in vain */
	char not_read[1200]; /* lines: what may have answers and why they were not taken */
	struct plan_sizes sizes;
	bool unattended, json;				/* JSON lines instead of lines for people */
	bool began_unattended;				/* a person may have gone on with it */
	bool asked_disk, asked_action, asked_leftovers; /* answered, or a person is to be asked */
	bool own_disk, own_action, own_leftovers;	/* a person was, whatever the answers say */
	bool person;					/* somebody has chosen something */
	bool told_ended;     /* that the run before this one ended by a signal */
	uint64_t give_up_ms; /* when on-failure is done; 0: never */
	struct leftover leftovers[LEFTOVERS_MAX];
	size_t n_leftovers, n_more_leftovers; /* listed; and those there was no room for */
	struct progress progress;	      /* unattended */
	struct ui *lines, *dialog; /* ours, made when needed; ui is one of them or the caller's */
	struct disks disks;
	uint64_t disks_mark;
	uint64_t answers_mark; /* of the disks when a medium with answers was looked for last */
	struct chosen chosen;  /* kept when a person goes back */
	struct plan plan;
	struct apply_result result;
	struct fail failure; /* of the installation or of the medium */
	bool stopped;	     /* it failed because a person stopped it */
};

/* screens.c */
/*
 * Where the answer *@r is Ctrl+C: offers a shell. True: the question is to be asked again. False: *@r is
 * what came of it, negative where the program has to end.
 */
bool screens_interrupted(struct screens *s, int *r, struct fail *why);

/* ui->menu, but Ctrl+C offers a shell, and the choice goes to the log. */
int screens_menu(struct screens *s, struct ui_menu *menu, struct fail *why);

/* ui->confirm, but Ctrl+C offers a shell. */
int screens_confirm(struct screens *s, const char *id, const char *title, const char *text,
		    const char *yes, const char *no, struct fail *why);
/* Probes and judges all disks. Returns how many are offered, or a negative errno. */
int screens_probe(struct screens *s, struct fail *why);
/* The disk of s->chosen when it is still offered, else NULL. Borrowed from s->disks. */
const struct disk *screens_chosen(const struct screens *s);

/* Whether the terminal can be drawn on; it is what is asked on from then on. */
bool screens_use_dialog(struct screens *s, struct fail *why);

/* screens_places.c */
/* Reads all places. Those that could be read are in s->answers after a failure too. */
int screens_read_answers(struct screens *s, struct fail *why);

/* screens_answers.c */
int screen_answers(struct screens *s, struct fail *why);
/* Whether a second medium with answers has come since they were read, as of the last probe. */
bool screens_seed_came(struct screens *s);
/* Sets the chosen disk from the answers. */
int screens_answered_disk(struct screens *s, struct fail *why);
/* Lines of the summary: each answer and where it came from; "" without any. Returns @buf. */
const char *screens_answers_text(const struct screens *s, char *buf, size_t size);

/* screens_leftovers.c */
int screen_leftovers(struct screens *s, struct fail *why);
/* Those that were chosen, for the summary; "" for none. Returns @buf. */
const char *screens_leftovers_text(const struct screens *s, char *buf, size_t size);
/* Wipes those that were chosen; what fails becomes a warning of the result. */
void screens_wipe_leftovers(struct screens *s);

/* screens_report.c */
/*
 * Tells a program that watches and the seed medium how it ended; the medium also how it ended for a person
 * who went on with an unattended run. Nothing of others.
 */
void screens_report(struct screens *s, bool installed);
/* Tells the seed medium that its answers were refused. */
void screens_report_refused(struct screens *s);

/* The screens: screens_disk.c, _install.c, _result.c */
int screen_medium(struct screens *s, struct fail *why);
int screen_disk(struct screens *s, struct fail *why);
int screen_no_disk(struct screens *s, struct fail *why);
int screen_leave(struct screens *s, struct fail *why);
int screen_action(struct screens *s, struct fail *why);
int screen_summary(struct screens *s, struct fail *why);
int screen_install(struct screens *s, struct fail *why);
int screen_done(struct screens *s, struct fail *why);
int screen_failed(struct screens *s, struct fail *why);

/* screens_text.c: pure */
/* Vendor, model, serial number; firmware mode, version: the header's two lines. Pure. Returns @buf. */
const char *screens_header(const struct machine *machine, const char *version, char *buf,
			   size_t size);
/* "legacy BIOS", "UEFI, Secure Boot on" */
const char *screens_firmware(const struct machine *machine);
/* The Installation Summary: labels on the left. Returns @buf. */
const char *screens_summary_text(const struct screens *s, char *buf, size_t size);
/* "2 min 5 s". Returns @buf. */
const char *screens_duration(uint64_t ms, char *buf, size_t size);

/* screens_rows.c: menus of things to do rather than to choose */
/* Shell, reboot, power off and what else a dead end offers; each is one row. */
enum way_out {
	OUT_INSTALL,
	OUT_AGAIN,
	OUT_RETRY,
	OUT_RESCAN,
	OUT_LOG,
	OUT_SAVE_LOG,
	OUT_SAVE_LOGS, /* of the whole host */
	OUT_REPAIR,
	OUT_RESET,
	OUT_SHELL,
	OUT_REBOOT,
	OUT_POWEROFF,
	OUT_STAY,
	OUT_QUIT,
	OUTS,	   /* rows there are */
	OUT_BACK,  /* ESC */
	OUT_EXTRA, /* the menu's extra button */
	OUT_TICK,
};
/* Asks which of @outs; does logs and the shell itself and asks again. Returns the way out taken. */
int screens_way_out(struct screens *s, struct ui_menu *menu, const enum way_out *outs,
		    size_t n_outs, struct fail *why);

/* screens_reset.c */
/* What a factory reset keeps and what is lost, for people. */
extern const char screens_reset_text[];
/* The header where there is no medium: the version is that of the running image. */
void screens_own_header(struct ui *ui, const char *root);

/* screens_tools.c: things done for the person, not to the target */
/* A shell or a login on the console that typed last; without consoles a shell on this terminal. */
int tool_shell(struct ui *ui, bool login, struct fail *why);
/*
 * Copies the file @path as @name to the first FAT file system on @disk, and flushes it; says where it
 * is in @ret.
 */
int tool_save_log(const struct disk *disk, const char *path, const char *name, char *ret,
		  size_t size, struct fail *why);
/*
 * Packs what tells a story into @archive, which is below /run: this program's log and palette-init's;
 * where the host can be read below @sysroot, its /var/log and the end of its journal as text.
 */
int tool_pack_logs(const char *sysroot, const char *archive, struct fail *why);
/* Unmounts @source, unlocks the tray and opens it. */
int tool_eject(const char *source, const char *drive, struct fail *why);

#endif
