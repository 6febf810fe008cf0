/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "target.h"

void ring_init(struct ring *ring, size_t n_users, size_t n_chunks)
{
	void *memory = NULL;

	assert(n_users <= RING_USERS && n_chunks <= RING_CHUNKS);
	*ring = (struct ring){ .n_users = n_users, .n_chunks = n_chunks };
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	if (posix_memalign(&memory, TARGET_ALIGN, n_chunks * RING_CHUNK_BYTES) != 0)
		abort(); /* as xmalloc() */
	ring->memory = memory;
	for (size_t i = 0; i < n_chunks; i++)
		ring->chunks[i].buf = ring->memory + i * RING_CHUNK_BYTES;
}

void ring_done(struct ring *ring)
{
	free(ring->memory);
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
}

/* The slowest user's count: what is before it may be filled again. */
static uint64_t released(const struct ring *ring)
{
	uint64_t n = ring->n_used[0];

	for (size_t i = 1; i < ring->n_users; i++) {
		if (ring->n_used[i] < n)
			n = ring->n_used[i];
	}
	return n;
}

static bool has_room(const struct ring *ring)
{
	return ring->n_filled - released(ring) < ring->n_chunks;
}

bool ring_has_room(struct ring *ring)
{
	bool room;

	pthread_mutex_lock(&ring->lock);
	room = ring->failed.code || has_room(ring);
	pthread_mutex_unlock(&ring->lock);
	return room;
}

struct ring_chunk *ring_fill_begin(struct ring *ring)
{
	struct ring_chunk *chunk = NULL;

	pthread_mutex_lock(&ring->lock);
	while (!ring->failed.code && !has_room(ring))
		pthread_cond_wait(&ring->changed, &ring->lock);
	if (!ring->failed.code)
		chunk = &ring->chunks[ring->n_filled % ring->n_chunks];
	pthread_mutex_unlock(&ring->lock);
	return chunk;
}

void ring_fill_end(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->n_filled++;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_end(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

size_t ring_use_begin(struct ring *ring, size_t user, size_t max)
{
	uint64_t n = 0;

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		n = ring->n_filled - ring->n_used[user];
		if (ring->failed.code || n > 0 || ring->ended)
			break;
		pthread_cond_wait(&ring->changed, &ring->lock);
	}
	if (ring->failed.code)
		n = 0;
	pthread_mutex_unlock(&ring->lock);
	return n < max ? (size_t)n : max;
}

struct ring_chunk *ring_use_chunk(struct ring *ring, size_t user, size_t i)
{
	return &ring->chunks[(ring->n_used[user] + i) % ring->n_chunks];
}

void ring_use_end(struct ring *ring, size_t user, size_t n)
{
	pthread_mutex_lock(&ring->lock);
	ring->n_used[user] += n;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_each(struct ring *ring, size_t user,
	       int (*use)(const struct ring_chunk *chunk, void *arg, struct fail *why), void *arg)
{
	struct fail why = { 0 };

	while (ring_use_begin(ring, user, 1) > 0) {
		if (use(ring_use_chunk(ring, user, 0), arg, &why) < 0) {
			ring_fail(ring, &why);
			return;
		}
		ring_use_end(ring, user, 1);
	}
}

void ring_fail(struct ring *ring, const struct fail *why)
{
	pthread_mutex_lock(&ring->lock);
	if (!ring->failed.code)
		ring->failed = *why;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

int ring_result(const struct ring *ring, struct fail *why)
{
	if (!ring->failed.code)
		return 0;
	if (why)
		*why = ring->failed;
	return -ring->failed.code;
}

int ring_run(struct ring *ring, const struct ring_thread *threads, size_t n_threads,
	     void (*work)(void *arg), void *arg, struct fail *why)
{
	pthread_t ids[RING_THREADS_MAX];
	size_t n = 0;

	assert(n_threads <= RING_THREADS_MAX);
	for (; n < n_threads; n++) {
		int r = pthread_create(&ids[n], NULL, threads[n].start, threads[n].arg);
		struct fail no_thread;

		if (r == 0)
			continue;
		(void)fail_errno(&no_thread, r, "start a thread");
		ring_fail(ring, &no_thread);
		break;
	}
	work(arg);
	for (size_t i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	return ring_result(ring, why);
}
