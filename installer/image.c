/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "ring.h"

/*
 * Chunks that go to one slot before the other's turn: 16 MiB at a time keep the seeks between the
 * slots of a spinning disk to a tenth of the writing.
 */
#define BATCH_CHUNKS 4

/* Zero runs are looked for in blocks of this. */
#define ZERO_BLOCK_BYTES (64 * KIB)

#define USER_HASH  0
#define USER_WRITE 1

struct flow {
	struct ring ring;
	struct medium_file *in; /* image_write() only */
	struct target *target;
	struct image_sums *sums;
	const uint64_t *offsets; /* of the slots on the target */
	bool cached;		 /* read back through the page cache */
	uint8_t digest[SHA256_BYTES];
};

void image_sums_done(struct image_sums *sums)
{
	free(sums->chunks);
	*sums = (struct image_sums){ 0 };
}

/* A sum that a changed bit, a lost or a doubled sector moves; memory speed, no security. */
static uint64_t quick_sum(const uint8_t *data, size_t bytes)
{
	uint64_t lanes[4] = { 1, 2, 3, 4 };
	size_t at = 0;

	for (; at + sizeof(lanes) <= bytes; at += sizeof(lanes)) {
		uint64_t words[4];

		memcpy(words, data + at, sizeof(words));
		for (size_t i = 0; i < 4; i++)
			lanes[i] = (lanes[i] ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
	}
	for (; at < bytes; at++)
		lanes[0] = (lanes[0] ^ data[at]) * UINT64_C(0x9e3779b97f4a7c15);
	return lanes[0] ^ (lanes[1] << 1) ^ (lanes[2] << 2) ^ (lanes[3] << 3) ^ (lanes[0] >> 32);
}

static bool is_zero(const uint8_t *data, size_t bytes)
{
	return data[0] == 0 && memcmp(data, data + 1, bytes - 1) == 0;
}

static void *read_medium(void *arg)
{
	struct flow *flow = arg;
	uint64_t total = flow->in->file->bytes;
	struct fail why = { 0 };

	for (uint64_t at = 0; at < total;) {
		struct ring_chunk *chunk = ring_fill_begin(&flow->ring);

		if (!chunk)
			return NULL;
		chunk->offset = at;
		chunk->bytes =
			total - at < RING_CHUNK_BYTES ? (size_t)(total - at) : RING_CHUNK_BYTES;
		if (medium_file_read(flow->in, chunk->buf, chunk->bytes, at, &why) < 0) {
			ring_fail(&flow->ring, &why);
			return NULL;
		}
		ring_fill_end(&flow->ring);
		at += chunk->bytes;
	}
	ring_end(&flow->ring);
	return NULL;
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
static void sum_chunk(struct flow *flow, const struct ring_chunk *chunk)
{
	uint64_t *sum = &flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES];
	uint64_t now = quick_sum(chunk->buf, chunk->bytes);
	struct fail why = { 0 };

	if (flow->in) {
		*sum = now;
	} else if (*sum != now) {
		(void)bad_range(flow->target, 0, flow->offsets[0] + chunk->offset, chunk->bytes,
				&why);
		ring_fail(&flow->ring, &why);
	}
}

/* SHA-256 of everything that goes through, and the quick sums. */
static void *hash_chunks(void *arg)
{
	struct flow *flow = arg;
	struct sha256_ctx hash;
	size_t n;

	sha256_init(&hash);
	while ((n = ring_use_begin(&flow->ring, USER_HASH, 1)) > 0) {
		const struct ring_chunk *chunk = ring_use_chunk(&flow->ring, USER_HASH, 0);

		sha256_update(&hash, chunk->bytes, chunk->buf);
		sum_chunk(flow, chunk);
		ring_use_end(&flow->ring, USER_HASH, n);
	}
	sha256_digest(&hash, sizeof(flow->digest), flow->digest);
	return NULL;
}

static int write_span(struct target *target, const uint8_t *data, size_t bytes, uint64_t offset,
		      struct fail *why)
{
	int r = -EINVAL;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	/* Past the page cache: less work, and memory stays free on a small machine. */
	if (target->direct_fd >= 0)
		r = file_write_all(target->direct_fd, data, bytes, offset);
	/* Some file systems let O_DIRECT open and refuse the transfer. */
	if (r == -EINVAL) {
		r = file_write_all(target->fd, data, bytes, offset);
		/* Starts the writing now; fsync() at the end finds little left. */
		if (r == 0)
			(void)sync_file_range(target->fd, (off_t)offset, (off_t)bytes,
					      SYNC_FILE_RANGE_WRITE);
	}
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "write %s at byte %ju", target->path, (uintmax_t)offset);
	return 0;
}

/* One chunk to one place: spans of data are written, spans of zeros are left to the device. */
static int write_chunk(struct target *target, const struct ring_chunk *chunk, uint64_t offset,
		       struct fail *why)
{
	size_t at = 0;

	while (at < chunk->bytes) {
		size_t end = at;
		bool zero = false;
		int r = 0;

		while (end < chunk->bytes) {
			size_t n = chunk->bytes - end < ZERO_BLOCK_BYTES ? chunk->bytes - end
									 : ZERO_BLOCK_BYTES;
			bool this_zero = is_zero(chunk->buf + end, n);

			if (end == at)
				zero = this_zero;
			else if (this_zero != zero)
				break;
			end += n;
		}
		if (!zero)
			r = write_span(target, chunk->buf + at, end - at, offset + at, why);
		else if (!target->blank)
			r = target_zero(target, offset + at, end - at, why);
		if (r < 0)
			return r;
		at = end;
	}
	meter_add(target->meter, chunk->bytes);
	return 0;
}

static int write_batch(struct flow *flow, const uint64_t offsets[IMAGE_SLOTS], size_t n,
		       struct fail *why)
{
	for (size_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		for (size_t i = 0; i < n; i++) {
			const struct ring_chunk *chunk = ring_use_chunk(&flow->ring, USER_WRITE, i);
			int r = meter_check(flow->target->meter, why);

			if (r == 0)
				r = write_chunk(flow->target, chunk, offsets[slot] + chunk->offset,
						why);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void write_all(struct flow *flow, const uint64_t offsets[IMAGE_SLOTS])
{
	struct fail why = { 0 };
	size_t n;

	while ((n = ring_use_begin(&flow->ring, USER_WRITE, BATCH_CHUNKS)) > 0) {
		if (write_batch(flow, offsets, n, &why) < 0) {
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
	struct flow flow = { .in = &in, .target = target, .sums = ret };
	pthread_t reader, hasher;
	int r;

	r = medium_file_open(medium, file, &in, why);
	if (r < 0)
		return r;
	ret->n_chunks = (size_t)((file->bytes + RING_CHUNK_BYTES - 1) / RING_CHUNK_BYTES);
	ret->chunks = xcalloc(ret->n_chunks + 1, sizeof(*ret->chunks));
	ring_init(&flow.ring, 2);
	r = pthread_create(&reader, NULL, read_medium, &flow);
	if (r == 0) {
		r = pthread_create(&hasher, NULL, hash_chunks, &flow);
		if (r == 0) {
			write_all(&flow, offsets);
			pthread_join(hasher, NULL);
		} else {
			struct fail no_thread;

			(void)fail_errno(&no_thread, r, "start a thread");
			ring_fail(&flow.ring, &no_thread);
		}
		pthread_join(reader, NULL);
		r = ring_result(&flow.ring, why);
	} else {
		r = fail_errno(why, r, "start a thread");
	}
	ring_done(&flow.ring);
	if (r == 0)
		r = target_flush(target, why);
	if (r == 0)
		r = medium_check_digest(&in, flow.digest, why);
	return r;
}

static int read_span(struct target *target, uint8_t *data, size_t bytes, uint64_t offset,
		     bool *cached, struct fail *why)
{
	int r = -EINVAL;

	meter_wait_begin(target->meter, APPLY_WAIT_DISK);
	if (target->direct_fd >= 0)
		r = file_read_all(target->direct_fd, data, bytes, offset);
	if (r == -EINVAL) {
		*cached = true;
		r = file_read_all(target->fd, data, bytes, offset);
	}
	meter_wait_end(target->meter, APPLY_WAIT_DISK);
	if (r < 0)
		return fail_errno(why, -r, "read %s back at byte %ju", target->path,
				  (uintmax_t)offset);
	meter_add(target->meter, bytes);
	return meter_check(target->meter, why);
}

/* The other slot's chunk against the first one's in the ring. */
static int compare_chunk(struct flow *flow, const struct ring_chunk *chunk, uint8_t *other,
			 struct fail *why)
{
	uint64_t from = flow->offsets[1] + chunk->offset;
	int r = read_span(flow->target, other, chunk->bytes, from, &flow->cached, why);

	if (r < 0 || memcmp(other, chunk->buf, chunk->bytes) == 0)
		return r;
	/* The first one may be the wrong one: its sum tells. */
	if (quick_sum(chunk->buf, chunk->bytes) !=
	    flow->sums->chunks[chunk->offset / RING_CHUNK_BYTES])
		return bad_range(flow->target, 0, flow->offsets[0] + chunk->offset, chunk->bytes,
				 why);
	return bad_range(flow->target, 1, from, chunk->bytes, why);
}

/* Reads the first slot's next chunks into the ring, then the other slot's beside them. */
static int read_batch(struct flow *flow, uint64_t at, uint64_t total, uint8_t *other,
		      struct fail *why)
{
	struct ring_chunk *batch[BATCH_CHUNKS];
	size_t n = 0;
	int r = 0;

	for (; n < BATCH_CHUNKS && at < total; n++) {
		struct ring_chunk *chunk = ring_fill_begin(&flow->ring);

		if (!chunk)
			return ring_result(&flow->ring, why);
		chunk->offset = at;
		chunk->bytes =
			total - at < RING_CHUNK_BYTES ? (size_t)(total - at) : RING_CHUNK_BYTES;
		r = read_span(flow->target, chunk->buf, chunk->bytes, flow->offsets[0] + at,
			      &flow->cached, why);
		if (r < 0)
			return r;
		at += chunk->bytes;
		batch[n] = chunk;
		/* Stays as it is until this function is called again: nobody else fills. */
		ring_fill_end(&flow->ring);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = compare_chunk(flow, batch[i], other, why);
	return r;
}

_Static_assert(RING_CHUNKS >= BATCH_CHUNKS, "a batch fits the ring");

static int compare_digest(const struct flow *flow, const struct manifest_file *file,
			  struct fail *why)
{
	if (memcmp(flow->digest, file->sha256, SHA256_BYTES) == 0)
		return 0;
	return bad_range(flow->target, 0, flow->offsets[0], (size_t)file->bytes, why);
}

int image_read_back(const struct manifest_file *file, struct target *target,
		    const uint64_t offsets[IMAGE_SLOTS], const struct image_sums *sums,
		    bool *ret_cached, struct fail *why)
{
	struct image_sums known = *sums;
	struct flow flow = { .target = target, .sums = &known, .offsets = offsets };
	autofree void *other = NULL;
	struct fail failed = { 0 };
	pthread_t hasher;
	int r = 0;

	if (posix_memalign(&other, TARGET_ALIGN, RING_CHUNK_BYTES) != 0)
		abort();
	target_forget(target);
	ring_init(&flow.ring, 1);
	r = pthread_create(&hasher, NULL, hash_chunks, &flow);
	if (r != 0) {
		ring_done(&flow.ring);
		return fail_errno(why, r, "start a thread");
	}
	for (uint64_t at = 0; at < file->bytes && r == 0;
	     at += (uint64_t)BATCH_CHUNKS * RING_CHUNK_BYTES)
		r = read_batch(&flow, at, file->bytes, other, &failed);
	if (r < 0)
		ring_fail(&flow.ring, &failed);
	ring_end(&flow.ring);
	pthread_join(hasher, NULL);
	r = ring_result(&flow.ring, why);
	ring_done(&flow.ring);
	*ret_cached = flow.cached;
	return r < 0 ? r : compare_digest(&flow, file, why);
}
