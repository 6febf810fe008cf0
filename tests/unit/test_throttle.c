/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "hostd/throttle.h"
#include "test.h"

static struct throttle t;
static const struct login_policy usual = { .delay_after = 3,
					   .block_after = 5,
					   .block_seconds = 900 };

static uint64_t attempt(const char *user, const char *from, bool good, uint64_t now_ms)
{
	uint64_t wait_ms = throttle_begin(&t, user, from, now_ms);

	if (wait_ms == 0)
		throttle_end(&t, &usual, user, from, good, now_ms);
	return wait_ms;
}

TEST(after_three_failures_one_second_doubling_and_after_five_fifteen_minutes)
{
	memset(&t, 0, sizeof(t));
	CHECK_INT(attempt("alice", "a", false, 1), 0);
	CHECK_INT(attempt("alice", "a", false, 2), 0);
	CHECK_INT(attempt("alice", "a", false, 3), 0);
	CHECK_INT(attempt("alice", "a", false, 4), 999);
	CHECK_INT(attempt("alice", "a", false, 1003), 0);
	CHECK_INT(attempt("alice", "a", false, 1004), 1999);
	CHECK_INT(attempt("alice", "a", false, 3003), 0);
	CHECK_INT(attempt("alice", "a", true, 3004), 899999);
	CHECK_INT(attempt("alice", "a", true, 903003), 0);
}

TEST(another_address_and_another_user_are_not_held_back)
{
	memset(&t, 0, sizeof(t));
	for (uint64_t now = 1; now < 100000; now += 10000)
		attempt("alice", "192.0.2.7", false, now);
	CHECK(throttle_begin(&t, "alice", "192.0.2.7", 100000) > 0);
	CHECK_INT(throttle_begin(&t, "alice", "console", 100000), 0);
	CHECK_INT(throttle_begin(&t, "bob", "192.0.2.7", 100000), 0);
}

TEST(a_good_login_starts_the_count_again)
{
	memset(&t, 0, sizeof(t));
	attempt("alice", "a", false, 1);
	attempt("alice", "a", false, 2);
	attempt("alice", "a", true, 3);
	attempt("alice", "a", false, 4);
	attempt("alice", "a", false, 5);
	CHECK_INT(throttle_begin(&t, "alice", "a", 6), 0);
}

TEST(a_block_that_ran_out_starts_the_count_again)
{
	memset(&t, 0, sizeof(t));
	for (uint64_t now = 1; now < 100000; now += 10000)
		attempt("alice", "a", false, now);
	CHECK_INT(attempt("alice", "a", false, 2000000), 0);
	CHECK_INT(attempt("alice", "a", false, 2000001), 0);
}

TEST(after_a_failure_attempts_of_one_pair_do_not_run_side_by_side)
{
	memset(&t, 0, sizeof(t));
	attempt("alice", "a", false, 1);
	CHECK_INT(throttle_begin(&t, "alice", "a", 2), 0);
	CHECK(throttle_begin(&t, "alice", "a", 3) == UINT64_MAX);
	throttle_cancel(&t, "alice", "a");
	CHECK_INT(throttle_begin(&t, "alice", "a", 4), 0);
}

TEST(a_full_table_keeps_who_is_blocked)
{
	char user[16];

	memset(&t, 0, sizeof(t));
	for (uint64_t now = 1; now < 100000; now += 10000)
		attempt("alice", "a", false, now);
	for (unsigned i = 0; i < 2 * THROTTLE_ROWS; i++) {
		snprintf(user, sizeof(user), "u%u", i);
		attempt(user, "a", false, 100000 + i);
	}
	CHECK(throttle_begin(&t, "alice", "a", 200000) > 0);
}

TEST(a_policy_without_blocking_never_holds_back)
{
	struct login_policy off = { .delay_after = 3, .block_after = 0, .block_seconds = 900 };

	memset(&t, 0, sizeof(t));
	for (unsigned i = 0; i < 20; i++)
		throttle_end(&t, &off, "alice", "a", false, i);
	CHECK_INT(throttle_begin(&t, "alice", "a", 21), 0);
}
