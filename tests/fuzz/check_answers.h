/* SPDX-License-Identifier: Apache-2.0 */
/* check_answers - what holds of answers that were taken, wherever they were read from. */
#ifndef PALETTE_FUZZ_CHECK_ANSWERS_H
#define PALETTE_FUZZ_CHECK_ANSWERS_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/preset.h"
#include "installer/answers.h"
#include "installer/disk_match.h"

/* What was taken can be used: every getter is happy, and the host reads its part without a mistake. */
static inline void check_answers(const struct answers *answers)
{
	struct plan_sizes sizes = plan_sizes_default;
	enum answers_action action;
	char shown[200], *settings;
	struct fail why = { 0 };

	for (size_t i = 0; i < answers->n; i++) {
		const struct answers_line *line = &answers->lines[i];

		assert(!strpbrk(line->key, "\r\n") && !strpbrk(line->value, "\r\n"));
		assert(answers->origins[line->source][0]);
		(void)answers_show(line, shown, sizeof(shown));
		if (strcmp(line->key, "account.password-hash") == 0)
			assert(!strstr(shown, "$"));
	}
	answers_get_sizes(answers, &sizes);
	(void)answers_get_action(answers, "action", &action);
	if (answers_get(answers, "disk"))
		assert(disk_match_check(answers_get(answers, "disk"), NULL) == 0);
	settings = answers_settings(answers);
	if (settings && answers_check(answers, &why) == 0) {
		struct preset *preset = calloc(1, sizeof(*preset));

		assert(preset && preset_read(settings, preset, &why) == 0);
		preset_done(preset);
		free(preset);
	}
	free(settings);
}

#endif
