/* SPDX-License-Identifier: Apache-2.0 */
/* store - what the EFI system partition holds about the slots. */
#ifndef PALETTE_SLOT_STORE_H
#define PALETTE_SLOT_STORE_H

#include <stdbool.h>

#include "lib/grubenv.h"

/*
 * Waits until no other palette-slot has grubenv, from its reading to its writing: the descriptor that
 * has it now, until it is closed. The caller closes it.
 */
int store_lock(const char *esp, struct fail *why);

/* Reads boot/grub/grubenv below @esp. */
int store_read(const char *esp, struct grubenv *ret, struct fail *why);

/*
 * Writes it back in place, in one write of two sectors: GRUB knows the file by its sectors and does
 * not find a new one. Flushed on return.
 */
int store_write(const char *esp, const struct grubenv *env, struct fail *why);

/* Whether an installation still waits for its first boot to reach its goal. */
bool store_is_pending(const char *esp);

/* Removes the pending files, if any. */
int store_remove_pending(const char *esp, struct fail *why);

#endif
