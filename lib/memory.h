/* SPDX-License-Identifier: Apache-2.0 */
/* memory - allocation that ends the program when there is none; for tools, not for services. */
#ifndef PALETTE_MEMORY_H
#define PALETTE_MEMORY_H

#include <stddef.h>

/* All are freed with free(). xcalloc checks the product for overflow. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
