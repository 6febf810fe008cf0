/* SPDX-License-Identifier: Apache-2.0 */
#include "content_digests.h"

#include <stdlib.h>

#include "feed.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "plan.h"
#include "ring.h"

struct flow {
	struct ring ring;
	struct meter *meter;
	struct feed feed;
	struct sum *sums;
};

static void look_at(const struct ring_chunk *chunk, void *arg)
{
	struct flow *flow = arg;
	struct fail why = { 0 };

	flow->sums[chunk->offset / RING_CHUNK_BYTES] = feed_sum(chunk);
	meter_add(flow->meter, chunk->bytes);
	if (meter_check(flow->meter, &why) < 0)
		ring_fail(&flow->ring, &why);
}

static void feed(void *arg)
{
	struct flow *flow = arg;

	(void)feed_ring(&flow->feed);
}

static int check_file(const struct manifest_file *file, const struct medium *medium,
		      struct sum *sums, struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	struct flow flow = { .meter = medium->meter, .sums = sums };
	struct hasher hasher = { .ring = &flow.ring, .look = look_at, .arg = &flow };
	const struct ring_thread thread = { hash_ring, &hasher };
	int r = medium_file_open(medium, file, &in, why);

	if (r < 0)
		return r;
	flow.feed = (struct feed){ .ring = &flow.ring, .in = &in };
	ring_init(&flow.ring, 1);
	r = ring_run(&flow.ring, &thread, 1, feed, &flow, why);
	ring_done(&flow.ring);
	return r < 0 ? r : medium_check_digest(&in, hasher.digest, why);
}

int content_digests_check(const struct content_list *list, const struct medium *medium,
			  struct content_sums *ret, struct fail *why)
{
	int r = 0;

	*ret = (struct content_sums){ .files = xcalloc(list->n_files, sizeof(*ret->files)),
				      .n_files = list->n_files };
	for (size_t i = 0; i < list->n_files && r == 0; i++) {
		const struct manifest_file *file = plan_content_file(list, PLAN_STEP_CHECK, i);
		struct sum *sums = xcalloc(feed_chunks(file), sizeof(*sums));

		ret->files[file - list->files] = sums;
		meter_item(medium->meter, i);
		r = check_file(file, medium, sums, why);
	}
	return r;
}

void content_sums_done(struct content_sums *sums)
{
	for (size_t i = 0; i < sums->n_files; i++)
		free(sums->files[i]);
	free(sums->files);
	*sums = (struct content_sums){ 0 };
}
