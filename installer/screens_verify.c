/* SPDX-License-Identifier: Apache-2.0 */
/* screens_verify.c - the medium's own entry "Verify this medium". */
#include "screens_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"
#include "medium.h"
#include "rate.h"
#include "verify.h"

#define VERIFY_TITLE "Palette Edge - verify this medium"

struct watching {
	struct ui *ui;
	struct rate rate;
	int gone; /* negative: the terminal is gone */
};

static bool show_progress(const struct verify_progress *now, void *arg)
{
	struct watching *w = arg;
	char text[500], done[32], total[32], speed[32];
	struct text_out out = text_out_start(text, sizeof(text));
	struct ui_progress shown = { .title = VERIFY_TITLE, .text = text };
	struct fail why;
	uint64_t rate;
	int r;

	rate_add(&w->rate, now->elapsed_ms, now->done_bytes);
	rate = rate_bytes_per_second(&w->rate);
	text_put(&out, "Every byte is read and compared with its digest. Nothing is written.\n\n");
	text_put(&out, "%s\n%s of %s", now->path, size_decimal(now->done_bytes, done, sizeof(done)),
		 size_decimal(now->total_bytes, total, sizeof(total)));
	if (rate)
		text_put(&out, "   %s/s", size_decimal(rate, speed, sizeof(speed)));
	text_put(&out, "\n\nESC stops.\n");
	if (now->total_bytes)
		shown.percent = (unsigned)(now->done_bytes * 100 / now->total_bytes);
	r = w->ui->progress(w->ui, &shown, &why);
	if (r < 0)
		w->gone = r;
	return r == UI_OK;
}

/* 1: the medium is good. */
static int verify(struct screens *s, char *text, size_t size, struct fail *why)
{
	struct watching watching = { .ui = s->ui };
	struct verify_options options = {
		.source = s->args->probe.source,
		.content = &s->content,
		.progress = show_progress,
		.arg = &watching,
	};
	struct verify_result result;
	struct fail failed = { 0 };
	char line[1500];
	int r = verify_medium(&s->manifest, &options, &result, &failed);

	if (watching.gone < 0)
		return fail_with(why, -watching.gone, "the terminal is gone");
	if (r == -ECANCELED)
		snprintf(text, size, "Stopped: this says nothing about the medium.\n");
	else if (r < 0)
		snprintf(text, size, "This medium cannot be read:\n%s\n\nMake it again.\n",
			 failed.msg);
	else if (result.n_damages)
		snprintf(text, size, "This medium is DAMAGED: make it again.\n\n%s",
			 verify_text(&result, line, sizeof(line)));
	else
		snprintf(text, size, "This medium is good: Palette Edge %s.\n\n%s",
			 s->manifest.version, verify_text(&result, line, sizeof(line)));
	log_info("verify: %s", text);
	return r == 0 && result.n_damages == 0;
}

int screens_verify(struct screens_args *args, struct fail *why)
{
	static const enum way_out outs[] = { OUT_INSTALL, OUT_AGAIN,  OUT_LOG,
					     OUT_SHELL,	  OUT_REBOOT, OUT_POWEROFF };
	struct screens *s = xcalloc(1, sizeof(*s));
	char header[500], text[2000];
	struct ui_menu menu = { .id = "verified", .title = VERIFY_TITLE, .text = text };
	int r = OUT_AGAIN;

	s->args = args;
	s->ui = args->ui;
	probe_machine(args->probe.root, &s->machine);
	while (r == OUT_AGAIN) {
		struct fail medium = { 0 };

		r = medium_open(&args->probe, &s->manifest, &medium);
		content_list_done(&s->content);
		if (r == 0)
			r = medium_content(args->probe.source, &s->content, &medium);
		s->ui->header(s->ui, screens_header(&s->machine, r < 0 ? "" : s->manifest.version,
						    header, sizeof(header)));
		if (r == 0)
			r = verify(s, text, sizeof(text), why);
		else
			r = snprintf(text, sizeof(text),
				     "This medium cannot be used:\n%s\n\nMake it again.\n",
				     medium.msg) < 0;
		if (r < 0)
			break;
		/* "install" is not what ENTER does with a bad medium. */
		menu.chosen = r == 1 ? 0 : 1;
		/* ESC has nowhere to go back to. */
		do
			r = screens_way_out(s, &menu, outs, ARRAY_SIZE(outs), why);
		while (r == OUT_BACK);
	}
	content_list_done(&s->content);
	free(s);
	if (r == OUT_INSTALL)
		return screens_run(args, why);
	if (r == OUT_REBOOT)
		return EXIT_RESTART;
	return r == OUT_POWEROFF ? EXIT_POWEROFF : r;
}
