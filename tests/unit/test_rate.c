/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "installer/rate.h"

TEST(a_steady_rate_is_told_as_it_is)
{
	struct rate rate = { 0 };
	unsigned left = 99;

	for (uint64_t ms = 0; ms <= 10000; ms += 200)
		rate_add(&rate, ms, ms * 1000);
	CHECK_INT(rate_bytes_per_second(&rate), 1000000);
	CHECK(rate_seconds_left(&rate, 15000000, &left));
	CHECK_INT(left, 5);
}

TEST(no_time_left_is_claimed_in_the_first_seconds)
{
	struct rate rate = { 0 };
	unsigned left;

	CHECK_INT(rate_bytes_per_second(&rate), 0);
	CHECK(!rate_seconds_left(&rate, 1000, &left));
	for (uint64_t ms = 0; ms < RATE_SETTLE_MS; ms += 200)
		rate_add(&rate, ms, ms);
	CHECK(!rate_seconds_left(&rate, 100000, &left));
	rate_add(&rate, RATE_SETTLE_MS, RATE_SETTLE_MS);
	CHECK(rate_seconds_left(&rate, 100000, &left));
}

TEST(a_stall_empties_the_rate_and_claims_no_end)
{
	struct rate rate = { 0 };
	unsigned left;

	for (uint64_t ms = 0; ms <= 6000; ms += 200)
		rate_add(&rate, ms, ms * 1000);
	for (uint64_t ms = 6200; ms <= 30000; ms += 200)
		rate_add(&rate, ms, 6000000);
	CHECK_INT(rate_bytes_per_second(&rate), 0);
	CHECK(!rate_seconds_left(&rate, 9000000, &left));
}

TEST(what_is_over_has_nothing_left)
{
	struct rate rate = { 0 };
	unsigned left = 99;

	for (uint64_t ms = 0; ms <= 6000; ms += 200)
		rate_add(&rate, ms, ms * 1000);
	CHECK(rate_seconds_left(&rate, 6000000, &left));
	CHECK_INT(left, 0);
	CHECK(rate_seconds_left(&rate, 1000, &left));
	CHECK_INT(left, 0);
}
