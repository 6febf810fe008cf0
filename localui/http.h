/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http - the pieces of HTTP that libmicrohttpd leaves to us. Pure: no I/O, no allocation.
 *
 * All of it comes from whoever reaches the port, so nothing here asserts and everything has a limit.
 */
#ifndef PALETTE_LOCALUI_HTTP_H
#define PALETTE_LOCALUI_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HOST_BYTES	  300
#define HTTP_TOKEN_BYTES  129
#define HTTP_COOKIE_BYTES 64

/* Decimal digits alone, at most @most. */
bool http_number(const char *text, uint64_t most, uint64_t *ret);

/*
 * "name:port", "192.0.2.1", "[fe80::1]:5080" as the Host header has it: the host alone into @host
 * (with the brackets of IPv6). False: it is no host, or longer than @size.
 */
bool http_host(const char *header, char *host, size_t size);

/* Whether the Origin header names https and the same host and port as the Host header. */
bool http_same_origin(const char *origin, const char *host);

/* The value of cookie @name into @value. False: there is none, or it does not fit @size. */
bool http_cookie(const char *header, const char *name, char *value, size_t size);

/* "Bearer TOKEN" or TOKEN alone; a token is letters, digits and "._-". */
bool http_bearer(const char *header, char *token, size_t size);
bool http_is_token(const char *text);

/* "bytes FIRST-LAST/SIZE". */
struct http_range {
	uint64_t first, last, size;
};
bool http_content_range(const char *header, struct http_range *ret);

/* Whether @header, an Accept-Encoding, takes @coding. */
bool http_accepts(const char *header, const char *coding);

/* Whether the If-None-Match @header names @etag (with its quotes) or is "*". */
bool http_etag_matches(const char *header, const char *etag);

/* "2026-11-23T16:31:40Z", also with a fraction or an offset, to seconds since 1970. */
bool http_time(const char *text, uint64_t *ret);
const char *http_time_text(uint64_t seconds, char buf[32]);

/*
 * The head of a plain HTTP request that came to the TLS port: fills @location with
 * "https://HOST:PORT/PATH". @fallback_host stands in for a missing Host. 0: the head is not
 * complete yet. -1: this is no HTTP. Else the length of the location.
 */
int http_redirect(const char *head, size_t bytes, unsigned port, const char *fallback_host,
		  char *location, size_t size);

/* %XX decoded in place; false, and unchanged, where it is damaged or gives a control character. */
bool http_unescape(char *text);

#endif
