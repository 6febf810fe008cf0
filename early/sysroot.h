/* SPDX-License-Identifier: Apache-2.0 */
/* sysroot - the OS root at /sysroot: the image below, what may change over it. */
#ifndef PALETTE_SYSROOT_H
#define PALETTE_SYSROOT_H

#include "early.h"

#define SYSROOT "/sysroot"

/*
 * Maps @device with verity and mounts its squashfs at SYSROOT, read-only. Everything read from it
 * later is checked.
 */
int sysroot_mount_image(struct early *early, const char *device, struct fail *why);

/*
 * Lays @state (a folder below SYSROOT that can be written to) over it: /etc as an overlay, /var
 * /home /root /opt /srv /usr/local by binds, each begun as a copy of the image's. When the overlay
 * cannot be mounted, the image's own /etc is used, copied to memory, and @ret_note says so; it is
 * empty otherwise.
 */
int sysroot_mount_state(const char *state, char *ret_note, size_t size, struct fail *why);

/* Hands the machine over to the OS's own init; returns only when that failed. */
int sysroot_switch(struct early *early, struct fail *why);

#endif
