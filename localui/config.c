/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "hostd/keyvalue.h"

int config_read(char *text, unsigned *port, struct fail *why)
{
	struct keyvalue kv = keyvalue_of(text);

	while (keyvalue_next(&kv)) {
		if (!kv.key)
			return fail_with(why, EINVAL, "line %u: \"%.60s\" is not KEY = VALUE",
					 kv.line, kv.value);
		if (strcmp(kv.key, "port") != 0)
			return fail_with(why, EINVAL, "line %u: \"%.60s\" is no setting", kv.line,
					 kv.key);
		if (!keyvalue_number(kv.value, 1, 65535, port))
			return fail_with(why, EINVAL, "line %u: port: \"%.20s\" is not 1 to 65535",
					 kv.line, kv.value);
	}
	return 0;
}
