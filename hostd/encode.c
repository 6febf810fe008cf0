/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/utf8.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* The characters that count, without the padding at the end; -1 where there are others. */
static long count_digits(const char *text, size_t n, size_t *ret_padding)
{
	long digits = 0;

	*ret_padding = 0;
	for (size_t i = 0; i < n; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (text[i] == '=')
			(*ret_padding)++;
		else if (*ret_padding || value_of(text[i]) < 0)
			return -1;
		else
			digits++;
	}
	return digits;
}

unsigned char *base64_decode(const char *text, size_t n, size_t *ret_bytes)
{
	size_t padding, used = 0;
	long digits = count_digits(text, n, &padding);
	unsigned char *out;
	uint32_t bits = 0;
	unsigned n_bits = 0;

	if (digits <= 0 || padding > 2 || ((size_t)digits + padding) % 4 != 0)
		return NULL;
	out = malloc((size_t)digits * 3 / 4 + 1);
	if (!out)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		int v = value_of(text[i]);

		if (v < 0)
			continue;
		bits = bits << 6 | (uint32_t)v;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[used++] = (unsigned char)(bits >> n_bits);
		}
	}
	out[used] = '\0';
	*ret_bytes = used;
	return out;
}

char *base64_encode(const unsigned char *data, size_t bytes)
{
	char *out = malloc((bytes + 2) / 3 * 4 + 1), *p = out;

	if (!out)
		return NULL;
	for (size_t i = 0; i < bytes; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16;

		bits |= i + 1 < bytes ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= i + 2 < bytes ? data[i + 2] : 0;
		*p++ = alphabet[bits >> 18];
		*p++ = alphabet[bits >> 12 & 63];
		*p++ = i + 1 < bytes ? alphabet[bits >> 6 & 63] : '=';
		*p++ = i + 2 < bytes ? alphabet[bits & 63] : '=';
	}
	*p = '\0';
	return out;
}

char *hex_encode(const unsigned char *data, size_t bytes, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < bytes; i++)
		sprintf(buf + 2 * i, "%02x", data[i]);
	return buf;
}

char *hex_encode_colons(const unsigned char *data, size_t bytes, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < bytes; i++)
		sprintf(buf + 3 * i - (i > 0), i ? ":%02X" : "%02X", data[i]);
	return buf;
}

char *json_quote(const char *text, char *buf, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t used = 0;

	buf[used++] = '"';
	while (*p) {
		uint32_t point = 0;
		size_t n = utf8_point(p, &point), bytes = n ? n : 1;

		/* Room for the longest escape, the quote and the NUL. */
		if (used + bytes + 7 > size)
			break;
		if (*p == '"' || *p == '\\')
			used += (size_t)sprintf(buf + used, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			used += (size_t)sprintf(buf + used, "\\u%04x", *p);
		else if (n == 0)
			buf[used++] = '?';
		else
			used = (size_t)((char *)mempcpy(buf + used, p, n) - buf);
		p += bytes;
	}
	buf[used++] = '"';
	buf[used] = '\0';
	return buf;
}

int equal_constant_time(const void *a, const void *b, size_t bytes)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differs = 0;

	for (size_t i = 0; i < bytes; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}
