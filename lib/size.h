/* SPDX-License-Identifier: Apache-2.0 */
/* size - sizes of disks and images, in and out of text. Pure. */
#ifndef PALETTE_SIZE_H
#define PALETTE_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

/*
 * "512", "16M", "16G", "16GiB" (powers of 1024), "960GB", "960 GB" (of 1000, as on a disk's label);
 * capitals do not matter. -EINVAL names @text, -ERANGE when over 2^63.
 */
int size_parse(const char *text, uint64_t *ret_bytes, struct fail *why);

/* "512 MiB", "1.5 GiB", "21 B": binary units, at most one decimal. Returns @buf. */
const char *size_binary(uint64_t bytes, char *buf, size_t size);

/* "960 GB", "1.9 TB": the units on a disk's label. Returns @buf. */
const char *size_decimal(uint64_t bytes, char *buf, size_t size);

#endif
