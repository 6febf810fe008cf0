/* SPDX-License-Identifier: Apache-2.0 */
/* routes - which handler a method and a path belong to. Finding it is pure. */
#ifndef PALETTE_LOCALUI_ROUTES_H
#define PALETTE_LOCALUI_ROUTES_H

#include <stddef.h>

#include "fields.h"

#define ROUTE_PARAMS	  1
#define ROUTE_PARAM_BYTES 256
#define ROUTE_ALLOW_BYTES 64

struct exchange;

enum route_flags {
	ROUTE_PUBLIC = 1, /* nobody has to be logged in */
	ROUTE_UPLOAD = 2, /* the body is bytes for a file; the handler runs before them */
	ROUTE_CHECK =
		4, /* the session is checked before the handler, which may ask hostd nothing */
};

struct route {
	const char *method;
	const char *path; /* "{}" stands for one part without "/" */
	void (*handler)(struct exchange *x);
	unsigned flags;
	const struct field *fields; /* of the JSON body; NULL: it has none */
	size_t body_bytes;	    /* 0: LIMIT_BODY_BYTES */
};

enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* With ROUTE_NO_METHOD @allow is what the path takes, for the header of that name. */
enum route_result route_find(const struct route *table, size_t n, const char *method,
			     const char *path, const struct route **ret,
			     char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES],
			     char allow[ROUTE_ALLOW_BYTES]);

extern const struct route api_routes[];
extern const size_t n_api_routes;

#endif
