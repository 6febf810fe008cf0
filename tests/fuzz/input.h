/* SPDX-License-Identifier: Apache-2.0 */
/* input - what libFuzzer gives: the first byte chooses the reader, the rest is what it reads. */
#ifndef PALETTE_FUZZ_INPUT_H
#define PALETTE_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/*
 * All but the first of @bytes, which are not 0: a copy of its own size, so that a step too far is
 * found, with a NUL behind it, as file_read() gives it. The caller frees it.
 */
static inline char *input_text(const uint8_t *data, size_t bytes)
{
	char *text = malloc(bytes);

	if (!text)
		abort();
	memcpy(text, data + 1, bytes - 1);
	text[bytes - 1] = '\0';
	return text;
}

#endif
