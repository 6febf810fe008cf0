/* SPDX-License-Identifier: Apache-2.0 */
/* data - the data partition: check it, mount it, and what it brings to a boot. */
#ifndef PALETTE_DATA_H
#define PALETTE_DATA_H

#include "early.h"

/* Checks the ext4 on @device, repairs it where that is safe, and mounts it at @place. */
int data_mount(struct early *early, const char *device, const char *place, struct fail *why);

/*
 * Hands the installer's log over to /var/log below @state and the medium's content to /srv. What goes
 * wrong here stops nothing; it is in the log.
 */
void data_take_over(const char *data, const char *state);

#endif
