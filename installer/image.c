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
 * Chunks that go to one slot before the other's turn: 16 MiB at a time keep the seeks between the
 * slots of a spinning disk to a tenth of the writing.
 */
#define BATCH_CHUNKS 4

#define USER_HASH  0
#define USER_WRITE 1

struct flow {
	struct ring ring;
	struct medium_file *in; /* image_write() only */
	struct target *target;
	struct image_sums *sums;
	const uint64_t *offsets; /* of the slots on the target */
	bool cached;		 /* read back through the page cache */
	uint64_t bytes;		 /* of the image; image_read_back() only, like other */
	uint8_t *other;		 /* a chunk of the second slot */
};

void image_sums_done(struct image_sums *sums)
{
	free(sums->chunks);
	*sums = (struct image_sums){ 0 };
}

static int bad_range(const struct target *target, size_t slot, uint64_t offset, size_t bytes,
		     struct fail *why)
{
	return fail_with(
		why, EBADMSG,
		"%s does not return what was written: bytes %ju to %ju (slot %c) are wrong; "
		"the disk or its cable is damaged",
		target->path, (uintmax_t)offset, (uintmax_t)(offset + bytes - 1),
		(int)('a' + slot));
}

/* Makes the quick sum while writing; reading back, compares it. */
static void sum_chunk(const struct ring_chunk *chunk, void *arg)
{
	struct flow *flow = arg;
	uint64_t *sum = &flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES];
	uint64_t now = span_sum(chunk->buf, chunk->bytes);
	struct fail why = { 0 };

	if (flow->in) {
		*sum = now;
	} else if (*sum != now) {
		(void)bad_range(flow->target, 0, flow->offsets[0] + chunk->offset, chunk->bytes,
				&why);
		ring_fail(&flow->ring, &why);
	}
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
	ret->n_chunks = (size_t)((file->bytes + RING_CHUNK_BYTES - 1) / RING_CHUNK_BYTES);
	ret->chunks = xcalloc(ret->n_chunks + 1, sizeof(*ret->chunks));
	ring_init(&flow.ring, 2);
	r = ring_run(&flow.ring, threads, ARRAY_SIZE(threads), write_all, &flow, why);
	ring_done(&flow.ring);
	if (r == 0)
		r = target_flush(target, why);
	if (r == 0)
		r = medium_check_digest(&in, hasher.digest, why);
	return r;
}

/* The other slot's chunk against the first one's in the ring. */
static int compare_chunk(struct flow *flow, const struct ring_chunk *chunk, struct fail *why)
{
	uint64_t from = flow->offsets[1] + chunk->offset;
	int r = span_read(flow->target, flow->other, chunk->bytes, from, &flow->cached, why);

	if (r == 0)
		meter_add(flow->target->meter, chunk->bytes);
	if (r < 0 || memcmp(flow->other, chunk->buf, chunk->bytes) == 0)
		return r;
	/* The first one may be the wrong one: its sum tells. */
	if (span_sum(chunk->buf, chunk->bytes) !=
	    flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES])
		return bad_range(flow->target, 0, flow->offsets[0] + chunk->offset, chunk->bytes,
				 why);
	return bad_range(flow->target, 1, from, chunk->bytes, why);
}

/* Reads the first slot's next chunks into the ring, then the other slot's beside them. */
static int read_batch(struct flow *flow, uint64_t at, struct fail *why)
{
	struct ring_chunk *batch[BATCH_CHUNKS];
	size_t n = 0;
	int r = 0;

	for (; n < BATCH_CHUNKS && at < flow->bytes; n++) {
		struct ring_chunk *chunk = ring_fill_begin(&flow->ring);

		if (!chunk)
			return ring_result(&flow->ring, why);
		chunk->offset = at;
		chunk->bytes = flow->bytes - at < RING_CHUNK_BYTES ? (size_t)(flow->bytes - at)
								   : RING_CHUNK_BYTES;
		r = span_read(flow->target, chunk->buf, chunk->bytes, flow->offsets[0] + at,
			      &flow->cached, why);
		if (r < 0)
			return r;
		meter_add(flow->target->meter, chunk->bytes);
		at += chunk->bytes;
		batch[n] = chunk;
		/* Stays as it is until this function is called again: nobody else fills. */
		ring_fill_end(&flow->ring);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = compare_chunk(flow, batch[i], why);
	return r;
}

_Static_assert(RING_CHUNKS >= BATCH_CHUNKS, "a batch fits the ring");

static void read_all(void *arg)
{
	struct flow *flow = arg;
	struct fail why = { 0 };

	for (uint64_t at = 0; at < flow->bytes; at += (uint64_t)BATCH_CHUNKS * RING_CHUNK_BYTES) {
		if (read_batch(flow, at, &why) < 0) {
			ring_fail(&flow->ring, &why);
			break;
		}
	}
	ring_end(&flow->ring);
}

int image_read_back(const struct manifest_file *file, struct target *target,
		    const uint64_t offsets[IMAGE_SLOTS], const struct image_sums *sums,
		    bool *ret_cached, struct fail *why)
{
	struct image_sums known = *sums;
	struct flow flow = {
		.target = target, .sums = &known, .offsets = offsets, .bytes = file->bytes
	};
	struct hasher hasher = {
		.ring = &flow.ring, .user = USER_HASH, .look = sum_chunk, .arg = &flow
	};
	const struct ring_thread thread = { hash_ring, &hasher };
	autofree void *other = NULL;
	int r;

	if (posix_memalign(&other, TARGET_ALIGN, RING_CHUNK_BYTES) != 0)
		abort();
	flow.other = other;
	target_forget(target);
	ring_init(&flow.ring, 1);
	r = ring_run(&flow.ring, &thread, 1, read_all, &flow, why);
	ring_done(&flow.ring);
	*ret_cached = flow.cached;
	if (r == 0 && memcmp(hasher.digest, file->sha256, SHA256_BYTES) != 0)
		r = bad_range(target, 0, offsets[0], (size_t)file->bytes, why);
	return r;
}
