/* SPDX-License-Identifier: Apache-2.0 */
/* monotonic - the clock for waiting: it only rises, and stands still while the machine sleeps. */
#ifndef PALETTE_MONOTONIC_H
#define PALETTE_MONOTONIC_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC; never negative. */
int64_t monotonic_ms(void);

#endif
