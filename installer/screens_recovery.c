/* SPDX-License-Identifier: Apache-2.0 */
/* screens_recovery.c - the menu of the disk's entry "recovery". */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/text.h"
#include "repair.h"

#define RECOVERY_TITLE	"Palette Edge Recovery"
#define NOTES_BYTES_MAX 1500

/* What palette-init has found: docs/FORMATS.md, boot.conf. */
struct found {
	char disk[80];
	char slot;
};

static struct found read_found(const char *root)
{
	struct found found = { .slot = 'a' };
	char path[300], line[200];
	autofclose FILE *conf = NULL;

	snprintf(path, sizeof(path), "%s/run/palette/boot.conf", root);
	conf = fopen(path, "re");
	while (conf && fgets(line, sizeof(line), conf)) {
		(void)sscanf(line, "disk = %79s", found.disk);
		(void)sscanf(line, "slot = %c", &found.slot);
	}
	return found;
}

static void result_text(const struct found *found, int r, const struct repair_report *report,
			const struct fail *why, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);

	if (r < 0)
		text_put(&out, "The repair failed:\n%s\n\n", why->msg);
	else if (report->left[0])
		text_put(&out, "Not everything could be helped:\n%s\n", report->left);
	if (report->done[0])
		text_put(&out, "Written anew:\n%s", report->done);
	else if (r == 0)
		text_put(&out, "Nothing %swas wrong with what starts %s.\n",
			 report->left[0] ? "else " : "", found->disk);
}

static int repair(struct screens *s, struct fail *why)
{
	const struct found found = read_found(s->args->probe.root);
	const struct ui_progress now = { .title = RECOVERY_TITLE " - repair",
					 .text = "Comparing and writing. Do not switch off." };
	struct repair_options options = { .disk = found.disk,
					  .files = SCREENS_HOST REPAIR_FILES,
					  .root = s->args->probe.root,
					  .slot = found.slot,
					  .firmware = s->machine.uefi };
	struct repair_report report = { 0 };
	struct fail repairing = { 0 };
	char text[4000];
	int r;

	snprintf(text, sizeof(text),
		 "What starts this host from %s is compared with what it should be, and written "
		 "anew where it differs: boot sector and GRUB for legacy BIOS; shim, GRUB and the "
		 "boot menu on the EFI system partition; kernel and initrd of the other slot; the "
		 "firmware's boot entry.\n\nSystem and data are not touched.",
		 found.disk[0] ? found.disk : "its disk");
	r = screens_confirm(s, "repair", now.title, text, "Repair", "Back", why);
	if (r != UI_OK)
		return r < 0 ? r : 0;
	r = s->ui->progress(s->ui, &now, why);
	if (r < 0)
		return r;
	if (!found.disk[0])
		r = fail_with(&repairing, ENOENT, "the system's partition was not found");
	else
		r = repair_boot(&options, &report, &repairing);
	result_text(&found, r, &report, &repairing, text, sizeof(text));
	r = s->ui->message(s->ui, "repaired", now.title, text, NULL, why);
	return r < 0 ? r : 0;
}

/* True: it was confirmed. */
static int ask_reset(struct screens *s, struct fail *why)
{
	char text[800];
	struct ui_page page = { .id = "reset",
				.title = RECOVERY_TITLE " - factory reset",
				.text = text,
				.ok_label = "Back",
				.extra_label = "F2 Factory reset" };
	int r;

	snprintf(text, sizeof(text), "%s\nThe machine restarts, and does it then.\n",
		 screens_reset_text);
	r = s->ui->page(s->ui, &page, why);
	return r < 0 ? r : r == UI_EXTRA;
}

/* With what palette-init could not open. */
static void menu_text(const char *root, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);
	autofree char *notes = NULL;
	char path[300];

	text_put(&out, "The system is not running. Repair and factory reset ask before they change "
		       "anything.");
	snprintf(path, sizeof(path), "%s/run/palette/recovery-notes", root);
	if (file_read(path, NOTES_BYTES_MAX, &notes, NULL, NULL) == 0)
		text_put(&out, "\n\nNot everything could be opened:\n%s", notes);
}

static int menu(struct screens *s, struct fail *why)
{
	static const enum way_out outs[] = { OUT_REPAIR, OUT_RESET,  OUT_SAVE_LOGS, OUT_LOG,
					     OUT_SHELL,	 OUT_REBOOT, OUT_POWEROFF };
	char text[2000];
	struct ui_menu menu = {
		.id = "recovery", .title = RECOVERY_TITLE, .text = text, .back_label = "Reboot"
	};

	for (;;) {
		int r;

		menu_text(s->args->probe.root, text, sizeof(text));
		r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);

		switch (r) {
		case OUT_REPAIR:
			r = repair(s, why);
			break;
		case OUT_RESET:
			r = ask_reset(s, why);
			if (r > 0)
				return EXIT_RESET;
			break;
		case OUT_BACK:
			r = screens_confirm(s, "leave", RECOVERY_TITLE, "Restart the machine?",
					    "Reboot", "Back", why);
			if (r == UI_OK)
				return EXIT_RESTART;
			break;
		case OUT_REBOOT:
			return EXIT_RESTART;
		case OUT_POWEROFF:
			return EXIT_POWEROFF;
		default:
			break;
		}
		if (r < 0)
			return r;
	}
}

int screens_recovery(struct screens_args *args, struct fail *why)
{
	struct screens *s = xcalloc(1, sizeof(*s));
	int status;

	s->args = args;
	s->ui = args->ui;
	probe_machine(args->probe.root, &s->machine);
	screens_own_header(s->ui, args->probe.root);
	status = menu(s, why);
	disks_done(&s->disks);
	free(s);
	return status;
}
