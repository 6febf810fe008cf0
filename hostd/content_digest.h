/* SPDX-License-Identifier: Apache-2.0 */
/* content_digest - SHA-256 of what a file descriptor reads. */
#ifndef PALETTE_CONTENT_DIGEST_H
#define PALETTE_CONTENT_DIGEST_H

#include <stdint.h>

#include "content_check.h"

/*
 * From where @fd is to its end. *@ret_bytes is how many were read, also where it fails. Negative
 * errno: of read(), or -ENOMEM.
 */
int content_digest_fd(int fd, char ret[CONTENT_DIGEST_BYTES], uint64_t *ret_bytes);

#endif
