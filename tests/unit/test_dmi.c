/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cleanup.h"
#include "lib/dmi.h"
#include "test.h"

TEST(what_makers_leave_in_says_nothing)
{
	static const char *const fillers[] = {
		"To Be Filled By O.E.M.",
		"To be filled by O.E.M.",
		"Default string",
		"OEM",
		"invalid",
		"0123456789",
		"0000000",
		"0.0",
		"",
		" ",
		"????????",
		"--",
	};

	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++)
		CHECK(dmi_is_filler(fillers[i]));
}

TEST(what_names_a_machine_is_kept)
{
	static const char *const names[] = { "Dell Inc.",  "SN00",	    "1234567890",
					     "OEM Server", "MZ7LH960-0000", "Unknown Brand" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK(!dmi_is_filler(names[i]));
}
