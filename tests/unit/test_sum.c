/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk does to bytes moves their sum. */
#include <stdlib.h>
#include <string.h>

#include "installer/sum.h"
#include "test.h"

#define BYTES 4096
#define ROW   32 /* what the sum takes at a time */

static void fill(uint8_t *data)
{
	uint32_t random = 1;

	for (size_t i = 0; i < BYTES; i++) {
		random = random * 1664525 + 1013904223;
		data[i] = (uint8_t)(random >> 24);
	}
}

static void check_flips(uint8_t *data, size_t bytes)
{
	struct sum sum = sum_of(data, bytes);

	for (size_t bit = 0; bit < 8 * bytes; bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (sum_same(sum_of(data, bytes), sum))
			fail_msg("bit %zu of %zu bytes changed and the sum did not", bit, bytes);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(sum_same(sum_of(data, bytes), sum));
}

TEST(each_single_flipped_bit_moves_the_sum)
{
	uint8_t data[BYTES];

	fill(data);
	check_flips(data, ROW);
	check_flips(data, BYTES);
	/* A tail that fills no row. */
	check_flips(data, 3 * ROW + 5);
	memset(data, 0, sizeof(data));
	check_flips(data, BYTES);
}

TEST(two_flipped_bits_of_the_last_row_do_not_cancel_out)
{
	uint8_t data[ROW];
	struct sum sum;

	memset(data, 0x5a, sizeof(data));
	sum = sum_of(data, sizeof(data));
	for (size_t a = 0; a < 8 * ROW; a++) {
		for (size_t b = 0; b < a; b++) {
			uint8_t other[ROW];

			memcpy(other, data, sizeof(other));
			other[a / 8] ^= (uint8_t)(1 << a % 8);
			other[b / 8] ^= (uint8_t)(1 << b % 8);
			CHECK(!sum_same(sum_of(other, sizeof(other)), sum));
		}
	}
}

TEST(swapped_words_and_sectors_move_the_sum)
{
	uint8_t data[BYTES], other[BYTES];
	static const size_t sizes[] = { 8, 32, 512 };

	fill(data);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		size_t size = sizes[s];

		for (size_t at = size; at + size <= BYTES; at += size) {
			memcpy(other, data, BYTES);
			memcpy(other, data + at, size);
			memcpy(other + at, data, size);
			CHECK(!sum_same(sum_of(other, BYTES), sum_of(data, BYTES)));
		}
	}
}

TEST(a_lost_and_a_doubled_sector_move_the_sum)
{
	uint8_t data[BYTES], other[BYTES];

	fill(data);
	for (size_t at = 0; at < BYTES; at += 512) {
		memcpy(other, data, BYTES);
		memset(other + at, 0, 512);
		CHECK(!sum_same(sum_of(other, BYTES), sum_of(data, BYTES)));
		memcpy(other + at, data + (at + 512) % BYTES, 512);
		CHECK(!sum_same(sum_of(other, BYTES), sum_of(data, BYTES)));
	}
}
