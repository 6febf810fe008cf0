/* SPDX-License-Identifier: Apache-2.0 */
#include "read_back.h"

#include <errno.h>

#include "feed.h"
#include "lib/cleanup.h"
#include "ring.h"
#include "span.h"

struct flow {
	struct ring ring;
	struct target *target;
	const struct read_back *what;
	bool *cached;
};

static void *read_chunks(void *arg)
{
	struct flow *flow = arg;
	const struct read_back *what = flow->what;
	struct fail why = { 0 };

	for (uint64_t at = 0; at < what->bytes; at += RING_CHUNK_BYTES) {
		struct ring_chunk *chunk = ring_fill_begin(&flow->ring);

		if (!chunk)
			return NULL;
		chunk->offset = at;
		chunk->bytes = feed_chunk_bytes(what->bytes, at);
		if (span_read_in(flow->target, what->extents, chunk->buf,
				 feed_whole_bytes(chunk->bytes), at, flow->cached, &why) < 0) {
			ring_fail(&flow->ring, &why);
			return NULL;
		}
		ring_fill_end(&flow->ring);
	}
	ring_end(&flow->ring);
	return NULL;
}

static int compare_chunk(const struct ring_chunk *chunk, void *arg, struct fail *why)
{
	const struct flow *flow = arg;

	if (!sum_same(feed_sum(chunk), flow->what->sums[chunk->offset / RING_CHUNK_BYTES]))
		return fail_with(why, EBADMSG,
				 "%s does not return what was written: bytes %ju to %ju of %s are "
				 "wrong; the disk or its cable is damaged",
				 flow->target->path, (uintmax_t)chunk->offset,
				 (uintmax_t)(chunk->offset + chunk->bytes - 1), flow->what->name);
	meter_add(flow->target->meter, chunk->bytes);
	return 0;
}

static void compare_chunks(void *arg)
{
	struct flow *flow = arg;

	ring_each(&flow->ring, 0, compare_chunk, flow);
}

int read_back(struct target *target, const struct read_back *what, bool *cached, struct fail *why)
{
	struct flow flow = { .target = target, .what = what, .cached = cached };
	const struct ring_thread thread = { read_chunks, &flow };
	int r;

	ring_init(&flow.ring, 1, RING_CHUNKS);
	r = ring_run(&flow.ring, &thread, 1, compare_chunks, &flow, why);
	ring_done(&flow.ring);
	return r;
}
