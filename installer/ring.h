/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - chunks that go from one thread that fills them to threads that use them, in order.
 *
 * Every user sees every chunk; a chunk's buffer is filled again when all have done with it. The first
 * failure of anyone ends all waits.
 */
#ifndef PALETTE_RING_H
#define PALETTE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define RING_CHUNK_BYTES ((size_t)4 << 20)
#define RING_CHUNKS	 8 /* at most */
#define RING_USERS	 2

struct ring_chunk {
	uint8_t *buf; /* RING_CHUNK_BYTES, aligned for O_DIRECT */
	size_t bytes;
	uint64_t offset; /* within the image */
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ring_chunk chunks[RING_CHUNKS];
	uint8_t *memory;
	size_t n_users, n_chunks;
	uint64_t n_filled, n_used[RING_USERS];
	bool ended;
	struct fail failed; /* code 0: nobody has */
};

void ring_init(struct ring *ring, size_t n_users, size_t n_chunks);
void ring_done(struct ring *ring);

/* The next chunk to fill; NULL when somebody failed. */
struct ring_chunk *ring_fill_begin(struct ring *ring);
void ring_fill_end(struct ring *ring);

/* Whether ring_fill_begin() would return at once. */
bool ring_has_room(struct ring *ring);

/* No more chunks will come. */
void ring_end(struct ring *ring);

/*
 * Waits for at least one chunk and returns how many of the next ones are there, at most @max; 0 at
 * the end or when somebody failed. ring_use_chunk() is the @i-th of them.
 */
size_t ring_use_begin(struct ring *ring, size_t user, size_t max);
struct ring_chunk *ring_use_chunk(struct ring *ring, size_t user, size_t i);
void ring_use_end(struct ring *ring, size_t user, size_t n);

/* Has @use every chunk until the end, one at a time; where that fails the ring does. */
void ring_each(struct ring *ring, size_t user,
	       int (*use)(const struct ring_chunk *chunk, void *arg, struct fail *why), void *arg);

/* Keeps the first one. */
void ring_fail(struct ring *ring, const struct fail *why);

/* After all threads ended: 0, or what ring_fail() was told. */
int ring_result(const struct ring *ring, struct fail *why);

struct ring_thread {
	void *(*start)(void *arg);
	void *arg;
};

#define RING_THREADS_MAX 2

/*
 * Starts @threads, does @work beside them in the caller's, and waits for all of them. Returns as
 * ring_result(); a thread that cannot be started is a failure of the ring.
 */
int ring_run(struct ring *ring, const struct ring_thread *threads, size_t n_threads,
	     void (*work)(void *arg), void *arg, struct fail *why);

#endif
