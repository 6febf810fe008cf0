/* SPDX-License-Identifier: Apache-2.0 */
#include "outbuf.h"

#include <assert.h>
#include <string.h>

void outbuf_reset(struct outbuf *buf)
{
	buf->start = 0;
	buf->n = 0;
	buf->stale = false;
}

void outbuf_add(struct outbuf *buf, const char *data, size_t n)
{
	size_t end, behind;

	if (buf->stale)
		return;
	if (n > sizeof(buf->data) - buf->n) {
		outbuf_reset(buf);
		buf->stale = true;
		return;
	}
	end = (buf->start + buf->n) % sizeof(buf->data);
	behind = sizeof(buf->data) - end;
	if (behind > n)
		behind = n;
	memcpy(buf->data + end, data, behind);
	memcpy(buf->data, data + behind, n - behind);
	buf->n += n;
}

const char *outbuf_next(const struct outbuf *buf, size_t *ret_n)
{
	size_t together = sizeof(buf->data) - buf->start;

	if (buf->n == 0)
		return NULL;
	*ret_n = buf->n < together ? buf->n : together;
	return buf->data + buf->start;
}

void outbuf_sent(struct outbuf *buf, size_t n)
{
	assert(n <= buf->n);
	buf->start = (buf->start + n) % sizeof(buf->data);
	buf->n -= n;
}
