/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grubenv - GRUB's environment block: the few variables that outlive a boot.
 *
 * Pure: bytes in, bytes out. The block is always 1024 bytes: a header line, "name=value" lines, then
 * '#' to the end. GRUB writes it in place through a list of disk sectors, so the file may never be
 * replaced or change its length: write all of the block with one pwrite() at offset 0.
 */
#ifndef PALETTE_GRUBENV_H
#define PALETTE_GRUBENV_H

#include <stdbool.h>
#include <stddef.h>

#include "fail.h"

#define GRUBENV_BYTES 1024

/* Lines are kept as they are on disk, so that variables of others pass through unharmed. */
struct grubenv {
	char text[GRUBENV_BYTES + 1]; /* header and lines, NUL-terminated; no fill */
	size_t n_text;
};

/* An empty block. */
void grubenv_init(struct grubenv *env);

/*
 * Takes a block of @bytes apart. -EINVAL: not 1024 bytes, no header, or a line that is no
 * "name=value"; @ret is set on success only.
 */
int grubenv_parse(const void *block, size_t bytes, struct grubenv *ret, struct fail *why);

/*
 * The value of @name into @buf. -ENOENT: there is no such variable, @buf is empty; -ENOSPC: @buf is
 * too small for it.
 */
int grubenv_get(const struct grubenv *env, const char *name, char *buf, size_t size);

/* -EINVAL: a name GRUB would not take; -ENOSPC: the block is full. @env is unchanged on failure. */
int grubenv_set(struct grubenv *env, const char *name, const char *value, struct fail *why);

/* Nothing happens when there is no such variable. */
void grubenv_unset(struct grubenv *env, const char *name);

/* The whole block. */
void grubenv_format(const struct grubenv *env, char block[static GRUBENV_BYTES]);

#endif
