/* SPDX-License-Identifier: Apache-2.0 */
/* volume - what an ISO 9660 file system calls itself. Pure. */
#ifndef PALETTE_VOLUME_H
#define PALETTE_VOLUME_H

#include <stddef.h>

#define VOLUME_DESCRIPTOR_OFFSET 32768
#define VOLUME_DESCRIPTOR_BYTES	 2048
#define VOLUME_SET_ID_BYTES	 128

/*
 * The volume set id of a primary volume descriptor, without the spaces behind it. -EINVAL: it is none;
 * -ENOSPC: @buf is too small.
 */
int volume_set_id(const unsigned char descriptor[static VOLUME_DESCRIPTOR_BYTES], char *buf,
		  size_t size);

#endif
