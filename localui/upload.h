/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upload - bytes of a request's body into a file.
 *
 * A thread of its own writes them, so that a slow disk stops nobody else: the loop fills one buffer
 * while the thread empties the other, and the connection rests while both are full.
 */
#ifndef PALETTE_LOCALUI_UPLOAD_H
#define PALETTE_LOCALUI_UPLOAD_H

#include "exchange.h"

/*
 * Takes @fd over, writes what comes at @offset; @most bytes are taken. When all of the body is
 * written @done is called; x->upload tells how much. Answers the exchange where it cannot begin.
 */
void upload_begin(struct exchange *x, int fd, uint64_t offset, uint64_t most,
		  void (*done)(struct exchange *x));
uint64_t upload_offset(const struct exchange *x);
/* Closes the file once all is written: the host service verifies it only then. */
void upload_close(struct exchange *x);
/* Lets go of it; what is not written yet is written behind our back. */
void upload_end(struct exchange *x);

enum MHD_Result upload_receive(struct exchange *x, const char *data, size_t *bytes);
void upload_receive_end(struct exchange *x);

#endif
