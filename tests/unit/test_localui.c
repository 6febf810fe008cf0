/* SPDX-License-Identifier: Apache-2.0 */
/* What palette-localui reads of requests by itself. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "localui/addresses.h"
#include "localui/config.h"
#include "localui/form.h"
#include "localui/http.h"
#include "localui/session_cache.h"
#include "test.h"

TEST(numbers_are_digits_alone_and_have_a_limit)
{
	static const char *const bad[] = { "",	  " 1",	 "1 ",
					   "+1",  "-1",	 "0x1",
					   "1.0", "101", "18446744073709551616" };
	uint64_t n = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!http_number(bad[i], 100, &n));
	CHECK(!http_number(NULL, 100, &n));
	CHECK_INT(n, 7);
	CHECK(http_number("100", 100, &n) && n == 100);
	CHECK(http_number("18446744073709551615", UINT64_MAX, &n) && n == UINT64_MAX);
}

TEST(a_host_is_a_name_or_an_address_with_a_port_or_without)
{
	static const char *const good[][2] = {
		{ "edge-1", "edge-1" },
		{ "edge-1:5080", "edge-1" },
		{ "192.0.2.1:1", "192.0.2.1" },
		{ "[::1]", "[::1]" },
		{ "[fe80::1]:5080", "[fe80::1]" },
	};
	static const char *const bad[] = {
		"",   ":80",  "a b",	"a/b",	 "a:b",	  "a:99999", "a@b", "a\r\nb",
		"[]", "[::1", "[::1]x", "[g::]", "\"a\"", "a%2f",    "a,b", "a:",
	};
	char host[32];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK(http_host(good[i][0], host, sizeof(host)));
		CHECK_STR(host, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!http_host(bad[i], host, sizeof(host)));
	CHECK(!http_host("a-name-that-has-more-than-32-letters", host, sizeof(host)));
}

TEST(an_origin_is_this_host_only_with_scheme_name_and_port)
{
	CHECK(http_same_origin("https://edge:5080", "edge:5080"));
	CHECK(http_same_origin("https://EDGE:5080", "edge:5080"));
	CHECK(http_same_origin("https://edge", "edge:443"));
	CHECK(!http_same_origin("http://edge:5080", "edge:5080"));
	CHECK(!http_same_origin("https://edge:5081", "edge:5080"));
	CHECK(!http_same_origin("https://edge:50800", "edge:5080"));
	CHECK(!http_same_origin("https://edge", "edge:5080"));
	CHECK(!http_same_origin("https://edge:5080.evil", "edge:5080"));
	CHECK(!http_same_origin("null", "edge:5080"));
	CHECK(!http_same_origin("", ""));
	CHECK(!http_same_origin("https://edge", NULL));
}

TEST(a_cookie_is_found_by_its_whole_name)
{
	char value[16];

	CHECK(http_cookie("a=1; b=22; c=3", "b", value, sizeof(value)));
	CHECK_STR(value, "22");
	CHECK(http_cookie("b=1;b=2", "b", value, sizeof(value)));
	CHECK_STR(value, "1");
	CHECK(!http_cookie("bb=1; xb=2", "b", value, sizeof(value)));
	CHECK(!http_cookie("b", "b", value, sizeof(value)));
	CHECK(!http_cookie("b=", "b", value, sizeof(value)));
	CHECK(!http_cookie("b=0123456789abcdef", "b", value, sizeof(value)));
	CHECK(!http_cookie(NULL, "b", value, sizeof(value)));
	CHECK(!http_cookie("", "b", value, sizeof(value)));
}

TEST(a_bearer_is_one_word)
{
	char token[HTTP_TOKEN_BYTES];

	CHECK(http_bearer("Bearer abc", token, sizeof(token)));
	CHECK_STR(token, "abc");
	CHECK(http_bearer("abc", token, sizeof(token)));
	CHECK(!http_bearer("Basic abc", token, sizeof(token)));
	CHECK(!http_bearer("Bearer abc def", token, sizeof(token)));
	CHECK(!http_bearer("Bearer a\x01", token, sizeof(token)));
	CHECK(!http_bearer("Bearer ", token, sizeof(token)));
	CHECK(!http_bearer(NULL, token, sizeof(token)));
	CHECK(!http_bearer("abcdefgh", token, 8));
}

TEST(a_content_range_has_order)
{
	static const char *const bad[] = {
		"bytes 5-4/10",	 "bytes 0-10/10", "bytes 0-1/*",
		"bytes */10",	 "0-1/10",	  "bytes 0-1",
		"bytes 0-1/10 ", "bytes -1/10",	  "bytes 0-99999999999999999999/1"
	};
	struct http_range range;

	CHECK(http_content_range("bytes 5-9/10", &range));
	CHECK(range.first == 5 && range.last == 9 && range.size == 10);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!http_content_range(bad[i], &range));
	CHECK(!http_content_range(NULL, &range));
}

TEST(a_coding_that_is_weighed_zero_is_not_taken)
{
	CHECK(http_accepts("gzip", "gzip"));
	CHECK(http_accepts("br, gzip;q=0.5, x", "gzip"));
	CHECK(http_accepts("deflate , GZIP", "gzip"));
	CHECK(!http_accepts("gzip;q=0", "gzip"));
	CHECK(!http_accepts("gzip;q=0.00, br", "gzip"));
	CHECK(!http_accepts("gzipped", "gzip"));
	CHECK(!http_accepts("x-gzip", "gzip"));
	CHECK(!http_accepts(NULL, "gzip"));
}

TEST(an_etag_matches_itself)
{
	CHECK(http_etag_matches("\"a\"", "\"a\""));
	CHECK(http_etag_matches("\"b\", W/\"a\"", "\"a\""));
	CHECK(http_etag_matches("*", "\"a\""));
	CHECK(!http_etag_matches("\"ab\"", "\"a\""));
	CHECK(!http_etag_matches(NULL, "\"a\""));
}

TEST(times_are_rfc_3339)
{
	static const char *const bad[] = {
		"",
		"now",
		"2026-11-23",
		"2026-11-23T16:31:40",
		"2026-11-23T16:31:40.Z",
		"2026-11-23T16:31:40+1:00",
		"2026-11-23T16:31:40+15:00",
		"2026-11-23T16:31:40Zx",
		"1969-12-31T00:00:00Z",
	};
	char text[32];
	uint64_t t;

	CHECK(http_time("2026-11-23T16:31:40Z", &t) && t == 1795451500);
	CHECK(http_time("2026-11-23T17:31:40.123+01:00", &t) && t == 1795451500);
	CHECK(http_time("2026-11-23T15:01:40-01:30", &t) && t == 1795451500);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!http_time(bad[i], &t));
	CHECK_STR(http_time_text(1795451500, text), "2026-11-23T16:31:40Z");
	CHECK_STR(http_time_text(UINT64_MAX, text), "1970-01-01T00:00:00Z");
}

TEST(escapes_are_decoded_but_never_into_control_characters)
{
	static const char *const bad[] = { "%", "%4", "%4g", "a%00", "%0a", "%7f", "a\nb" };
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "%s", bad[i]);
		CHECK(!http_unescape(text));
		CHECK_STR(text, bad[i]);
	}
	snprintf(text, sizeof(text), "a%%2Fb%%c3%%a9%%25");
	CHECK(http_unescape(text));
	CHECK_STR(text, "a/b\xc3\xa9%");
}

static int redirect(const char *head, char *location, size_t size)
{
	return http_redirect(head, strlen(head), 5080, "192.0.2.9", location, size);
}

TEST(a_plain_request_is_redirected_when_its_head_is_whole)
{
	char location[200];

	CHECK_INT(redirect("GET / HT", location, sizeof(location)), 0);
	CHECK_INT(redirect("GET / HTTP/1.1\r\nHost: e\r\n", location, sizeof(location)), 0);
	CHECK(redirect("GET /a?b HTTP/1.1\r\nX-Host: z\r\nhost:  e:80 \r\n\r\n", location,
		       sizeof(location)) > 0);
	CHECK_STR(location, "https://e:5080/a?b");
	CHECK(redirect("GET //e HTTP/1.1\r\nHost: a b\r\n\r\n", location, sizeof(location)) > 0);
	CHECK_STR(location, "https://192.0.2.9:5080/");
	CHECK_INT(redirect("\r\n\r\n", location, sizeof(location)), -1);
	CHECK_INT(redirect("get / HTTP/1.1\r\n\r\n", location, sizeof(location)), -1);
	CHECK_INT(http_redirect("G\0", 2, 1, "a", location, sizeof(location)), -1);
	CHECK_INT(redirect("GET /abcdefghijkl HTTP/1.1\r\n\r\n", location, 20), -1);
}

#define BOUNDARY "multipart/form-data; boundary=XX"
#define FIELD	 "--XX\r\nContent-Disposition: form-data; name=\"sha256\"\r\n\r\nabc\r\n"
#define FILE_PART                                                                                  \
	"--XX\r\nContent-Disposition: form-data; name=\"uploadFile\"; filename=\"a.tar\"\r\n"      \
	"Content-Type: x/y\r\n\r\n"

TEST(a_form_needs_a_boundary)
{
	struct form form;

	CHECK(form_start(&form, BOUNDARY));
	CHECK_STR(form.delimiter, "\r\n--XX");
	CHECK(form_start(&form, "Multipart/Form-Data; charset=x; boundary=\"a b\""));
	CHECK_STR(form.delimiter, "\r\n--a b");
	CHECK(!form_start(&form, NULL));
	CHECK(!form_start(&form, "multipart/form-data"));
	CHECK(!form_start(&form, "multipart/form-data; boundary="));
	CHECK(!form_start(&form, "multipart/form-data; boundary=\"x"));
	CHECK(!form_start(&form, "text/plain; boundary=x"));
}

TEST(a_forms_head_is_read_at_whatever_byte_it_is_cut)
{
	static const char text[] = FIELD FILE_PART "data";
	struct fail why = { 0 };
	struct form form;
	size_t data = 0;

	for (size_t n = 0; n < sizeof(text) - 5; n++) {
		CHECK(form_start(&form, BOUNDARY));
		CHECK_INT(form_read_head(&form, text, n, &data, &why), 0);
	}
	CHECK_INT(form_read_head(&form, text, sizeof(text) - 1, &data, &why), 1);
	CHECK_STR(form.name, "a.tar");
	CHECK_STR(form.sha256, "abc");
	CHECK_STR(text + data, "data");
}

TEST(a_form_without_a_file_is_refused)
{
	static const char *const bad[] = {
		"hello, this is no form",
		FIELD "--XX--\r\n",
		"--XX\r\nContent-Type: x\r\n\r\na\r\n--XX--\r\n",
		"--XX\r\nContent-Disposition: form-data; name=\"uploadFile\"\r\n\r\na",
	};
	struct fail why = { 0 };
	struct form form;
	size_t data;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(form_start(&form, BOUNDARY));
		CHECK_INT(form_read_head(&form, bad[i], strlen(bad[i]), &data, &why), -EINVAL);
	}
}

TEST(a_delimiter_is_found_across_pieces)
{
	static const char text[] = "a\r\n-\r\r\n--X\r\r\n--XXb";
	struct form form;

	CHECK(form_start(&form, BOUNDARY));
	for (size_t i = 0; i < sizeof(text) - 3; i++)
		CHECK(!form_search(&form, text + i, 1));
	CHECK(form_search(&form, text + sizeof(text) - 3, 1));
	CHECK(form_start(&form, BOUNDARY));
	CHECK(form_search(&form, text, sizeof(text) - 1));
}

TEST(a_files_size_follows_from_the_requests)
{
	struct form form;
	uint64_t bytes;

	CHECK(form_start(&form, BOUNDARY));
	CHECK(form_is_tail(&form, "\r\n--XX--\r\n", 10));
	CHECK(!form_is_tail(&form, "\r\n--XX--\r\nx", 11));
	CHECK(!form_is_tail(&form, "\r\n--XX\r\n--", 10));
	CHECK(form_file_bytes(&form, 110, 50, &bytes) && bytes == 50);
	CHECK(form_file_bytes(&form, 60, 50, &bytes) && bytes == 0);
	CHECK(!form_file_bytes(&form, 59, 50, &bytes));
}

static struct address_key key_of(const char *text)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&s;
	struct sockaddr_in *in = (struct sockaddr_in *)&s;

	s.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	CHECK_INT(inet_pton(s.ss_family, text,
			    s.ss_family == AF_INET6 ? (void *)&in6->sin6_addr
						    : (void *)&in->sin_addr),
		  1);
	return address_key_of((struct sockaddr *)&s);
}

TEST(an_ipv6_network_and_a_mapped_address_are_one_client)
{
	struct address_key a = key_of("2001:db8::1"), b = key_of("2001:db8::ffff:2"),
			   c = key_of("2001:db8:0:1::1"), d = key_of("192.0.2.1"),
			   e = key_of("::ffff:192.0.2.1"), f = key_of("::ffff:192.0.2.2");

	CHECK_MEM(&a, &b, sizeof(a));
	CHECK(memcmp(&a, &c, sizeof(a)) != 0);
	CHECK_MEM(&d, &e, sizeof(d));
	CHECK(memcmp(&e, &f, sizeof(e)) != 0);
}

TEST(an_address_gets_its_places_back)
{
	static struct addresses table;
	struct address_key a = key_of("192.0.2.1"), b = key_of("192.0.2.2");

	for (int i = 0; i < LIMIT_CONNECTIONS_PER_ADDRESS; i++)
		CHECK(addresses_take(&table, a));
	CHECK(!addresses_take(&table, a));
	CHECK(addresses_take(&table, b));
	addresses_give(&table, a);
	CHECK(addresses_take(&table, a));
	CHECK_INT(table.total, LIMIT_CONNECTIONS_PER_ADDRESS + 1);
	addresses_give(&table, key_of("192.0.2.3"));
	CHECK_INT(table.total, LIMIT_CONNECTIONS_PER_ADDRESS + 1);
}

TEST(all_addresses_together_have_a_limit)
{
	static struct addresses table;
	char text[32];

	for (int i = 0; i < LIMIT_CONNECTIONS; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250);
		CHECK(addresses_take(&table, key_of(text)));
	}
	CHECK(!addresses_take(&table, key_of("192.0.2.1")));
}

TEST(a_session_is_believed_for_its_time_and_not_after_it_ended)
{
	static struct session_cache cache;
	const struct session_row *row;

	session_cache_put(&cache, "token", "id1", "alice", 1000);
	row = session_cache_find(&cache, "token", 1000 + SESSION_TRUST_MS - 1);
	CHECK(row && strcmp(row->user, "alice") == 0);
	CHECK(!session_cache_find(&cache, "token", 1000 + SESSION_TRUST_MS));
	CHECK(!session_cache_find(&cache, "other", 1000));
	session_cache_put(&cache, "token", "id1", "alice", 5000);
	session_cache_drop(&cache, "id2");
	CHECK(session_cache_find(&cache, "token", 5000));
	session_cache_drop(&cache, "id1");
	CHECK(!session_cache_find(&cache, "token", 5000));
}

TEST(of_a_full_cache_the_oldest_goes)
{
	static struct session_cache cache;
	char token[16];

	for (int i = 0; i <= SESSION_ROWS; i++) {
		snprintf(token, sizeof(token), "t%d", i);
		session_cache_put(&cache, token, token, "u", 1000 + (uint64_t)i);
	}
	CHECK(!session_cache_find(&cache, "t0", 1300));
	CHECK(session_cache_find(&cache, "t1", 1300));
	CHECK(session_cache_find(&cache, token, 1300));
	session_cache_drop(&cache, NULL);
	CHECK(!session_cache_find(&cache, token, 1300));
}

TEST(the_setting_is_a_port)
{
	struct fail why = { 0 };
	unsigned port = 5080;
	char good[] = "# mine\n\nport = 443\n", bad[] = "port = x\n", other[] = "ports = 1\n";

	CHECK_INT(config_read(good, &port, &why), 0);
	CHECK_INT(port, 443);
	CHECK_INT(config_read(bad, &port, &why), -EINVAL);
	CHECK_STR(why.msg, "line 1: port: \"x\" is not 1 to 65535");
	CHECK_INT(config_read(other, &port, &why), -EINVAL);
	CHECK_STR(why.msg, "line 1: \"ports\" is no setting");
}
