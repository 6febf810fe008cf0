/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - what terminals send for a key, made the same for all. Pure.
 *
 * The screen sends ESC [ [ A for F1, xterm ESC O P, PuTTY ESC [ 1 1 ~. The program behind the
 * pseudo-terminal knows the sequences of one terminal type; the others are translated to them.
 */
#ifndef PALETTE_KEYS_H
#define PALETTE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#define KEYS_SEQUENCE_MAX 8

struct keys {
	char held[KEYS_SEQUENCE_MAX]; /* the beginning of a sequence */
	size_t n_held;
};

/*
 * Takes @n bytes from a terminal and writes what the program shall get to @out, which must have room
 * for twice @n and KEYS_SEQUENCE_MAX bytes. Returns how many. A sequence that is not complete is held.
 */
size_t keys_translate(struct keys *keys, const char *in, size_t n, char *out);

/* The rest of it did not come in time: the person pressed ESC. Returns how many bytes. */
size_t keys_flush(struct keys *keys, char *out);

#endif
