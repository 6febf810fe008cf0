/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature - is the manifest signed with the key that this installer was built with?
 *
 * Ed25519 over the bytes of palette/manifest. The public key is in the initrd; a build without one takes any
 * medium and says so. docs/THREATS.md: what that protects from.
 */
#ifndef PALETTE_SIGNATURE_H
#define PALETTE_SIGNATURE_H

#include <stddef.h>

#include "lib/fail.h"

#define SIGNATURE_KEY_PATH "/etc/palette/manifest.pub" /* 64 hex digits */
#define SIGNATURE_NAME	   "palette/manifest.sig"      /* 64 bytes */
#define SIGNATURE_KEY_NAME 17 /* the first 16 hex digits of the key's SHA-256, and a NUL */

/*
 * @key_path: NULL for SIGNATURE_KEY_PATH. @ret_key gets the key's name, empty where there is no key. -EACCES: the
 * signature is missing or is not of this manifest and key.
 */
int signature_check(const char *key_path, const char *source, const void *manifest, size_t bytes,
		    char ret_key[SIGNATURE_KEY_NAME], struct fail *why);

#endif
