/* SPDX-License-Identifier: Apache-2.0 */
/*
 * areas - palette/areas of the medium: the digest of each part of it that is no file of a manifest.
 *
 * With the files they are the whole ISO: boot sector, partition tables, folders, the loaders' copies, the EFI partition.
 * Pure. The list is for finding damage: no signature covers it. See docs/FORMATS.md.
 */
#ifndef PALETTE_AREAS_H
#define PALETTE_AREAS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "manifest.h"

#define AREAS_PATH	"palette/areas"
#define AREAS_MADE_PATH "palette/made.areas" /* of an ISO made to order: stands for both */
#define AREAS_BYTES_MAX (UINT64_C(1) << 21)

struct area {
	const char *name; /* of a file, or in words */
	uint64_t offset, bytes;
	uint8_t sha256[SHA256_BYTES];
};

struct areas {
	char *text; /* what the names point into */
	struct area *list;
	size_t n;
	uint64_t bytes; /* of all */
};

/*
 * -EBADMSG: the list is damaged. -EINVAL: a line that is wrong, with its number. @ret is set on success only;
 * areas_done() frees it.
 */
int areas_parse(const char *text, size_t bytes, struct areas *ret, struct fail *why);

void areas_done(struct areas *areas);

#endif
