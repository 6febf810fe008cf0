/* SPDX-License-Identifier: Apache-2.0 */
/* boot_clock - time since the start, which setting the date does not change. */
#ifndef PALETTE_BOOT_CLOCK_H
#define PALETTE_BOOT_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t boot_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
