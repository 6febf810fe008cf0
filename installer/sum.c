/* SPDX-License-Identifier: Apache-2.0 */
#include "sum.h"

#include <string.h>

#define LANES 4
#define ODD   UINT64_C(0x9e3779b97f4a7c15)

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* Reversible in each of the two while the other stays, so that nothing of either is lost. */
static uint64_t mix(uint64_t lane, uint64_t word)
{
	return rotate((lane ^ word) * ODD, 29);
}

struct sum sum_of(const uint8_t *data, size_t bytes)
{
	uint64_t lanes[LANES] = { 1, 2, 3, 4 };
	struct sum sum = { { 0 } };
	size_t at = 0;

	for (; at + sizeof(lanes) <= bytes; at += sizeof(lanes)) {
		uint64_t words[LANES];

		memcpy(words, data + at, sizeof(words));
		for (size_t i = 0; i < LANES; i++)
			lanes[i] = mix(lanes[i], words[i]);
	}
	for (; at < bytes; at++)
		lanes[0] = mix(lanes[0], data[at]);
	/* Two ways of putting them together: what cancels out in one does not in the other. */
	for (size_t i = 0; i < LANES; i++) {
		sum.words[0] = rotate(sum.words[0], 17) ^ lanes[i];
		sum.words[1] = sum.words[1] * ODD + lanes[i];
	}
	return sum;
}

bool sum_same(struct sum a, struct sum b)
{
	return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}
