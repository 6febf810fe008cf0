/* SPDX-License-Identifier: Apache-2.0 */
#include "meter.h"

#include <errno.h>

#include "lib/monotonic.h"

void meter_step(struct meter *meter, size_t step, uint64_t total_bytes)
{
	atomic_store(&meter->done_bytes, 0);
	atomic_store(&meter->item, 0);
	atomic_store(&meter->total_bytes, total_bytes);
	atomic_store(&meter->moved_ms, monotonic_ms());
	atomic_store(&meter->step, step);
}

void meter_item(struct meter *meter, size_t item)
{
	atomic_store(&meter->item, item);
}

void meter_add(struct meter *meter, uint64_t bytes)
{
	atomic_fetch_add(&meter->done_bytes, bytes);
	atomic_store(&meter->moved_ms, monotonic_ms());
}

static atomic_uint_fast64_t *since(struct meter *meter, enum apply_wait who)
{
	return who == APPLY_WAIT_MEDIUM ? &meter->medium_since_ms : &meter->disk_since_ms;
}

void meter_wait_begin(struct meter *meter, enum apply_wait who)
{
	atomic_store(since(meter, who), monotonic_ms());
}

void meter_wait_end(struct meter *meter, enum apply_wait who)
{
	atomic_store(since(meter, who), 0);
}

bool meter_cancelled(const struct meter *meter)
{
	return meter->cancel && atomic_load(meter->cancel);
}

int meter_check(const struct meter *meter, struct fail *why)
{
	if (meter_cancelled(meter))
		return fail_with(why, ECANCELED, "the installation was stopped");
	return 0;
}
