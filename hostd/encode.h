/* SPDX-License-Identifier: Apache-2.0 */
/* encode - base64, hexadecimal, and strings of JSON. Pure. */
#ifndef PALETTE_ENCODE_H
#define PALETTE_ENCODE_H

#include <stddef.h>

/*
 * Strict base64 of @n characters: padded, nothing but blanks and newlines between. NULL where it is
 * none; caller frees. A NUL stands behind the bytes.
 */
unsigned char *base64_decode(const char *text, size_t n, size_t *ret_bytes);

/* With padding; caller frees. NULL: out of memory. */
char *base64_encode(const unsigned char *data, size_t bytes);

/* Lower case; @buf holds 2 * @bytes + 1. Returns @buf. */
char *hex_encode(const unsigned char *data, size_t bytes, char *buf);

/* "AB:CD:..." as browsers show a fingerprint; @buf holds 3 * @bytes. Returns @buf. */
char *hex_encode_colons(const unsigned char *data, size_t bytes, char *buf);

/*
 * @text as a JSON string with its quotes; cut where it does not fit, still well-formed, with "?" for each
 * byte that is no UTF-8. Returns @buf.
 */
char *json_quote(const char *text, char *buf, size_t size);

/* Compares in constant time. 1: equal. */
int equal_constant_time(const void *a, const void *b, size_t bytes);

#endif
