/* SPDX-License-Identifier: Apache-2.0 */
#include "mountinfo.h"

#include <string.h>

void mountinfo_unescape(char *text)
{
	char *out = text;

	for (char *in = text; *in;) {
		if (in[0] == '\\' && strspn(in + 1, "01234567") >= 3) {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
}
