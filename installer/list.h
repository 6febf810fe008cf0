/* SPDX-License-Identifier: Apache-2.0 */
/* list - palette-install --list: the disks that are offered and, with their reasons, those that are not. */
#ifndef PALETTE_LIST_H
#define PALETTE_LIST_H

#include <stdio.h>

#include "disk.h"

/* @disks are judged. */
void list_print(const struct disks *disks, FILE *out);

/* One array of objects; sizes in bytes, "offered" true or false, "reason" where it is false. */
void list_print_json(const struct disks *disks, FILE *out);

#endif
