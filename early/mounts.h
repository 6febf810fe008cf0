/* SPDX-License-Identifier: Apache-2.0 */
/* mounts - the kernel's file systems, and small things that go with mounting. */
#ifndef PALETTE_MOUNTS_H
#define PALETTE_MOUNTS_H

#include <stdbool.h>

#include "lib/fail.h"

/*
 * /proc /sys /dev /dev/pts /run /tmp; what is there already is left alone.
 */
int mounts_kernel(struct fail *why);

/* mount(2) with a message that names source and place. */
int mount_at(const char *source, const char *target, const char *type, unsigned long flags,
	     const char *options, struct fail *why);

/* Makes @path if there is no such directory; its parent must be there. */
int make_dir(const char *path, unsigned mode, struct fail *why);

/* Whether another file system than its parent's is mounted at @path. */
bool is_mount_point(const char *path);

/* Writes @text to @path, an attribute of the kernel's. 0 or -errno. */
int write_attribute(const char *path, const char *text);

#endif
