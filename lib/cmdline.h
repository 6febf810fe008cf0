/* SPDX-License-Identifier: Apache-2.0 */
/* cmdline - the kernel's command line: words, and key=value among them. Pure. */
#ifndef PALETTE_CMDLINE_H
#define PALETTE_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_BYTES_MAX 4096

/*
 * The next word of *@at into @word without its quotes, which may stand around a word or a value; a
 * word longer than @size is cut. False at the end. Start with *@at at the whole line.
 */
bool cmdline_next(const char **at, char *word, size_t size);

/*
 * The value of the last "@key=value" into @buf. -ENOENT: none, @buf is empty; -ENOSPC: it does not
 * fit, @buf is empty.
 */
int cmdline_get(const char *line, const char *key, char *buf, size_t size);

/* Whether @word stands in @line by itself. */
bool cmdline_has(const char *line, const char *word);

#endif
