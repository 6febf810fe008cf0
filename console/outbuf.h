/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbuf - what a console has still to be sent. Pure.
 *
 * Bounded: a console that does not keep up loses all it has not got, and is "stale" until somebody
 * has it repainted. Part of a screen is worth nothing.
 */
#ifndef PALETTE_OUTBUF_H
#define PALETTE_OUTBUF_H

#include <stdbool.h>
#include <stddef.h>

#define OUTBUF_BYTES 16384 /* some full screens of 80x24 */

struct outbuf {
	char data[OUTBUF_BYTES];
	size_t start, n;
	bool stale;
};

/* Appends; ignored while stale. What does not fit makes it stale and empty. */
void outbuf_add(struct outbuf *buf, const char *data, size_t n);

/* The next bytes to send, as many as lie together; NULL when there are none. */
const char *outbuf_next(const struct outbuf *buf, size_t *ret_n);
void outbuf_sent(struct outbuf *buf, size_t n);

/* Empty and not stale. */
void outbuf_reset(struct outbuf *buf);

#endif
