/* SPDX-License-Identifier: Apache-2.0 */
/*
 * userdata - cloud-init's user-data as answers: the subset that docs/ANSWERS.md lists.
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

/* -EINVAL: "line N: ...". @ret is set on success only. */
int userdata_parse(const char *text, size_t bytes, struct userdata *ret, struct fail *why);

/* Frees what is inside, with its secrets overwritten; fine on a zeroed one. */
void userdata_done(struct userdata *userdata);

#endif
