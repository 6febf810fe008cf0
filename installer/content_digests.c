/* SPDX-License-Identifier: Apache-2.0 */
#include "content_digests.h"

#include "feed.h"
#include "lib/cleanup.h"
#include "plan.h"
#include "ring.h"

struct flow {
	struct ring ring;
	struct meter *meter;
	struct feed feed;
};

static void count(const struct ring_chunk *chunk, void *arg)
{
	struct flow *flow = arg;
	struct fail why = { 0 };

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
		      struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	struct flow flow = { .meter = medium->meter };
	struct hasher hasher = { .ring = &flow.ring, .look = count, .arg = &flow };
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
			  struct fail *why)
{
	int r = 0;

	for (size_t i = 0; i < list->n_files && r == 0; i++) {
		meter_item(medium->meter, i);
		r = check_file(plan_content_file(list, PLAN_STEP_CHECK, i), medium, why);
	}
	return r;
}
