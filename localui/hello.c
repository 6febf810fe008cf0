/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RECORD_HEAD	 5
#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO	 1
#define EXTENSION_ALPN	 16

/* What is left to be read; @bad once it was read past its end. */
struct reader {
	const unsigned char *at;
	size_t left;
	bool bad;
};

static const unsigned char *take(struct reader *r, size_t n)
{
	const unsigned char *at = r->at;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return at;
}

static size_t take_number(struct reader *r, unsigned bytes)
{
	const unsigned char *at = take(r, bytes);
	size_t n = 0;

	for (unsigned i = 0; at && i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

/* A part with its length, of @bytes bytes, before it. */
static struct reader take_part(struct reader *r, unsigned bytes)
{
	size_t n = take_number(r, bytes);
	const unsigned char *at = take(r, n);

	return (struct reader){ at, at ? n : 0, !at };
}

static bool has_protocol(struct reader extension, const char *protocol)
{
	struct reader list = take_part(&extension, 2);

	while (!list.bad && list.left) {
		struct reader name = take_part(&list, 1);

		if (!name.bad && name.left == strlen(protocol) &&
		    memcmp(name.at, protocol, name.left) == 0)
			return true;
	}
	return false;
}

static bool hello_has(struct reader record, const char *protocol)
{
	struct reader hello, extensions;

	if (take_number(&record, 1) != CLIENT_HELLO)
		return false;
	hello = take_part(&record, 3);
	(void)take(&hello, 2 + 32); /* version, random */
	(void)take_part(&hello, 1); /* session */
	(void)take_part(&hello, 2); /* ciphers */
	(void)take_part(&hello, 1); /* compression */
	extensions = take_part(&hello, 2);
	while (!extensions.bad && extensions.left) {
		size_t type = take_number(&extensions, 2);
		struct reader extension = take_part(&extensions, 2);

		if (!extension.bad && type == EXTENSION_ALPN)
			return has_protocol(extension, protocol);
	}
	return false;
}

enum hello_result hello_wants(const unsigned char *data, size_t bytes, const char *protocol,
			      size_t *ret_bytes)
{
	struct reader r = { data, bytes, false };
	size_t length;

	*ret_bytes = RECORD_HEAD;
	if (bytes >= 1 && data[0] != RECORD_HANDSHAKE)
		return HELLO_OTHER;
	if (bytes < RECORD_HEAD)
		return HELLO_MORE;
	(void)take(&r, 3);
	length = take_number(&r, 2);
	*ret_bytes = RECORD_HEAD + length;
	if (*ret_bytes > HELLO_BYTES_MAX)
		return HELLO_OTHER;
	if (bytes < *ret_bytes)
		return HELLO_MORE;
	r.left = length;
	return hello_has(r, protocol) ? HELLO_WANTED : HELLO_OTHER;
}
