/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <string.h>

#include "target.h"

size_t feed_chunks(const struct manifest_file *file)
{
	return (size_t)((file->bytes + RING_CHUNK_BYTES - 1) / RING_CHUNK_BYTES);
}

size_t feed_chunk_bytes(uint64_t file_bytes, uint64_t at)
{
	uint64_t left = file_bytes - at;

	return left < RING_CHUNK_BYTES ? (size_t)left : RING_CHUNK_BYTES;
}

size_t feed_whole_bytes(size_t bytes)
{
	return (bytes + TARGET_ALIGN - 1) / TARGET_ALIGN * TARGET_ALIGN;
}

struct sum feed_sum(const struct ring_chunk *chunk)
{
	return sum_of(chunk->buf, feed_whole_bytes(chunk->bytes));
}

static int read_chunk(const struct feed *feed, struct ring_chunk *chunk, struct fail *why)
{
	int r;

	if (feed->turns && !turns_begin(feed->turns, feed->who, feed->file))
		return fail_with(why, ECANCELED, "another file failed");
	r = medium_file_read(feed->in, chunk->buf, chunk->bytes, chunk->offset, why);
	if (r == 0) {
		memset(chunk->buf + chunk->bytes, 0, feed_whole_bytes(chunk->bytes) - chunk->bytes);
		ring_fill_end(feed->ring);
	}
	if (feed->turns)
		turns_end(feed->turns, feed->who, r == 0 && ring_has_room(feed->ring));
	return r;
}

void *feed_ring(void *arg)
{
	const struct feed *feed = arg;
	uint64_t total = feed->in->file->bytes;
	struct fail why = { 0 };

	for (uint64_t at = 0; at < total; at += RING_CHUNK_BYTES) {
		struct ring_chunk *chunk = ring_fill_begin(feed->ring);

		if (!chunk)
			return NULL;
		chunk->offset = at;
		chunk->bytes = feed_chunk_bytes(total, at);
		if (read_chunk(feed, chunk, &why) < 0) {
			ring_fail(feed->ring, &why);
			return NULL;
		}
	}
	if (feed->turns)
		turns_leave(feed->turns, feed->who);
	ring_end(feed->ring);
	return NULL;
}

void *hash_ring(void *arg)
{
	struct hasher *hasher = arg;
	struct sha256_ctx hash;

	sha256_init(&hash);
	while (ring_use_begin(hasher->ring, hasher->user, 1) > 0) {
		const struct ring_chunk *chunk = ring_use_chunk(hasher->ring, hasher->user, 0);

		sha256_update(&hash, chunk->bytes, chunk->buf);
		if (hasher->look)
			hasher->look(chunk, hasher->arg);
		ring_use_end(hasher->ring, hasher->user, 1);
	}
	sha256_digest(&hash, sizeof(hasher->digest), hasher->digest);
	return NULL;
}
