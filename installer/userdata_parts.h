/* SPDX-License-Identifier: Apache-2.0 */
/* userdata_parts - what user-data and meta-data share: the answers, and lists of names. Pure. */
#ifndef PALETTE_USERDATA_PARTS_H
#define PALETTE_USERDATA_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"
#include "userdata.h"
#include "userdata_tree.h"

#define USERDATA_NAMES_SHOWN 8

/* "runcmd (line 12), users/0/sudo (line 5)": names of a document; how many more there are is counted. */
struct userdata_names {
	char text[300];
	char last
		[512]; /* what is below one name comes one after the other, and is that name once */
	size_t used, shown, n;
};

void userdata_names_add(struct userdata_names *names, const char *name, size_t bytes,
			unsigned line);

/* "@what: NAME (line N), ... and 3 more". Returns -@code. */
int userdata_names_fail(const struct userdata_names *names, int code, const char *what,
			struct fail *why);

/* NULL: nothing has said that key. */
struct answers_pair *userdata_find(const struct userdata *data, const char *key);

/* Whether @pair says @value already; a line end behind it does not count. */
bool userdata_is_value(const struct answers_pair *pair, const char *value);

void userdata_push(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
		   const char *value);

/*
 * Several paths may set one key: the same value is said once, another one is refused. The values are
 * not shown, they may be secret.
 */
int userdata_add_pair(struct userdata *data, const struct userdata_leaf *leaf, const char *key,
		      const char *value, struct fail *why);

#endif
