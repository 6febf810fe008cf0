/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include <errno.h>
#include <string.h>

#define SET_ID_OFFSET 190
#define TYPE_PRIMARY  1

int volume_set_id(const unsigned char descriptor[static VOLUME_DESCRIPTOR_BYTES], char *buf,
		  size_t size)
{
	size_t n = VOLUME_SET_ID_BYTES;

	if (descriptor[0] != TYPE_PRIMARY || memcmp(descriptor + 1, "CD001", 5) != 0)
		return -EINVAL;
	/* The standard fills with spaces, some writers with NUL. */
	while (n > 0 && (descriptor[SET_ID_OFFSET + n - 1] == ' ' ||
			 descriptor[SET_ID_OFFSET + n - 1] == '\0'))
		n--;
	if (n >= size)
		return -ENOSPC;
	memcpy(buf, descriptor + SET_ID_OFFSET, n);
	buf[n] = '\0';
	return 0;
}
