/* SPDX-License-Identifier: Apache-2.0 */
/* hello - the first record of a TLS connection: which protocol does the client want? Pure. */
#ifndef PALETTE_LOCALUI_HELLO_H
#define PALETTE_LOCALUI_HELLO_H

#include <stddef.h>

enum hello_result {
	HELLO_OTHER, /* not @protocol, or no ClientHello that is read here */
	HELLO_WANTED,
	HELLO_MORE, /* @ret_bytes in all have to be there before it can be said */
};

#define HELLO_BYTES_MAX 4096 /* a longer one is HELLO_OTHER: that protocol's clients are short */

/* The first @bytes of a connection; @protocol as in ALPN. */
enum hello_result hello_wants(const unsigned char *data, size_t bytes, const char *protocol,
			      size_t *ret_bytes);

#endif
