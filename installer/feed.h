/* SPDX-License-Identifier: Apache-2.0 */
/* feed - a file of the medium into a ring, chunk by chunk; what every thread that reads one does. */
#ifndef PALETTE_FEED_H
#define PALETTE_FEED_H

#include "medium.h"
#include "ring.h"

struct feed {
	struct ring *ring;
	struct medium_file *in;
};

/*
 * A thread's start routine; @arg is a struct feed. Zeros stand behind the last byte up to a multiple
 * of TARGET_ALIGN. Ends with ring_end() or ring_fail().
 */
void *feed_ring(void *arg);

#endif
