/* SPDX-License-Identifier: Apache-2.0 */
/* stats - how the machine does, and its disks and GPUs, from /proc and sysfs. Does not block. */
#ifndef PALETTE_STATS_H
#define PALETTE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "site.h"

#define STATS_DISKS_MAX	     32
#define STATS_PARTITIONS_MAX 16 /* of each disk */
#define STATS_GPUS_MAX	     16

struct stats_partition {
	char name[32], label[64], filesystem[32], mount[256]; /* "" not mounted */
	uint64_t size_bytes;
	uint64_t total_bytes, used_bytes, free_bytes; /* of the file system; 0 not mounted */
};

struct stats_disk {
	char name[32], vendor[64], model[64], serial[64];
	uint64_t size_bytes;
	bool rotational, removable;
	struct stats_partition partitions[STATS_PARTITIONS_MAX];
	size_t n_partitions;
};

struct stats_gpu {
	char address[32], vendor[64], model[128], driver[32];
};

struct stats {
	uint64_t uptime_s;
	double load[3];
	char os[128], kernel[96], arch[32];
	char firmware[8], secure_boot[16];
	const char *virtualization;
	char cpu_model[128];
	unsigned cpu_count, cpu_cores;
	uint64_t cpu_busy, cpu_total; /* ticks since boot */
	uint64_t memory_total, memory_available, swap_total, swap_free;
	struct stats_disk disks[STATS_DISKS_MAX];
	size_t n_disks;
	struct stats_gpu gpus[STATS_GPUS_MAX];
	size_t n_gpus;
};

/* @ret is zeroed by the caller. What cannot be read stays so. */
void stats_read(const struct site *site, struct stats *ret);

/* The parts, for stats_read() alone. */
void stats_read_disks(const struct site *site, struct stats *ret);
void stats_read_gpus(const struct site *site, struct stats *ret);

#endif
