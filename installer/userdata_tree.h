/* SPDX-License-Identifier: Apache-2.0 */
/* userdata_tree - the leaves of a YAML document, each with its path. Pure; libyaml reads. */
#ifndef PALETTE_USERDATA_TREE_H
#define PALETTE_USERDATA_TREE_H

#include <stddef.h>

#include "lib/fail.h"

struct userdata_leaf {
	const char *path;      /* "users/0/name" */
	const char *value;     /* NULL: null, or an empty list or mapping */
	unsigned line;	       /* from 1 */
	const unsigned *lines; /* where each part of the path stands */
};

/* Calls @take for every leaf. Its failure and ours get the line before them. */
int userdata_tree(const char *text, size_t bytes,
		  int (*take)(const struct userdata_leaf *leaf, void *arg, struct fail *why),
		  void *arg, struct fail *why);

#endif
