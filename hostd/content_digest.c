/* SPDX-License-Identifier: Apache-2.0 */
#include "content_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <unistd.h>

#include "encode.h"
#include "lib/cleanup.h"

#define CHUNK_BYTES ((size_t)1024 * 1024)

int content_digest_fd(int fd, char ret[CONTENT_DIGEST_BYTES], uint64_t *ret_bytes)
{
	autofree uint8_t *buf = malloc(CHUNK_BYTES);
	uint8_t sum[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;
	ssize_t n;

	*ret_bytes = 0;
	if (!buf)
		return -ENOMEM;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	sha256_init(&hash);
	while ((n = read(fd, buf, CHUNK_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		sha256_update(&hash, (size_t)n, buf);
		*ret_bytes += (uint64_t)n;
	}
	sha256_digest(&hash, sizeof(sum), sum);
	hex_encode(sum, sizeof(sum), ret);
	return 0;
}
