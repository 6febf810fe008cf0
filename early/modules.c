/* SPDX-License-Identifier: Apache-2.0 */
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot_clock.h"
#include "child.h"
#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "module_loader.h"

#define DEP_BYTES_MAX	(4 * MIB)
#define ALIAS_BYTES_MAX (16 * MIB)

static int load_file(struct modules *modules, struct module *module)
{
	int64_t start_ms = boot_clock_ms();
	char path[400], options[512];
	int r = 0;

	snprintf(path, sizeof(path), "%s/%s", modules->dir, module->path);
	module_options(modules->cmdline, module->name, options, sizeof(options));
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, options, 0) < 0)
		r = -errno;
	log_debug("module %s: %s, %jd ms", module->name, r ? strerror(-r) : "loaded",
		  (intmax_t)(boot_clock_ms() - start_ms));
	/* Another thread or process, or the kernel by itself, was first. */
	return r == -EEXIST ? 0 : r;
}

/* Asking first is cheaper: finit_module() checks the signature before it finds the module there. */
static bool is_live(const struct module *module)
{
	char path[128], state[16];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module->name);
	return file_read_line(path, state, sizeof(state)) == 0 && strcmp(state, "live") == 0;
}

static int load_one(struct modules *modules, struct module *module)
{
	int r;

	if (atomic_load(&module->settled))
		return 0;
	r = is_live(module) ? 0 : load_file(modules, module);
	atomic_store(&module->settled, true);
	/* ENODEV: a driver that finds nothing to drive, e.g. for another make of processor. */
	if (r < 0 && r != -ENODEV)
		log_warn("load module %s: %s", module->name, strerror(-r));
	return r;
}

/* Two may load the same module at once: the kernel lets the second wait for the first. */
static int load_with_needs(struct modules *modules, struct module *module)
{
	const char *end = module->needs + strlen(module->needs), *start;
	char path[256];

	if (atomic_load(&module->settled))
		return 0;
	while (end > module->needs) {
		for (start = end; start > module->needs && start[-1] != ' '; start--)
			;
		if (start < end) {
			struct module *need;

			snprintf(path, sizeof(path), "%.*s", (int)(end - start), start);
			need = module_index_find(&modules->index, path);
			if (need)
				(void)load_one(modules, need);
		}
		end = start > module->needs ? start - 1 : start;
	}
	return load_one(modules, module);
}

int modules_load(struct modules *modules, const char *name, struct fail *why)
{
	struct module *module = module_index_find(&modules->index, name);
	int r = module ? load_with_needs(modules, module) : 0;

	return r < 0 ? fail_errno(why, -r, "load kernel module %s", name) : 0;
}

void modules_load_for(struct modules *modules, const char *name_or_alias)
{
	struct module *module = NULL;
	size_t at = 0;

	/* A modalias has a ':' behind its bus; a name has none. */
	if (!strchr(name_or_alias, ':')) {
		module = module_index_find(&modules->index, name_or_alias);
		if (module)
			(void)load_with_needs(modules, module);
		return;
	}
	while ((module = module_index_next(&modules->index, name_or_alias, &at)))
		(void)load_with_needs(modules, module);
}

int modules_open(const char *dir, const char *cmdline, struct modules *ret, struct fail *why)
{
	char path[256], names[512];
	char *text;
	int r;

	*ret = (struct modules){ .cmdline = cmdline, .loader_fd = -1 };
	snprintf(ret->dir, sizeof(ret->dir), "%s", dir);
	snprintf(path, sizeof(path), "%s/modules.dep", dir);
	r = file_read(path, DEP_BYTES_MAX, &text, NULL, why);
	if (r < 0)
		return r;
	module_index_make(text, &ret->index);
	(void)cmdline_get(cmdline, "modprobe.blacklist", names, sizeof(names));
	module_index_blacklist(&ret->index, names);
	return 0;
}

void modules_read_aliases(struct modules *modules)
{
	struct fail why = { 0 };
	char path[256];
	char *text;

	snprintf(path, sizeof(path), "%s/modules.alias", modules->dir);
	if (file_read(path, ALIAS_BYTES_MAX, &text, NULL, &why) < 0)
		log_warn("%s", why.msg);
	else
		module_index_add_aliases(&modules->index, text);
}

void modules_mark_busy(void)
{
	int fd = open(MODULES_BUSY_PATH, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
}

int modules_start(struct modules *modules, struct fail *why)
{
	int fds[2];

	modules_mark_busy();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return fail_errno(why, errno, "make a socket for the module loader");
	modules->loader = fork();
	if (modules->loader < 0) {
		close(fds[0]);
		close(fds[1]);
		return fail_errno(why, errno, "start the module loader");
	}
	if (modules->loader == 0) {
		close(fds[0]);
		child_setup();
		module_loader_run(modules, fds[1]);
	}
	close(fds[1]);
	modules->loader_fd = fds[0];
	return 0;
}

void modules_stop(struct modules *modules)
{
	if (modules->loader_fd < 0)
		return;
	close(modules->loader_fd);
	modules->loader_fd = -1;
	(void)kill(modules->loader, SIGKILL);
	(void)unlink(MODULES_BUSY_PATH);
}

void modules_queue(struct modules *modules, const char *name_or_alias)
{
	if (modules->loader_fd < 0)
		return;
	if (send(modules->loader_fd, name_or_alias, strlen(name_or_alias), MSG_NOSIGNAL) < 0)
		log_warn("ask for module %s: %s", name_or_alias, strerror(errno));
}

void modules_listed(struct modules *modules)
{
	modules_queue(modules, MODULES_LISTED);
}

void modules_offer_extra(struct modules *modules, const char *archive)
{
	autofree char *message = xasprintf(MODULES_EXTRA "%s", archive);

	modules_queue(modules, message);
}
