/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

bool http_number(const char *text, uint64_t most, uint64_t *ret)
{
	uint64_t value = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value) || value > most)
			return false;
	}
	*ret = value;
	return true;
}

static bool is_host_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

bool http_host(const char *header, char *host, size_t size)
{
	size_t n = 0;
	uint64_t port;

	if (!header)
		return false;
	if (header[0] == '[') {
		n = 1 + strspn(header + 1, "0123456789abcdefABCDEF:.");
		if (n < 3 || header[n] != ']')
			return false;
		n++;
	} else {
		while (is_host_char(header[n]))
			n++;
	}
	if (n == 0 || n >= size || (header[n] && header[n] != ':'))
		return false;
	if (header[n] == ':' && !http_number(header + n + 1, 65535, &port))
		return false;
	memcpy(host, header, n);
	host[n] = '\0';
	return true;
}

bool http_same_origin(const char *origin, const char *host)
{
	static const char scheme[] = "https://";
	size_t n = sizeof(scheme) - 1;
	size_t a, b;

	if (!origin || !host || strncasecmp(origin, scheme, n) != 0)
		return false;
	origin += n;
	/* A browser leaves the scheme's own port out of both; nobody else need. */
	a = strlen(origin);
	b = strlen(host);
	if (a > 4 && strcmp(origin + a - 4, ":443") == 0)
		a -= 4;
	if (b > 4 && strcmp(host + b - 4, ":443") == 0)
		b -= 4;
	return a == b && strncasecmp(origin, host, a) == 0;
}

bool http_cookie(const char *header, const char *name, char *value, size_t size)
{
	size_t name_bytes = strlen(name);

	while (header && *header) {
		size_t n;

		header += strspn(header, "; ");
		n = strcspn(header, ";");
		if (n > name_bytes && header[name_bytes] == '=' &&
		    strncmp(header, name, name_bytes) == 0) {
			n -= name_bytes + 1;
			if (n == 0 || n >= size)
				return false;
			memcpy(value, header + name_bytes + 1, n);
			value[n] = '\0';
			return true;
		}
		header += n;
	}
	return false;
}

bool http_is_token(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || (text[n] && strchr("._-", text[n])))
		n++;
	return n > 0 && n < HTTP_TOKEN_BYTES && text[n] == '\0';
}

bool http_bearer(const char *header, char *token, size_t size)
{
	if (!header)
		return false;
	if (strncasecmp(header, "Bearer ", 7) == 0)
		header += 7;
	header += strspn(header, " ");
	if (!http_is_token(header) || strlen(header) >= size)
		return false;
	memcpy(token, header, strlen(header) + 1);
	return true;
}

/* Digits up to @end, which must follow them. NULL: there are none, or too many. */
static const char *number_until(const char *text, char end, uint64_t *ret)
{
	char digits[24];
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n >= sizeof(digits) || text[n] != end)
		return NULL;
	memcpy(digits, text, n);
	digits[n] = '\0';
	return http_number(digits, UINT64_MAX, ret) ? text + n + (end ? 1 : 0) : NULL;
}

bool http_content_range(const char *header, struct http_range *ret)
{
	if (!header || strncasecmp(header, "bytes ", 6) != 0)
		return false;
	header = number_until(header + 6, '-', &ret->first);
	header = header ? number_until(header, '/', &ret->last) : NULL;
	header = header ? number_until(header, '\0', &ret->size) : NULL;
	return header && ret->first <= ret->last && ret->last < ret->size;
}

bool http_accepts(const char *header, const char *coding)
{
	size_t n = strlen(coding);

	while (header && *header) {
		size_t part;

		header += strspn(header, ", \t");
		part = strcspn(header, ",");
		if (part >= n && strncasecmp(header, coding, n) == 0) {
			const char *rest = header + n + strspn(header + n, " \t");

			if (*rest == '\0' || *rest == ',')
				return true;
			/* "gzip;q=0" and "gzip;q=0.0" say no. */
			if (*rest == ';') {
				const char *q = strstr(rest, "q=");

				return !q || q > header + part ||
				       strspn(q + 2, "0.") != strcspn(q + 2, ", \t");
			}
		}
		header += part;
	}
	return false;
}

bool http_etag_matches(const char *header, const char *etag)
{
	size_t n = strlen(etag);

	if (header && strcmp(header, "*") == 0)
		return true;
	while (header && *header) {
		size_t part;

		header += strspn(header, ", \t");
		if (strncmp(header, "W/", 2) == 0)
			header += 2;
		part = strcspn(header, ", \t");
		if (part == n && strncmp(header, etag, n) == 0)
			return true;
		header += part;
	}
	return false;
}

bool http_time(const char *text, uint64_t *ret)
{
	struct tm tm = { 0 };
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	long offset_s = 0;
	time_t t;

	if (!rest || strlen(text) > 40)
		return false;
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");

		if (digits == 0)
			return false;
		rest += 1 + digits;
	}
	if ((*rest == '+' || *rest == '-') && strlen(rest) == 6 && rest[3] == ':') {
		uint64_t hours, minutes;

		if (!number_until(rest + 1, ':', &hours) ||
		    !number_until(rest + 4, '\0', &minutes) || hours > 14 || minutes > 59)
			return false;
		offset_s = (long)(hours * 3600 + minutes * 60) * (*rest == '-' ? -1 : 1);
	} else if (strcmp(rest, "Z") != 0) {
		return false;
	}
	t = timegm(&tm);
	if (t < offset_s)
		return false;
	*ret = (uint64_t)(t - offset_s);
	return true;
}

const char *http_time_text(uint64_t seconds, char buf[32])
{
	/* The year 9999: no format goes beyond. */
	time_t t = seconds < UINT64_C(253402300800) ? (time_t)seconds : 0;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

/* The value of header @name in the lines of @head; false: none, or it does not fit. */
static bool head_value(const char *head, const char *name, char *value, size_t size)
{
	size_t n = strlen(name);
	const char *line = strstr(head, "\r\n");

	for (; line; line = strstr(line, "\r\n")) {
		size_t bytes;

		line += 2;
		if (strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		line += n + 1;
		line += strspn(line, " \t");
		bytes = strcspn(line, "\r\n");
		while (bytes && (line[bytes - 1] == ' ' || line[bytes - 1] == '\t'))
			bytes--;
		if (bytes >= size)
			return false;
		memcpy(value, line, bytes);
		value[bytes] = '\0';
		return true;
	}
	return false;
}

/* The path of the request line, "/" where it is not a plain one. */
static void request_path(const char *head, char *path, size_t size)
{
	const char *at = strchr(head, ' ');
	size_t n = 0;

	snprintf(path, size, "/");
	if (!at || at[1] != '/' || at[2] == '/')
		return;
	at++;
	while (at[n] > ' ' && at[n] < 0x7f && !strchr("\"<>\\^`{|}#", at[n]))
		n++;
	if (at[n] == ' ' && n < size) {
		memcpy(path, at, n);
		path[n] = '\0';
	}
}

int http_redirect(const char *head, size_t bytes, unsigned port, const char *fallback_host,
		  char *location, size_t size)
{
	char text[2049], header[HTTP_HOST_BYTES] = "", host[HTTP_HOST_BYTES], path[1024];
	size_t letters = 0;
	int n;

	if (bytes >= sizeof(text) || memchr(head, '\0', bytes))
		return -1;
	memcpy(text, head, bytes);
	text[bytes] = '\0';
	letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (letters > 16 || (text[letters] && text[letters] != ' '))
		return -1;
	if (!strstr(text, "\r\n\r\n"))
		return 0;
	if (!letters)
		return -1;
	if (!head_value(text, "Host", header, sizeof(header)) ||
	    !http_host(header, host, sizeof(host)))
		snprintf(host, sizeof(host), "%s", fallback_host);
	request_path(text, path, sizeof(path));
	n = snprintf(location, size, "https://%s:%u%s", host, port, path);
	return n < 0 || (size_t)n >= size ? -1 : n;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		int high, low;

		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
		if (*at != '%')
			continue;
		high = hex_digit(at[1]);
		low = high < 0 ? -1 : hex_digit(at[2]);
		if (low < 0 || high * 16 + low < 0x20 || high * 16 + low == 0x7f)
			return false;
	}
	for (const char *at = text; *at; at++) {
		if (*at == '%') {
			*to++ = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return true;
}
