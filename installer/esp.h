/* SPDX-License-Identifier: Apache-2.0 */
/* esp - make the EFI system partition in place: mkfs.fat and mtools at an offset of the target. */
#ifndef PALETTE_ESP_H
#define PALETTE_ESP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fail.h"
#include "medium.h"
#include "plan.h"
#include "target.h"

struct esp_options {
	int64_t now_seconds; /* since 1970, for install.conf */
	const char *console; /* of the kernel: "tty0 ttyS1,115200n8"; NULL: the usual ones */
	bool unattended;     /* nobody was asked: the medium starts this disk at every start */
};

/*
 * Formats the partition, puts every file of docs/FORMATS.md on it, each checked against the manifest
 * before it is written, and reads each one back from the disk. @target is lent out meanwhile and ours
 * again on return; after a failure it may be closed.
 */
int esp_make(const struct plan *plan, const struct medium *medium, struct target *target,
	     const struct esp_options *options, struct fail *why);

#endif
