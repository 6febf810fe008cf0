/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter - how far the present step is, who is being waited for, and whether to stop.
 *
 * Written by the threads that work, read by the one that shows it; every field is atomic and no call
 * blocks.
 */
#ifndef PALETTE_METER_H
#define PALETTE_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "lib/fail.h"

struct meter {
	atomic_size_t step;
	atomic_size_t item; /* of the step: the file of content it is at */
	atomic_uint_fast64_t done_bytes, total_bytes; /* of the step */
	atomic_uint_fast64_t moved_ms;		      /* when done_bytes last rose */
	atomic_uint_fast64_t disk_since_ms;   /* a call to the target runs since then; 0: none */
	atomic_uint_fast64_t medium_since_ms; /* the same for the medium */
	atomic_uint_fast64_t gone_until_ms; /* the medium failed; tried again until then; 0: fine */
	const atomic_bool *cancel;	    /* NULL: never */
};

void meter_step(struct meter *meter, size_t step, uint64_t total_bytes);
/* The step is at its @item-th part. */
void meter_item(struct meter *meter, size_t item);
void meter_add(struct meter *meter, uint64_t bytes);

/* Around every call that may take long. */
void meter_wait_begin(struct meter *meter, enum apply_wait who);
void meter_wait_end(struct meter *meter, enum apply_wait who);

bool meter_cancelled(const struct meter *meter);

/* -ECANCELED with its message when a cancel was asked for; 0 otherwise. */
int meter_check(const struct meter *meter, struct fail *why);

#endif
