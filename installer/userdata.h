/* SPDX-License-Identifier: Apache-2.0 */
/*
 * userdata - cloud-init's user-data and meta-data as answers: the subset that docs/ANSWERS.md lists.
 *
 * Pure; libyaml reads the YAML. What is not understood is an error that names it and its line: a host
 * must not be half what its file says. No aliases, no tags, one document.
 */
#ifndef PALETTE_USERDATA_H
#define PALETTE_USERDATA_H

#include <stddef.h>

#include "answers.h"
#include "lib/fail.h"

struct userdata {
	struct answers_pair *pairs;
	size_t n;
};

/*
 * -EINVAL: what is not understood, up to eight of it, or "line N: ...". @not_read: code 0, or what is taken
 * for granted to be of no use here. @ret is set on success only.
 */
int userdata_parse(const char *text, size_t bytes, struct userdata *ret, struct fail *not_read,
		   struct fail *why);

/* The same of NoCloud's meta-data: its local-hostname; other names are not read. */
int userdata_parse_meta(const char *text, size_t bytes, struct userdata *ret, struct fail *not_read,
			struct fail *why);

/* Frees what is inside, with its secrets overwritten; fine on a zeroed one. */
void userdata_done(struct userdata *userdata);

/* answers_add() of user-data. Messages begin with @origin. */
int userdata_add(struct answers *answers, enum answers_source source, const char *origin,
		 const char *text, size_t bytes, struct fail *not_read, struct fail *why);

/* answers_add() of meta-data, before user-data of the same place, which wins. */
int userdata_add_meta(struct answers *answers, enum answers_source source, const char *origin,
		      const char *text, size_t bytes, struct fail *not_read, struct fail *why);

#endif
