/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/cleanup.h"
#include "localui/hello.h"
#include "test.h"

/* A ClientHello with @alpn ("" none) as the content of that extension; returns its bytes. */
static size_t make_hello(unsigned char *buf, const char *alpn, size_t alpn_bytes)
{
	size_t n = 0, extensions = alpn_bytes ? 4 + 2 + 4 + alpn_bytes : 6;
	size_t hello = 2 + 32 + 1 + 2 + 2 + 1 + 1 + 2 + extensions;
	static const unsigned char other[6] = { 0, 23, 0, 2, 1, 2 };

#define PUT(byte) (buf[n++] = (unsigned char)(byte))
	PUT(22), PUT(3), PUT(1), PUT((hello + 4) >> 8), PUT(hello + 4);
	PUT(1), PUT(0), PUT(hello >> 8), PUT(hello);
	PUT(3), PUT(3);
	memset(buf + n, 7, 32);
	n += 32;
	PUT(0);				   /* session */
	PUT(0), PUT(2), PUT(0x13), PUT(1); /* ciphers */
	PUT(1), PUT(0);			   /* compression */
	PUT(extensions >> 8), PUT(extensions);
	if (!alpn_bytes) {
		memcpy(buf + n, other, sizeof(other));
		return n + sizeof(other);
	}
	PUT(0), PUT(23), PUT(0), PUT(0);
	PUT(0), PUT(16), PUT((alpn_bytes + 2) >> 8), PUT(alpn_bytes + 2);
	PUT(alpn_bytes >> 8), PUT(alpn_bytes);
	memcpy(buf + n, alpn, alpn_bytes);
	return n + alpn_bytes;
}

TEST(the_protocol_is_found_among_others_and_only_whole)
{
	static const struct {
		const char *alpn;
		enum hello_result want;
	} cases[] = {
		{ "\x0epalette-link/1", HELLO_WANTED },
		{ "\x02h2\x0epalette-link/1", HELLO_WANTED },
		{ "\x02h2\x08http/1.1", HELLO_OTHER },
		{ "\x0fpalette-link/11", HELLO_OTHER },
		{ "\x0dpalette-link/", HELLO_OTHER },
		{ "", HELLO_OTHER },
		{ "\xffpalette-link/1", HELLO_OTHER },
	};
	unsigned char buf[200];
	size_t needed;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = make_hello(buf, cases[i].alpn, strlen(cases[i].alpn));

		CHECK_INT(hello_wants(buf, n, "palette-link/1", &needed), cases[i].want);
		CHECK_INT(needed, n);
	}
}

TEST(a_record_that_came_in_part_is_waited_for)
{
	unsigned char buf[200];
	size_t n = make_hello(buf, "\x0epalette-link/1", 15), needed;

	for (size_t part = 1; part < n; part++) {
		CHECK_INT(hello_wants(buf, part, "palette-link/1", &needed), HELLO_MORE);
		CHECK_INT(needed, part < 5 ? 5 : n);
	}
	/* One that is too long to be ours is nobody's business here. */
	buf[3] = 0x40;
	CHECK_INT(hello_wants(buf, 5, "palette-link/1", &needed), HELLO_OTHER);
	buf[0] = 'G';
	CHECK_INT(hello_wants(buf, 1, "palette-link/1", &needed), HELLO_OTHER);
}
