/* SPDX-License-Identifier: Apache-2.0 */
/* screens_reset.c - the one question before a factory reset that nobody asked for over the network. */
#include "screens_parts.h"

#include <stdio.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/monotonic.h"

#define ANSWER_SECONDS 60
#define TICK_MS	       1000

const char screens_reset_text[] =
	"This host goes back to the state right after its first configuration.\n"
	"\n"
	"Kept  accounts with their passwords and SSH keys; host name, network, DNS,\n"
	"      time servers, proxy and its certificates; the host's own identity\n"
	"      and keys; the audit log\n"
	"Lost  everything else on the data partition: content, links to other hosts,\n"
	"      logs, and the files in the homes\n";

void screens_own_header(struct ui *ui, const char *root)
{
	char path[300], line[120], version[64] = "", header[500];
	autofclose FILE *conf = NULL;
	struct machine machine;

	snprintf(path, sizeof(path), "%s/etc/palette/image.conf", root);
	conf = fopen(path, "re");
	while (conf && !version[0] && fgets(line, sizeof(line), conf))
		(void)sscanf(line, "version = %63s", version);
	probe_machine(root, &machine);
	ui->header(ui, screens_header(&machine, version, header, sizeof(header)));
}

int screens_reset_question(struct screens_args *args, struct fail *why)
{
	uint64_t end_ms = monotonic_ms() + ANSWER_SECONDS * UINT64_C(1000), now_ms;
	char text[800];
	struct ui_page page = { .id = "reset",
				.title = "Palette Edge factory reset",
				.text = text,
				.ok_label = "Start normally",
				.extra_label = "F2 Factory reset",
				.tick_ms = TICK_MS };
	int r = UI_TICK;

	screens_own_header(args->ui, args->probe.root);
	while (r == UI_TICK && (now_ms = monotonic_ms()) < end_ms) {
		snprintf(text, sizeof(text),
			 "%s\nWithout an answer this host starts normally in %u s.\n",
			 screens_reset_text, (unsigned)((end_ms - now_ms + 999) / 1000));
		r = args->ui->page(args->ui, &page, why);
	}
	log_info("factory reset: %s", r == UI_EXTRA ? "confirmed" : "not confirmed");
	if (r < 0)
		return r;
	return r == UI_EXTRA ? EXIT_RESET : EXIT_INSTALLED;
}
