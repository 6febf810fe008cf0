/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - text of strangers, before a bus, a JSON line or a terminal gets it. Pure. */
#ifndef PALETTE_UTF8_H
#define PALETTE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point at @p, 0 where it is malformed, overlong or a surrogate. */
size_t utf8_point(const unsigned char *p, uint32_t *ret);

/* C0, DEL or C1. */
bool utf8_is_control(uint32_t point);

/* Code points of UTF-8 text; bytes that start none are not counted. */
size_t utf8_length(const char *text);

/* Replaces by '?' what is not well-formed UTF-8 or a control character other than newline and tab. */
void utf8_clean(char *text);

/* Whether @text is well-formed UTF-8 without control characters (C0, DEL, C1). */
bool utf8_is_plain(const char *text);

#endif
