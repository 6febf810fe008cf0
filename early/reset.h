/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reset - back to the state right after the first-boot screens were finished.
 *
 * The names on the data partition say how far a reset has come, so that whatever boots next goes on
 * where a power cut stopped it:
 *
 *	state                     nothing is being reset
 *	state.old                 the decision: the old state out of the way, state.new in the making
 *	state.old, state          the new state is whole; the request is being forgotten
 *	state                     the reset is done; state.trash, if there, is deleted as far as it goes
 *
 * What is kept (reset_keep.h) gets a second name in the new state rather than a copy: it is on the
 * disk already, and takes no room.
 */
#ifndef PALETTE_RESET_H
#define PALETTE_RESET_H

#include <stdbool.h>

#include "lib/fail.h"

/* Where palette-hostd leaves its request, below @data. */
#define RESET_REQUEST "keep/reset-request"

/* Whether a reset of the data partition at @data was begun and is not finished. */
bool reset_begun(const char *data);

/* From here on there is no way back: the next boot finishes it. */
int reset_begin(const char *data, struct fail *why);

/*
 * Finishes what was begun; @image is the root of the OS, where the new state's folders come from.
 * Files of the keep-set that cannot be read are lost and named in the audit log.
 */
int reset_finish(const char *data, const char *image, struct fail *why);

/* What is left of old states. What cannot be deleted is in the log, and tried again at the next boot. */
void reset_empty_trash(const char *data);

#endif
