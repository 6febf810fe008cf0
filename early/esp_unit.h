/* SPDX-License-Identifier: Apache-2.0 */
/* esp_unit - systemd units that mount the EFI system partition at /efi when it is used. */
#ifndef PALETTE_ESP_UNIT_H
#define PALETTE_ESP_UNIT_H

#include "lib/fail.h"

/* Writes them below /run/systemd/system: which partition it is stands in the kernel arguments. */
int esp_unit_write(const char *partuuid, struct fail *why);

#endif
