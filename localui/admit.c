/* SPDX-License-Identifier: Apache-2.0 */
#include "admit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool find_route(struct exchange *x, const char *method, const char *url)
{
	char allow[ROUTE_ALLOW_BYTES];

	switch (route_find(api_routes, n_api_routes, method, url, &x->route, x->params, allow)) {
	case ROUTE_FOUND:
		return true;
	case ROUTE_NO_METHOD:
		fail_answer(x,
			    (struct refusal){
				    .status = 405, .code = "MethodNotAllowed", .allow = allow },
			    "This path takes %s", allow);
		return false;
	case ROUTE_NO_PATH:
		break;
	}
	fail_answer(x, (struct refusal){ .status = 404, .code = "NotFound" },
		    "There is no such path; /v1/openapi.json has them all");
	return false;
}

static void find_token(struct exchange *x)
{
	const char *header = exchange_header(x, "Authorization");
	const char *cookies = exchange_header(x, "Cookie");

	if (header) {
		if (!http_bearer(header, x->token, sizeof(x->token)))
			x->token[0] = '\0';
		return;
	}
	if (http_cookie(cookies, x->server->cookie, x->token, sizeof(x->token)) &&
	    http_is_token(x->token))
		x->by_cookie = true;
	else
		x->token[0] = '\0';
}

/*
 * A browser sends the cookie along with whatever another page makes it send. SameSite=Strict keeps
 * other sites out; another port of this host is the same site, so the origin is compared as well. The
 * header X-Palette-Request no foreign page can set without asking, and nobody here ever says yes.
 */
static bool check_origin(struct exchange *x, const char *method)
{
	const char *site = exchange_header(x, "Sec-Fetch-Site");
	const char *origin = exchange_header(x, "Origin");
	const char *mark = exchange_header(x, "X-Palette-Request");
	bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	const char *why = NULL;

	if (!x->by_cookie && !(x->route->flags & ROUTE_PUBLIC))
		return true;
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		why = "it comes from another site's page";
	else if (origin && !http_same_origin(origin, exchange_header(x, "Host")))
		why = "its Origin is not this host";
	else if (x->by_cookie && !(x->route->flags & ROUTE_PUBLIC) && !reads &&
		 (!mark || strcmp(mark, "1") != 0))
		why = "the header \"X-Palette-Request: 1\" is missing";
	if (!why)
		return true;
	fail_answer(x, (struct refusal){ .status = 403, .code = "CsrfRefused" },
		    "This request is refused: %s", why);
	return false;
}

static size_t body_limit(const struct route *route)
{
	return route->body_bytes ? route->body_bytes : LIMIT_BODY_BYTES;
}

static bool find_length(struct exchange *x)
{
	const char *header = exchange_header(x, "Content-Length");

	x->length_bytes = UINT64_MAX;
	if (exchange_header(x, "Transfer-Encoding")) {
		fail_answer(x, (struct refusal){ .status = 411, .code = "LengthRequired" },
			    "A body needs a Content-Length here");
		return false;
	}
	if (header && !http_number(header, UINT64_MAX - 1, &x->length_bytes)) {
		fail_bad_request(x, "Content-Length is no number");
		return false;
	}
	return true;
}

static bool check_type(struct exchange *x)
{
	static const char json[] = "application/json";
	const char *type = exchange_header(x, "Content-Type");

	if (type && strncasecmp(type, json, sizeof(json) - 1) == 0 &&
	    strchr("; ", type[sizeof(json) - 1]))
		return true;
	fail_answer(x, (struct refusal){ .status = 415, .code = "UnsupportedMediaType" },
		    "The body must be application/json");
	return false;
}

/* Room for the body, which the limits allow. */
static bool check_body(struct exchange *x)
{
	size_t most = body_limit(x->route);

	if (!find_length(x))
		return false;
	if (x->route->flags & ROUTE_UPLOAD)
		return true;
	if (x->length_bytes != UINT64_MAX && x->length_bytes > most) {
		fail_answer(x, (struct refusal){ .status = 413, .code = "TooLarge" },
			    "The body has %ju bytes, at most %zu are taken",
			    (uintmax_t)x->length_bytes, most);
		return false;
	}
	if (!x->route->fields)
		return true;
	if (x->length_bytes == UINT64_MAX || x->length_bytes == 0) {
		fail_bad_request(x, "The body is missing: a JSON object");
		return false;
	}
	if (!check_type(x))
		return false;
	if (x->server->body_bytes + x->length_bytes + 1 > LIMIT_ALL_BODIES) {
		fail_answer(x,
			    (struct refusal){ .status = 503, .code = "Busy", .retry_after_s = 5 },
			    "Too much is being sent to this host at once; try again");
		return false;
	}
	x->body = malloc((size_t)x->length_bytes + 1);
	if (!x->body) {
		fail_memory(x);
		return false;
	}
	x->body_room = (size_t)x->length_bytes + 1;
	x->server->body_bytes += x->body_room;
	return true;
}

bool admit(struct exchange *x, const char *method, const char *url)
{
	if (!find_route(x, method, url))
		return false;
	find_token(x);
	if (!check_origin(x, method))
		return false;
	if (!(x->route->flags & ROUTE_PUBLIC) && !x->token[0]) {
		fail_answer(x, (struct refusal){ .status = 401, .code = "Unauthorized" },
			    "Log in first: the request has no session");
		return false;
	}
	return check_body(x);
}
