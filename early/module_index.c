/* SPDX-License-Identifier: Apache-2.0 */
#include "module_index.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdline.h"
#include "lib/memory.h"

static size_t count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* "kernel/drivers/ata/ata-piix.ko" or "ata-piix" -> "ata_piix". */
static void name_of(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	char *dot;

	snprintf(buf, size, "%s", slash ? slash + 1 : path);
	dot = strstr(buf, ".ko");
	if (dot)
		*dot = '\0';
	for (; *buf; buf++) {
		if (*buf == '-')
			*buf = '_';
	}
}

static int compare_modules(const void *a, const void *b)
{
	return strcmp(((const struct module *)a)->name, ((const struct module *)b)->name);
}

void module_index_make(char *dep_text, struct module_index *index)
{
	char *rest = dep_text, *line;

	*index = (struct module_index){ .dep_text = dep_text };
	index->modules = xcalloc(count_lines(rest), sizeof(index->modules[0]));
	while ((line = strsep(&rest, "\n"))) {
		char *colon = strchr(line, ':');
		struct module *module = &index->modules[index->n_modules];

		if (!colon)
			continue;
		*colon = '\0';
		module->path = line;
		module->needs = colon + 1;
		name_of(line, module->name, sizeof(module->name));
		index->n_modules++;
	}
	qsort(index->modules, index->n_modules, sizeof(index->modules[0]), compare_modules);
}

void module_index_add_aliases(struct module_index *index, char *alias_text)
{
	char *rest = alias_text, *line;

	index->alias_text = alias_text;
	index->aliases = xcalloc(count_lines(rest), sizeof(index->aliases[0]));
	while ((line = strsep(&rest, "\n"))) {
		struct module_alias *alias = &index->aliases[index->n_aliases];
		char *pattern, *name;

		if (strncmp(line, "alias ", 6) != 0)
			continue;
		/* A pattern may have spaces in it, a module's name has none. */
		pattern = line + 6;
		name = strrchr(pattern, ' ');
		if (!name)
			continue;
		*name++ = '\0';
		alias->module = module_index_find(index, name);
		if (!alias->module)
			continue;
		alias->pattern = pattern;
		alias->n_literal = strcspn(pattern, "*?[");
		index->n_aliases++;
	}
}

void module_index_blacklist(struct module_index *index, const char *names)
{
	char name[64];

	while (*names) {
		size_t n = strcspn(names, ",");
		struct module *module;

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		module = module_index_find(index, name);
		if (module)
			module->blacklisted = true;
		names += n + (names[n] == ',');
	}
}

void module_index_done(struct module_index *index)
{
	free(index->aliases);
	free(index->modules);
	free(index->alias_text);
	free(index->dep_text);
	*index = (struct module_index){ 0 };
}

struct module *module_index_find(struct module_index *index, const char *name)
{
	struct module key;

	name_of(name, key.name, sizeof(key.name));
	return bsearch(&key, index->modules, index->n_modules, sizeof(key), compare_modules);
}

struct module *module_index_next(struct module_index *index, const char *alias, size_t *at)
{
	while (*at < index->n_aliases) {
		const struct module_alias *entry = &index->aliases[(*at)++];

		/* Nearly every pattern differs in its first letters: fnmatch() is for the rest. */
		if (strncmp(entry->pattern, alias, entry->n_literal) == 0 &&
		    !entry->module->blacklisted && fnmatch(entry->pattern, alias, 0) == 0)
			return entry->module;
	}
	return NULL;
}

void module_options(const char *cmdline, const char *name, char *buf, size_t size)
{
	char word[256], key[56];
	size_t used = 0;

	buf[0] = '\0';
	while (cmdline_next(&cmdline, word, sizeof(word))) {
		char *dot = strchr(word, '.');
		int n;

		if (!dot)
			continue;
		*dot = '\0';
		name_of(word, key, sizeof(key));
		if (strcmp(key, name) != 0)
			continue;
		n = snprintf(buf + used, size - used, "%s%s", used ? " " : "", dot + 1);
		if (n < 0 || (size_t)n >= size - used) {
			buf[used] = '\0';
			return;
		}
		used += (size_t)n;
	}
}
