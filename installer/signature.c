/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include <errno.h>
#include <nettle/base16.h>
#include <nettle/eddsa.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"

#define KEY_DIGITS ((size_t)2 * ED25519_KEY_SIZE)

static bool parse_key(const char *text, size_t bytes, uint8_t key[ED25519_KEY_SIZE])
{
	struct base16_decode_ctx decode;
	size_t n = ED25519_KEY_SIZE;

	if (bytes < KEY_DIGITS || strspn(text + KEY_DIGITS, "\n") != bytes - KEY_DIGITS)
		return false;
	base16_decode_init(&decode);
	return base16_decode_update(&decode, &n, key, KEY_DIGITS, text) == 1 &&
	       n == ED25519_KEY_SIZE && base16_decode_final(&decode) == 1;
}

static void name_key(const uint8_t key[ED25519_KEY_SIZE], char ret[SIGNATURE_KEY_NAME])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, ED25519_KEY_SIZE, key);
	sha256_digest(&hash, sizeof(digest), digest);
	for (size_t i = 0; 2 * i + 1 < SIGNATURE_KEY_NAME; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

int signature_check(const char *key_path, const char *source, const void *manifest, size_t bytes,
		    char ret_key[SIGNATURE_KEY_NAME], struct fail *why)
{
	const char *path = key_path ? key_path : SIGNATURE_KEY_PATH;
	autofree char *signature_path = xasprintf("%s/%s", source, SIGNATURE_NAME);
	autofree char *text = NULL, *signature = NULL;
	uint8_t key[ED25519_KEY_SIZE];
	struct fail reading = { 0 };
	size_t n;
	int r = file_read(path, 4096, &text, &n, &reading);

	ret_key[0] = '\0';
	if (r == -ENOENT && !key_path)
		return 0;
	if (r < 0)
		return fail_with(why, -r, "%s", reading.msg);
	if (!parse_key(text, n, key))
		return fail_with(why, EINVAL, "%s is no key: it has to be %zu hex digits", path,
				 KEY_DIGITS);
	name_key(key, ret_key);
	r = file_read(signature_path, 4096, &signature, &n, &reading);
	if (r == -ENOENT)
		return fail_with(
			why, EACCES,
			"the medium is not signed; this installer takes what is signed with "
			"key %s",
			ret_key);
	if (r < 0)
		return fail_with(why, -r, "%s", reading.msg);
	if (n != ED25519_SIGNATURE_SIZE ||
	    !ed25519_sha512_verify(key, bytes, manifest, (const uint8_t *)signature))
		return fail_with(
			why, EACCES,
			"the signature of the medium is not of its manifest and key %s: it was "
			"changed, or made by somebody else",
			ret_key);
	return 0;
}
