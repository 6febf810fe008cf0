/* SPDX-License-Identifier: Apache-2.0 */
#include "dmi.h"

#include <string.h>
#include <strings.h>

#include "cleanup.h"

bool dmi_is_filler(const char *text)
{
	static const char *const texts[] = {
		"To Be Filled By O.E.M.",
		"Default string",
		"System Serial Number",
		"System Product Name",
		"System manufacturer",
		"Not Specified",
		"Not Applicable",
		"None",
		"0123456789",
		"123456789",
		"Unknown",
		"O.E.M.",
		"OEM",
		"INVALID",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcasecmp(text, texts[i]) == 0)
			return true;
	/* Zeros, or lines; erased flash, which is no text, has become question marks. */
	return !text[strspn(text, "0. ")] || !text[strspn(text, " ?.-_")];
}
