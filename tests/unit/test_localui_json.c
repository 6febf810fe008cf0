/* SPDX-License-Identifier: Apache-2.0 */
/* Routes and bodies of palette-localui. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "localui/fields.h"
#include "localui/routes.h"
#include "test.h"

static const struct route table[] = {
	{ .method = "GET", .path = "/v1/a" },	    { .method = "PUT", .path = "/v1/a" },
	{ .method = "GET", .path = "/v1/b/{}" },    { .method = "DELETE", .path = "/v1/b/{}" },
	{ .method = "POST", .path = "/v1/b/{}/c" }, { .method = "GET", .path = "/v1/b/fixed" },
};

static enum route_result find(const char *method, const char *path, const struct route **ret,
			      char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES],
			      char allow[ROUTE_ALLOW_BYTES])
{
	return route_find(table, ARRAY_SIZE(table), method, path, ret, params, allow);
}

TEST(a_route_is_found_by_method_and_path)
{
	char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES], allow[ROUTE_ALLOW_BYTES];
	const struct route *route;

	CHECK_INT(find("PUT", "/v1/a", &route, params, allow), ROUTE_FOUND);
	CHECK(route == &table[1]);
	CHECK_INT(find("HEAD", "/v1/a", &route, params, allow), ROUTE_FOUND);
	CHECK(route == &table[0]);
	CHECK_INT(find("GET", "/v1/b/x y", &route, params, allow), ROUTE_FOUND);
	CHECK_STR(params[0], "x y");
	CHECK_INT(find("POST", "/v1/b/x/c", &route, params, allow), ROUTE_FOUND);
	CHECK_INT(find("POST", "/v1/a", &route, params, allow), ROUTE_NO_METHOD);
	CHECK_STR(allow, "GET, PUT");
}

TEST(a_path_that_is_only_alike_is_none)
{
	static const char *const bad[] = { "",	       "/",	 "/v1",	   "/v1/a/",
					   "/v1/ab",   "/v1//a", "/v1/b/", "/v1/b/x/",
					   "/v1/b//c", "/V1/a",	 "v1/a",   "/v1/b/x/c/d" };
	char params[ROUTE_PARAMS][ROUTE_PARAM_BYTES], allow[ROUTE_ALLOW_BYTES];
	char longest[400] = "/v1/b/";
	const struct route *route;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(find("GET", bad[i], &route, params, allow), ROUTE_NO_PATH);
	memset(longest + 6, 'x', ROUTE_PARAM_BYTES);
	CHECK_INT(find("GET", longest, &route, params, allow), ROUTE_NO_PATH);
}

static const struct field fields[] = {
	{ .name = "name", .kind = FIELD_STRING, .required = true, .most = 4 },
	{ .name = "mode", .kind = FIELD_STRING, .most = 9, .choices = "dhcp static" },
	{ .name = "n", .kind = FIELD_NUMBER, .most = 10 },
	{ .name = "on", .kind = FIELD_BOOL },
	{ .name = "list", .kind = FIELD_STRINGS, .most = 2, .items = 2 },
	{ 0 },
};

TEST(a_good_body_is_taken)
{
	static const char text[] = "{\"name\":\"abcd\",\"mode\":\"static\",\"n\":10,\"on\":false,"
				   "\"list\":[\"a\",\"bb\"]}";
	struct fail why = { 0 };
	json_t *body = fields_parse(text, sizeof(text) - 1, fields, &why);

	CHECK(body);
	CHECK_STR(field_string(body, "name"), "abcd");
	CHECK_STR(field_string(body, "nothing"), "");
	json_decref(body);
}

#define SIXTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

TEST(a_bad_body_is_refused_by_the_fields_name)
{
	static const char *const rows[][2] = {
		{ "{}", "name is missing" },
		{ "[]", "the body must be a JSON object" },
		{ "{\"name\":\"abcde\"}", "name has 5 bytes, at most 4 are taken" },
		{ "{\"name\":\"a\\u0000\"}", "the body is not JSON: " },
		{ "{\"name\":5}", "name must be a string without NUL" },
		{ "{\"name\":\"a\",\"x\":1}", "x is no field of this request" },
		/* Cut before the character that the 64th byte is in the middle of. */
		{ "{\"name\":\"a\",\"" SIXTY "xxx\xc3\xa4\":1}",
		  SIXTY "xxx is no field of this request" },
		{ "{\"name\":\"a\",\"mode\":\"dhc\"}", "mode must be one of: dhcp static" },
		{ "{\"name\":\"a\",\"mode\":\"\"}", "mode must be one of: dhcp static" },
		{ "{\"name\":\"a\",\"n\":11}", "n must be a whole number from 0 to 10" },
		{ "{\"name\":\"a\",\"n\":-1}", "n must be a whole number from 0 to 10" },
		{ "{\"name\":\"a\",\"n\":1.5}", "n must be a whole number from 0 to 10" },
		{ "{\"name\":\"a\",\"on\":1}", "on must be true or false" },
		{ "{\"name\":\"a\",\"list\":[\"a\",\"b\",\"c\"]}", "list has 3 items, at most 2" },
		{ "{\"name\":\"a\",\"list\":[1]}", "list must be a string without NUL" },
		{ "{\"name\":\"a\",\"list\":\"a\"}", "list must be a list of strings" },
		{ "{\"name\":\"a\",\"name\":\"b\"}", "the body is not JSON: " },
		{ "{\"name\":\"a\"} x", "the body is not JSON: " },
		{ "{\"name\":[[[[[[[[[[[]]]]]]]]]]]}", "the body is nested deeper than 8" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fail why = { 0 };

		CHECK(!fields_parse(rows[i][0], strlen(rows[i][0]), fields, &why));
		CHECK_INT(strncmp(why.msg, rows[i][1], strlen(rows[i][1])), 0);
	}
}
