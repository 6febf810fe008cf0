/* SPDX-License-Identifier: Apache-2.0 */
/* image_conf - the OS image an initrd belongs to: /etc/palette/image.conf, docs/FORMATS.md. Pure. */
#ifndef PALETTE_IMAGE_CONF_H
#define PALETTE_IMAGE_CONF_H

#include <stdint.h>

#include "fail.h"

#define IMAGE_CONF_PATH	     "/etc/palette/image.conf"
#define IMAGE_CONF_BYTES_MAX 65536

/* The OS image that belongs to this initrd. */
struct image_conf {
	char version[64];
	char root_hash[65]; /* hex */
	char salt[65];	    /* hex */
	uint64_t data_blocks;
};

/* -EINVAL names the line. Keys that are not ours are ignored. */
int image_conf_parse(const char *text, struct image_conf *ret, struct fail *why);

#endif
