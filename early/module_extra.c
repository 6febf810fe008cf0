/* SPDX-License-Identifier: Apache-2.0 */
#include "module_extra.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"

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
