/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What palette-localui reads by itself of what a stranger sends, for libFuzzer. The first byte says
 * which reader, the rest is its input. Besides what the sanitizers find, a few things must hold.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "localui/config.h"
#include "localui/fields.h"
#include "localui/form.h"
#include "localui/http.h"
#include "localui/routes.h"
#include "tests/fuzz/input.h"

static void fuzz_redirect(const char *text, size_t bytes)
{
	char location[600];
	int n = http_redirect(text, bytes, 5080, "host", location, sizeof(location));

	if (n <= 0)
		return;
	assert(strncmp(location, "https://", 8) == 0 && (size_t)n == strlen(location));
	/* Nothing that ends a header's line or leaves the host. */
	for (int i = 0; i < n; i++)
		assert(location[i] > ' ' && location[i] < 0x7f);
}

static void fuzz_headers(const char *text)
{
	char buf[HTTP_TOKEN_BYTES], date[32];
	struct http_range range;
	uint64_t n;

	if (http_cookie(text, "palette-session-1", buf, sizeof(buf)))
		assert(buf[0] && !strchr(buf, ';'));
	if (http_bearer(text, buf, sizeof(buf)))
		assert(http_is_token(buf));
	if (http_host(text, buf, sizeof(buf)))
		assert(!strpbrk(buf, "/@ \r\n\""));
	if (http_content_range(text, &range))
		assert(range.first <= range.last && range.last < range.size);
	(void)http_same_origin(text, "edge:5080");
	(void)http_accepts(text, "gzip");
	(void)http_etag_matches(text, "\"abc\"");
	if (http_time(text, &n))
		(void)http_time_text(n, date);
	(void)http_number(text, 1000, &n);
}

static void fuzz_path(char *text)
{
	static const struct route table[] = {
		{ .method = "GET", .path = "/v1/a/{}" },
		{ .method = "PUT", .path = "/v1/a/{}/b" },
	};
	char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES], allow[ROUTE_ALLOW_BYTES];
	const struct route *route;

	if (http_unescape(text))
		for (const char *at = text; *at; at++)
			assert((unsigned char)*at >= 0x20 && *at != 0x7f);
	if (route_find(table, 2, "GET", text, &route, params, allow) == ROUTE_FOUND)
		assert(params[0][0] && !strchr(params[0], '/'));
}

static void fuzz_body(const char *text, size_t bytes)
{
	static const struct field fields[] = {
		{ .name = "name", .kind = FIELD_STRING, .required = true, .most = 8 },
		{ .name = "list", .kind = FIELD_STRINGS, .most = 8, .items = 4 },
		{ .name = "n", .kind = FIELD_NUMBER, .most = 100 },
		{ .name = "on", .kind = FIELD_BOOL },
		{ 0 },
	};
	struct fail why = { 0 };
	json_t *body = fields_parse(text, bytes, fields, &why);

	assert(body ? strlen(field_string(body, "name")) <= 8 : why.msg[0] != '\0');
	json_decref(body);
}

/* A form gives the same, whole and in pieces. */
static void fuzz_form(const char *text, size_t bytes)
{
	struct form whole, pieces;
	struct fail why = { 0 };
	size_t data = 0, again = 0;
	bool found = false;
	int r;

	if (!form_start(&whole, "multipart/form-data; boundary=X"))
		abort();
	pieces = whole;
	r = form_read_head(&whole, text, bytes, &data, &why);
	if (r == 1) {
		assert(data <= bytes && whole.name[0]);
		assert(form_read_head(&pieces, text, data, &again, &why) == 1 && again == data);
	}
	(void)form_is_tail(&whole, text, bytes);
	whole.matched = pieces.matched = 0;
	for (size_t i = 0; i < bytes && !found; i++)
		found = form_search(&pieces, text + i, 1);
	assert(found == form_search(&whole, text, bytes));
	assert(found == (memmem(text, bytes, "\r\n--X", 5) != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	unsigned port = 1;
	char *text;

	if (bytes == 0)
		return 0;
	text = input_text(data, bytes);
	switch (data[0] % 6) {
	case 0:
		fuzz_redirect(text, bytes - 1);
		break;
	case 1:
		fuzz_headers(text);
		break;
	case 2:
		fuzz_path(text);
		break;
	case 3:
		fuzz_body(text, bytes - 1);
		break;
	case 4:
		fuzz_form(text, bytes - 1);
		break;
	default:
		(void)config_read(text, &port, NULL);
	}
	free(text);
	return 0;
}
