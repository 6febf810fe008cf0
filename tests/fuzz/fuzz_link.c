/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What linked hosts and strangers on their port send, for libFuzzer: tokens, messages, and the first
 * record of a connection. The first byte says which reader, the rest is its input.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "link/token.h"
#include "link/wire.h"
#include "localui/hello.h"
#include "tests/fuzz/input.h"

static void fuzz_token(const char *text)
{
	struct fail why = { 0 };
	struct token token, again;
	char *encoded;

	if (token_decode(text, &token, &why) < 0) {
		assert(why.msg[0]);
		return;
	}
	assert(token.port >= 1 && token.port <= 65535 && token_is_hex(token.password, 32));
	encoded = token_encode(&token);
	assert(encoded && token_decode(encoded, &again, NULL) == 0);
	assert(strcmp(token.address, again.address) == 0 && token.expires_s == again.expires_s);
	free(encoded);
}

/* What was read can be sent, and is read as the same. */
static void fuzz_wire(const char *text, size_t bytes)
{
	struct wire wire, again;
	struct fail why = { 0 };
	char *first, *second;

	if (wire_read(text, bytes, &wire, &why) < 0 || wire.version != WIRE_VERSION)
		return;
	first = wire_text(&wire);
	assert(first && wire_read(first, strlen(first), &again, &why) == 0);
	second = wire_text(&again);
	assert(second && strcmp(first, second) == 0);
	for (const char *at = first; *at; at++)
		assert((unsigned char)*at >= 0x20);
	free(first);
	free(second);
}

static void fuzz_hello(const unsigned char *data, size_t bytes)
{
	size_t needed = 0;
	enum hello_result result = hello_wants(data, bytes, "palette-link/1", &needed);

	/* Nobody waits for what is there, or for more than is ever looked at. */
	if (result == HELLO_MORE)
		assert(needed > bytes && needed <= HELLO_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text;

	if (bytes == 0)
		return 0;
	text = input_text(data, bytes);
	switch (data[0] % 3) {
	case 0:
		fuzz_token(text);
		break;
	case 1:
		fuzz_wire(text, bytes - 1);
		break;
	default:
		fuzz_hello((unsigned char *)text, bytes - 1);
	}
	free(text);
	return 0;
}
