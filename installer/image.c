/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "feed.h"
#include "ring.h"
#include "span.h"

/*
 * Chunks that go to or come from one slot before the other's turn: 16 MiB at a time keep the seeks
 * between the slots of a spinning disk to a tenth of the writing.
 */
#define BATCH_CHUNKS 4

#define USER_HASH  0
#define USER_WRITE 1

struct flow {
	struct ring ring;
	struct medium_file *in;
	struct target *target;
	struct image_sums *sums;
	const uint64_t *offsets; /* of the slots on the target */
};

void image_sums_done(struct image_sums *sums)
{
	free(sums->chunks);
	*sums = (struct image_sums){ 0 };
}

static void sum_chunk(const struct ring_chunk *chunk, void *arg)
{
	const struct flow *flow = arg;

	flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES] = sum_of(chunk->buf, chunk->bytes);
}

static int write_batch(struct flow *flow, size_t n, struct fail *why)
{
	for (size_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		for (size_t i = 0; i < n; i++) {
			const struct ring_chunk *chunk = ring_use_chunk(&flow->ring, USER_WRITE, i);
			int r = meter_check(flow->target->meter, why);

			if (r == 0)
				r = span_write(flow->target, chunk->buf, chunk->bytes,
					       flow->offsets[slot] + chunk->offset, why);
			if (r == 0)
				meter_add(flow->target->meter, chunk->bytes);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void write_all(void *arg)
{
	struct flow *flow = arg;
	struct fail why = { 0 };
	size_t n;

	while ((n = ring_use_begin(&flow->ring, USER_WRITE, BATCH_CHUNKS)) > 0) {
		if (write_batch(flow, n, &why) < 0) {
			ring_fail(&flow->ring, &why);
			return;
		}
		ring_use_end(&flow->ring, USER_WRITE, n);
	}
}

int image_write(const struct medium *medium, const struct manifest_file *file,
		struct target *target, const uint64_t offsets[IMAGE_SLOTS], struct image_sums *ret,
		struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	struct flow flow = { .in = &in, .target = target, .sums = ret, .offsets = offsets };
	struct feed feed = { .ring = &flow.ring, .in = &in };
	struct hasher hasher = {
		.ring = &flow.ring, .user = USER_HASH, .look = sum_chunk, .arg = &flow
	};
	const struct ring_thread threads[] = { { feed_ring, &feed }, { hash_ring, &hasher } };
	int r;

	r = medium_file_open(medium, file, &in, why);
	if (r < 0)
		return r;
	ret->n_chunks = feed_chunks(file);
	ret->chunks = xcalloc(ret->n_chunks + 1, sizeof(*ret->chunks));
	ring_init(&flow.ring, 2, RING_CHUNKS);
	r = ring_run(&flow.ring, threads, ARRAY_SIZE(threads), write_all, &flow, why);
	ring_done(&flow.ring);
	if (r == 0)
		r = target_flush(target, why);
	if (r == 0)
		r = medium_check_digest(&in, hasher.digest, why);
	return r;
}

/* One slot's chunks from byte @at of the image on, of which there are @end bytes, each into @buf. */
static int read_batch(struct target *target, size_t slot, uint64_t offset, uint64_t at,
		      uint64_t end, const struct image_sums *sums, uint8_t *buf, bool *cached,
		      struct fail *why)
{
	for (size_t i = 0; i < BATCH_CHUNKS && at < end; i++) {
		size_t bytes = end - at < RING_CHUNK_BYTES ? (size_t)(end - at) : RING_CHUNK_BYTES;
		int r = span_read(target, buf, bytes, offset + at, cached, why);

		if (r < 0)
			return r;
		if (!sum_same(sum_of(buf, bytes), sums->chunks[at / RING_CHUNK_BYTES]))
			return fail_with(
				why, EBADMSG,
				"%s does not return what was written: bytes %ju to %ju (slot %c) "
				"are wrong; the disk or its cable is damaged",
				target->path, (uintmax_t)(offset + at),
				(uintmax_t)(offset + at + bytes - 1), (int)('a' + slot));
		meter_add(target->meter, bytes);
		at += bytes;
	}
	return 0;
}

int image_read_back(const struct manifest_file *file, struct target *target,
		    const uint64_t offsets[IMAGE_SLOTS], const struct image_sums *sums,
		    bool *ret_cached, struct fail *why)
{
	autofree void *buf = NULL;
	bool cached = false;
	int r = 0;

	if (posix_memalign(&buf, TARGET_ALIGN, RING_CHUNK_BYTES) != 0)
		abort(); /* as xmalloc() */
	target_forget(target);
	for (uint64_t at = 0; at < file->bytes && r == 0;
	     at += (uint64_t)BATCH_CHUNKS * RING_CHUNK_BYTES) {
		for (size_t slot = 0; slot < IMAGE_SLOTS && r == 0; slot++)
			r = read_batch(target, slot, offsets[slot], at, file->bytes, sums, buf,
				       &cached, why);
	}
	*ret_cached = cached;
	return r;
}
