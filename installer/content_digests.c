/* SPDX-License-Identifier: Apache-2.0 */
#include "content_digests.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "feed.h"
#include "lib/cleanup.h"
#include "lib/memory.h"
#include "plan.h"
#include "ring.h"
#include "turns.h"

/* All files, and the threads that check them. */
struct check {
	const struct content_list *list;
	const struct medium *medium;
	struct content_sums *sums;
	struct turns turns;
	size_t n_threads;
	pthread_mutex_t lock; /* of all below */
	size_t next;	      /* file */
	size_t at[TURNS_MAX]; /* the file of each thread; n_files: none */
	struct fail failed;   /* the first one; code 0: none has */
};

struct thread {
	struct check *check;
	size_t who;
	pthread_t id;
};

/* One file on its way. */
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

static int check_file(struct check *check, size_t who, size_t item, struct fail *why)
{
	const struct manifest_file *file = plan_content_file(check->list, PLAN_STEP_CHECK, item);
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	struct flow flow = { .meter = check->medium->meter,
			     .sums = check->sums->files[file - check->list->files] };
	struct hasher hasher = { .ring = &flow.ring, .look = look_at, .arg = &flow };
	const struct ring_thread thread = { hash_ring, &hasher };
	int r = medium_file_open(check->medium, file, &in, why);

	if (r < 0)
		return r;
	flow.feed = (struct feed){
		.ring = &flow.ring, .in = &in, .turns = &check->turns, .who = who, .file = item
	};
	ring_init(&flow.ring, 1, RING_CHUNKS / check->n_threads);
	r = ring_run(&flow.ring, &thread, 1, feed, &flow, why);
	ring_done(&flow.ring);
	turns_leave(&check->turns, who);
	return r < 0 ? r : medium_check_digest(&in, hasher.digest, why);
}

/* The next file for a thread, or n_files; what is shown is the first that is not through. */
static size_t take(struct check *check, size_t who)
{
	size_t first, item;

	pthread_mutex_lock(&check->lock);
	item = check->failed.code ? check->list->n_files : check->next;
	check->next += item < check->list->n_files;
	check->at[who] = first = item;
	for (size_t i = 0; i < check->n_threads; i++)
		first = check->at[i] < first ? check->at[i] : first;
	if (first < check->list->n_files && !check->failed.code)
		meter_item(check->medium->meter, first);
	pthread_mutex_unlock(&check->lock);
	return item;
}

static void fail_first(struct check *check, size_t item, const struct fail *why)
{
	pthread_mutex_lock(&check->lock);
	if (!check->failed.code) {
		check->failed = *why;
		meter_item(check->medium->meter, item);
	}
	pthread_mutex_unlock(&check->lock);
	turns_stop(&check->turns);
}

static void *check_files(void *arg)
{
	const struct thread *thread = arg;
	struct check *check = thread->check;
	struct fail why = { 0 };
	size_t item;

	while ((item = take(check, thread->who)) < check->list->n_files) {
		if (check_file(check, thread->who, item, &why) < 0) {
			fail_first(check, item, &why);
			break;
		}
	}
	return NULL;
}

/* SHA-256 of one file is one processor's work, and without an instruction for it slower than a stick. */
static size_t count_threads(const struct content_list *list)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = processors > 1 ? (size_t)processors : 1;

	n = n < list->n_files ? n : list->n_files;
	return n < TURNS_MAX ? n : TURNS_MAX;
}

static void run(struct check *check)
{
	struct thread threads[TURNS_MAX];
	size_t n = 1;

	assert(check->n_threads >= 1 && check->n_threads <= TURNS_MAX);
	for (size_t i = 0; i < check->n_threads; i++) {
		threads[i] = (struct thread){ .check = check, .who = i };
		check->at[i] = check->list->n_files;
	}
	/* Where there is no thread to be had, the others do its work. */
	while (n < check->n_threads &&
	       pthread_create(&threads[n].id, NULL, check_files, &threads[n]) == 0)
		n++;
	check_files(&threads[0]);
	while (n-- > 1)
		pthread_join(threads[n].id, NULL);
}

int content_digests_check(const struct content_list *list, const struct medium *medium,
			  struct content_sums *ret, struct fail *why)
{
	struct check check = { .list = list,
			       .medium = medium,
			       .sums = ret,
			       .n_threads = count_threads(list),
			       .lock = PTHREAD_MUTEX_INITIALIZER };

	*ret = (struct content_sums){ .files = xcalloc(list->n_files, sizeof(*ret->files)),
				      .n_files = list->n_files };
	for (size_t i = 0; i < list->n_files; i++)
		ret->files[i] = xcalloc(feed_chunks(&list->files[i]), sizeof(**ret->files));
	turns_init(&check.turns);
	run(&check);
	turns_done(&check.turns);
	if (check.failed.code)
		*why = check.failed;
	return -check.failed.code;
}

void content_sums_done(struct content_sums *sums)
{
	for (size_t i = 0; i < sums->n_files; i++)
		free(sums->files[i]);
	free(sums->files);
	*sums = (struct content_sums){ 0 };
}
