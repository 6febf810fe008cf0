/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module_index - depmod's modules.dep and modules.alias, ready for look-ups. Pure.
 *
 * In a module's name '-' and '_' are the same; here names have '_'.
 */
#ifndef PALETTE_MODULE_INDEX_H
#define PALETTE_MODULE_INDEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

struct module {
	char name[56];
	const char *path;    /* relative to the folder of modules.dep */
	const char *needs;   /* paths with spaces between them; the last is to be loaded first */
	bool blacklisted;    /* not to be loaded for a device */
	atomic_bool settled; /* loaded, or failed for good */
};

struct module_alias {
	const char *pattern;
	size_t n_literal; /* letters before the first wildcard */
	struct module *module;
};

struct module_index {
	char *dep_text, *alias_text; /* owned; all strings point into them */
	struct module *modules;	     /* sorted by name */
	size_t n_modules;
	struct module_alias *aliases;
	size_t n_aliases;
};

/* Takes modules.dep over and cuts it up. There are no aliases yet. */
void module_index_make(char *dep_text, struct module_index *index);

/* Takes modules.alias over and cuts it up; aliases of modules that are not there are left out. */
void module_index_add_aliases(struct module_index *index, char *alias_text);

/* Marks the modules of @names, which has commas between them. */
void module_index_blacklist(struct module_index *index, const char *names);

void module_index_done(struct module_index *index);

/* By name, or by path as modules.dep has it. NULL: not there. */
struct module *module_index_find(struct module_index *index, const char *name);

/*
 * The next module that drives @alias, from *@at on (start with 0); NULL: no more. Blacklisted ones
 * are left out.
 */
struct module *module_index_next(struct module_index *index, const char *alias, size_t *at);

/*
 * "NAME.option=value" words of @cmdline, joined by spaces as the kernel wants them for the module
 * @name. What does not fit is left out.
 */
void module_options(const char *cmdline, const char *name, char *buf, size_t size);

#endif
