/* SPDX-License-Identifier: Apache-2.0 */
/*
 * span - runs of bytes to and from the target, past the page cache where that can be. Buffers are
 * aligned to TARGET_ALIGN, and so are offset and length where direct I/O shall be used.
 */
#ifndef PALETTE_SPAN_H
#define PALETTE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "target.h"

/* Runs of zeros are left to the device where it can make them itself. */
int span_write(struct target *target, const uint8_t *data, size_t bytes, uint64_t offset,
	       struct fail *why);

/* *@cached is set where it went through the page cache. -ECANCELED. */
int span_read(struct target *target, uint8_t *data, size_t bytes, uint64_t offset, bool *cached,
	      struct fail *why);

/* The same from byte @at on of what lies in @extents, one behind the other. */
int span_write_in(struct target *target, const struct target_extent *extents, const uint8_t *data,
		  size_t bytes, uint64_t at, struct fail *why);
int span_read_in(struct target *target, const struct target_extent *extents, uint8_t *data,
		 size_t bytes, uint64_t at, bool *cached, struct fail *why);

#endif
