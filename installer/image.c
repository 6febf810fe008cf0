/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/memory.h"
#include "feed.h"
#include "read_back.h"
#include "ring.h"
#include "span.h"

/*
 * Chunks that go to one slot before the other's turn: 16 MiB at a time keep the seeks between the
 * slots of a spinning disk to a tenth of the writing.
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

	flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES] = feed_sum(chunk);
}

static int write_batch(struct flow *flow, size_t n, struct fail *why)
{
	for (size_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		for (size_t i = 0; i < n; i++) {
			const struct ring_chunk *chunk = ring_use_chunk(&flow->ring, USER_WRITE, i);
			int r = meter_check(flow->target->meter, why);

			if (r == 0)
				r = span_write(flow->target, chunk->buf,
					       feed_whole_bytes(chunk->bytes),
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

int image_read_back(const struct manifest_file *file, struct target *target,
		    const uint64_t offsets[IMAGE_SLOTS], const struct image_sums *sums,
		    bool *ret_cached, struct fail *why)
{
	static const char *const names[IMAGE_SLOTS] = { "slot a", "slot b" };
	int r = 0;

	*ret_cached = false;
	target_forget(target);
	for (size_t slot = 0; slot < IMAGE_SLOTS && r == 0; slot++) {
		const struct target_extent whole = { offsets[slot], feed_whole_bytes(file->bytes) };
		const struct read_back what = { .name = names[slot],
						.extents = &whole,
						.bytes = file->bytes,
						.sums = sums->chunks };

		r = read_back(target, &what, ret_cached, why);
	}
	return r;
}
