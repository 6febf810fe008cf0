/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers - what an installation is told instead of asked: "key = value" lines (docs/ANSWERS.md).
 *
 * Pure. Lines come from several places, of which a later one wins key by key; who asks what a key is
 * set to can say where from. The keys of the installation are in here, those of the installed host
 * are palette-hostd's (docs/SETTINGS.md) and are checked by its rules. A line that is not understood
 * is refused with its place, and then nothing of its text is taken.
 */
#ifndef PALETTE_ANSWERS_H
#define PALETTE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "plan.h"

#define ANSWERS_BYTES_MAX 262144 /* of one text */
#define ANSWERS_MEDIUM	  "palette/answers.conf"

/* When the installation is complete; or when it failed. */
enum answers_action { ANSWERS_NOTHING, ANSWERS_REBOOT, ANSWERS_POWEROFF, ANSWERS_ACTIONS };

/* In the order in which they win: a later one over an earlier one. */
enum answers_source {
	ANSWERS_OF_MEDIUM,
	ANSWERS_OF_SEED,
	ANSWERS_OF_GUESTINFO,
	ANSWERS_OF_KERNEL,
	ANSWERS_OF_FILE, /* --answers */
	ANSWERS_SOURCES,
};

struct answers_line {
	char *key, *value;
	enum answers_source source;
};

struct answers {
	struct answers_line *lines;
	size_t n;
	/* "the medium", "/dev/sdb1 (PALETTE_SEED)": where each came from; empty: it gave nothing */
	char origins[ANSWERS_SOURCES][96];
};

/* Frees what is inside, with its secrets overwritten; fine on a zeroed one. */
void answers_done(struct answers *answers);

/* Whether @text is cloud-init's user-data, by its first line: "#cloud-config". */
bool answers_is_user_data(const char *text, size_t bytes);

/*
 * Takes the lines of @text, which came from @origin. -EINVAL names the line and its mistake; @answers
 * is unchanged then.
 */
int answers_add(struct answers *answers, enum answers_source source, const char *origin,
		const char *text, size_t bytes, struct fail *why);

/*
 * Of a text that was refused, what it says about that and no more: valid lines of "unattended",
 * "on-failure" and "progress", also as user-data and kernel arguments have them.
 */
void answers_add_orders(struct answers *answers, enum answers_source source, const char *origin,
			const char *text, size_t bytes);

/* One answer that was read from something else than "key = value" lines. */
struct answers_pair {
	char *key, *value;
	char *path; /* the name it has there */
	unsigned line;
};

/* The same for answers that are in pieces already. */
int answers_add_pairs(struct answers *answers, enum answers_source source, const char *origin,
		      const struct answers_pair *pairs, size_t n, struct fail *why);

/* The same from kernel arguments: palette.KEY=VALUE, but for those that are the boot's own. */
int answers_add_cmdline(struct answers *answers, const char *cmdline, struct fail *why);

/*
 * What no line shows by itself: call it when all places were read. -EINVAL: lines contradict each other;
 * -ENODATA: no mistake, but something is missing that another place may have.
 */
int answers_check(const struct answers *answers, struct fail *why);

/* -ENODATA names what an unattended run cannot do without, where it is to be one and is not told. */
int answers_check_unattended(const struct answers *answers, struct fail *why);

/* The value, checked when it was added; NULL: not answered. */
const char *answers_get(const struct answers *answers, const char *key);

/* "yes" was said. */
bool answers_yes(const struct answers *answers, const char *key);

/* False: not answered, @ret is unchanged. */
bool answers_get_action(const struct answers *answers, const char *key, enum answers_action *ret);

/* Replaces the sizes that are answered. */
void answers_get_sizes(const struct answers *answers, struct plan_sizes *sizes);

/* Whether the key is one of the installed host rather than of the installation. */
bool answers_is_setting(const char *key);

/* The lines of the installed host as its settings file; NULL: there are none. Caller frees. */
char *answers_settings(const struct answers *answers);

/*
 * A line a person may see: secrets are "(set)", long values are cut. Returns @buf.
 */
const char *answers_show(const struct answers_line *line, char *buf, size_t size);

/* "nothing", "reboot", "poweroff". */
const char *answers_action_name(enum answers_action action);

/* -EINVAL names @text and the three it may be. */
int answers_action_parse(const char *text, enum answers_action *ret, struct fail *why);

#endif
