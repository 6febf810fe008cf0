/* SPDX-License-Identifier: Apache-2.0 */
#include "early/identity.h"
#include "lib/cleanup.h"
#include "test.h"

#define ONE	"4c4c4544-0050-3510-8052-b7c04f4d3332"
#define OTHER	"4c4c4544-0050-3510-8052-b7c04f4d3333"
#define ZEROS	"00000000-0000-0000-0000-000000000000"
#define ONES	"ffffffff-ffff-ffff-ffff-ffffffffffff"
#define SAMPLE	"03000200-0400-0500-0006-000700080009"
#define SHOUTED "4C4C4544-0050-3510-8052-B7C04F4D3332"

TEST(a_machine_is_a_copy_where_two_real_uuids_differ_and_only_there)
{
	static const struct {
		const char *kept, *uuid;
		enum identity want;
	} rows[] = {
		{ "", ONE, IDENTITY_FIRST },	   { ONE, ONE, IDENTITY_SAME },
		{ ONE, SHOUTED, IDENTITY_SAME },   { ONE, OTHER, IDENTITY_COPY },
		{ ONE, "", IDENTITY_UNKNOWN },	   { ONE, ZEROS, IDENTITY_UNKNOWN },
		{ ONE, ONES, IDENTITY_UNKNOWN },   { ONE, SAMPLE, IDENTITY_UNKNOWN },
		{ "", ZEROS, IDENTITY_UNKNOWN },   { ZEROS, ONE, IDENTITY_FIRST },
		{ "4c4c45", ONE, IDENTITY_FIRST }, { ONE, "Not Settable", IDENTITY_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(identity_compare(rows[i].kept, rows[i].uuid), rows[i].want);
}
