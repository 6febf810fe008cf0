/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include <stdio.h>
#include <string.h>

/* Whether @path is one of @pattern; the parts that "{}" stands for go into @params. */
static bool matches(const char *pattern, const char *path,
		    char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES])
{
	size_t n_params = 0;

	while (*pattern) {
		size_t n;

		if (strncmp(pattern, "{}", 2) != 0) {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		n = strcspn(path, "/");
		if (n == 0 || n >= ROUTE_PARAM_BYTES || n_params == ROUTE_PARAMS)
			return false;
		memcpy(params[n_params], path, n);
		params[n_params++][n] = '\0';
		pattern += 2;
		path += n;
	}
	return *path == '\0';
}

enum route_result route_find(const struct route *table, size_t n, const char *method,
			     const char *path, const struct route **ret,
			     char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES],
			     char allow[ROUTE_ALLOW_BYTES])
{
	size_t used = 0;

	/* HEAD is GET whose body is not sent. */
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!matches(table[i].path, path, params))
			continue;
		if (strcmp(table[i].method, method) == 0) {
			*ret = &table[i];
			return ROUTE_FOUND;
		}
		used += (size_t)snprintf(allow + used, ROUTE_ALLOW_BYTES - used, "%s%s",
					 used ? ", " : "", table[i].method);
		if (used >= ROUTE_ALLOW_BYTES)
			used = ROUTE_ALLOW_BYTES - 1;
	}
	return used ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}
