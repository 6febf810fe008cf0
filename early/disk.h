/* SPDX-License-Identifier: Apache-2.0 */
/* disk - the partitions this machine was started from. */
#ifndef PALETTE_EARLY_DISK_H
#define PALETTE_EARLY_DISK_H

#include <stddef.h>

#include "early.h"
#include "sysroot.h"

#define DATA_DIR  SYSROOT "/data"
#define STATE_DIR DATA_DIR "/state"

/* Waits for the partition @partuuid; @what is for people: "system". -ETIMEDOUT after a minute. */
int disk_find(struct early *early, const char *what, const char *partuuid, char *ret_device,
	      size_t size, struct fail *why);

/*
 * A factory reset of the data partition at DATA_DIR that was begun is finished here, whatever entry of
 * the menu this boot is. Must come before anything looks for the state.
 */
int disk_finish_reset(struct early *early, struct fail *why);

/* Lays the state over SYSROOT; what a person should know of it goes to the consoles. */
int disk_mount_state(struct early *early, struct fail *why);

#endif
