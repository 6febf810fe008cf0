/* SPDX-License-Identifier: Apache-2.0 */
#include "module_extra.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"

size_t module_extra_wanted(const char *sys, char ret[MODULE_EXTRA_MAX][MODULE_ALIAS_BYTES])
{
	char path[600], class[16];
	struct dirent *entry;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/bus/pci/devices", sys);
	autoclosedir DIR *dir = opendir(path);
	while (dir && n < MODULE_EXTRA_MAX && (entry = readdir(dir))) {
		const char *function = entry->d_name;

		snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/class", sys, function);
		if (function[0] == '.' || file_read_line(path, class, sizeof(class)) < 0 ||
		    (strncmp(class, "0x01", 4) != 0 && strncmp(class, "0x0c04", 6) != 0))
			continue;
		snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver", sys, function);
		if (access(path, F_OK) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/modalias", sys, function);
		if (file_read_line(path, ret[n], MODULE_ALIAS_BYTES) == 0)
			n++;
	}
	return n;
}

/* The names that @now has and @before has not. */
static int list_new(struct module_index *before, const struct module_index *now, struct fail *why)
{
	autofree char *text = xcalloc(now->n_modules + 1, sizeof(now->modules[0].name) + 1);
	size_t n = 0, bytes = 0;

	for (size_t i = 0; i < now->n_modules; i++) {
		if (module_index_find(before, now->modules[i].name))
			continue;
		bytes += (size_t)sprintf(text + bytes, "%s\n", now->modules[i].name);
		n++;
	}
	log_info("drivers: %zu modules more than the initrd has", n);
	return file_write_atomic(MODULES_EXTRA_PATH, text, bytes, 0644, why);
}

int module_extra_unpack(struct modules *modules, const char *archive, struct fail *why)
{
	static const char script[] = "set -o pipefail; cd / && gunzip -c \"$1\" | cpio -idu";
	const char *const argv[] = { "sh", "-c", script, "sh", archive, NULL };
	struct modules more;
	int r = proc_run(argv, NULL, 0, why);

	if (r == 0)
		r = modules_open(modules->dir, modules->cmdline, &more, why);
	if (r == 0)
		r = list_new(&modules->index, &more.index, why);
	if (r < 0)
		return r;
	modules_read_aliases(&more);
	module_index_done(&modules->index);
	modules->index = more.index;
	return 0;
}
