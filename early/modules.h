/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modules - load kernel modules: by name here and now, for devices in a process of its own.
 *
 * finit_module() waits until the driver has looked at its devices, for some controllers half a
 * minute, and cannot be interrupted. So what devices need is loaded by the loader: a child process
 * with a thread per module that waits. It holds up nothing, not even switch_root.
 */
#ifndef PALETTE_MODULES_H
#define PALETTE_MODULES_H

#include <sys/types.h>

#include "lib/fail.h"
#include "module_index.h"

/* There until drivers for all devices are loaded, and while more are. */
#define MODULES_BUSY_PATH "/run/palette/drivers-starting"
/* Names of the modules that came from the extra archive, one a line; missing where it was not needed. */
#define MODULES_EXTRA_PATH "/run/palette/extra-modules"

/* On the loader's socket; no module's name begins like that. */
#define MODULES_LISTED "\n"
#define MODULES_EXTRA  "\t"

struct modules {
	struct module_index index;
	char dir[200];
	const char *cmdline; /* borrowed */
	int loader_fd;	     /* a packet socket to the loader, or -1 */
	pid_t loader;
};

/*
 * Reads modules.dep in @dir (/lib/modules/<release>). "module.option=" and "modprobe.blacklist=" of
 * @cmdline are heeded; it must outlive @ret.
 */
int modules_open(const char *dir, const char *cmdline, struct modules *ret, struct fail *why);

/* Reads modules.alias, which only the loader needs; what is wrong with it goes to the log. */
void modules_read_aliases(struct modules *modules);

/* Starts the loader. */
int modules_start(struct modules *modules, struct fail *why);

/* Ends the loader; a module it is loading right now will be loaded. */
void modules_stop(struct modules *modules);

/*
 * Asks the loader for a module by its name, or for all that drive a device by its modalias. Returns
 * at once. What was asked before, and what there is no module for, is ignored.
 */
void modules_queue(struct modules *modules, const char *name_or_alias);

/* Tells the loader that all devices that were there have been asked for. */
void modules_listed(struct modules *modules);

/*
 * Tells the loader of an archive (gzip, cpio) with the modules that the initrd does not have. When a
 * storage controller has no driver, it is unpacked and MODULES_EXTRA_PATH written.
 */
void modules_offer_extra(struct modules *modules, const char *archive);

/* Loads the module @name and what it needs; no module of that name counts as built in. */
int modules_load(struct modules *modules, const char *name, struct fail *why);

/* For the loader: loads all modules for @name_or_alias; and MODULES_BUSY_PATH is there again. */
void modules_load_for(struct modules *modules, const char *name_or_alias);
void modules_mark_busy(void);

#endif
