/* SPDX-License-Identifier: Apache-2.0 */
/* notice_lines - text as a raw terminal of 80 columns wants it. Pure. */
#ifndef PALETTE_NOTICE_LINES_H
#define PALETTE_NOTICE_LINES_H

#include <stddef.h>

/* Room for the lines of a text of @bytes. */
#define NOTICE_LINES_BYTES(bytes) (2 * (bytes))

/*
 * Ends each line of @text with CR LF and breaks those that are wider than 79 columns at spaces.
 * Returns how many bytes; @ret is not NUL-terminated. A CR begins the line again.
 */
size_t notice_lines(const char *text, char *ret);

#endif
