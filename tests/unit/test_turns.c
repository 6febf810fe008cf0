/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is to read the medium. */
#include <stdatomic.h>
#include <time.h>

#include "installer/turns.h"
#include "test.h"

#define PATIENCE_MS 10000
#define MOMENT_MS   50

struct other {
	struct turns *turns;
	size_t who, file;
	atomic_int begun; /* 1: it reads; -1: it was told to stop */
	pthread_t id;
};

static void *begin(void *arg)
{
	struct other *other = arg;
	bool begun = turns_begin(other->turns, other->who, other->file);

	atomic_store(&other->begun, begun ? 1 : -1);
	return NULL;
}

static void start(struct other *other)
{
	CHECK_INT(pthread_create(&other->id, NULL, begin, other), 0);
}

static void sleep_ms(int ms)
{
	const struct timespec moment = { .tv_nsec = ms * 1000000L };

	nanosleep(&moment, NULL);
}

/* What @other comes to. */
static int outcome(struct other *other)
{
	for (int ms = 0; ms < PATIENCE_MS && !atomic_load(&other->begun); ms += 10)
		sleep_ms(10);
	CHECK(atomic_load(&other->begun));
	CHECK_INT(pthread_join(other->id, NULL), 0);
	return atomic_load(&other->begun);
}

TEST(a_later_file_is_read_only_while_the_first_has_no_room)
{
	struct turns turns;
	struct other second = { .turns = &turns, .who = 1, .file = 1 };

	turns_init(&turns);
	CHECK(turns_begin(&turns, 0, 0));
	start(&second);
	/* One at a time; and then it has room for more, so that the second waits on. */
	for (int i = 0; i < 3; i++) {
		sleep_ms(MOMENT_MS);
		CHECK_INT(atomic_load(&second.begun), 0);
		turns_end(&turns, 0, true);
		sleep_ms(MOMENT_MS);
		CHECK_INT(atomic_load(&second.begun), 0);
		CHECK(turns_begin(&turns, 0, 0));
	}
	turns_end(&turns, 0, false);
	CHECK_INT(outcome(&second), 1);
	turns_end(&turns, 1, true);
	/* The first one has room again, and is before the second, which would go on at once. */
	CHECK(turns_begin(&turns, 0, 0));
	turns_end(&turns, 0, false);
	turns_leave(&turns, 1);
	turns_done(&turns);
}

TEST(the_first_file_is_first_whichever_thread_has_it)
{
	struct turns turns;
	struct other third = { .turns = &turns, .who = 0, .file = 2 };
	struct other second = { .turns = &turns, .who = 3, .file = 1 };

	turns_init(&turns);
	CHECK(turns_begin(&turns, 1, 0));
	start(&third);
	start(&second);
	sleep_ms(MOMENT_MS);
	turns_end(&turns, 1, false);
	CHECK_INT(outcome(&second), 1);
	CHECK_INT(atomic_load(&third.begun), 0);
	/* It ends with its file, not only with a chunk. */
	turns_end(&turns, 3, true);
	sleep_ms(MOMENT_MS);
	CHECK_INT(atomic_load(&third.begun), 0);
	turns_leave(&turns, 3);
	CHECK_INT(outcome(&third), 1);
	turns_end(&turns, 0, false);
	turns_done(&turns);
}

TEST(whoever_waits_is_told_to_stop)
{
	struct turns turns;
	struct other second = { .turns = &turns, .who = 1, .file = 1 };

	turns_init(&turns);
	CHECK(turns_begin(&turns, 0, 0));
	start(&second);
	sleep_ms(MOMENT_MS);
	turns_stop(&turns);
	CHECK_INT(outcome(&second), -1);
	turns_end(&turns, 0, false);
	CHECK(!turns_begin(&turns, 0, 0));
	turns_done(&turns);
}
