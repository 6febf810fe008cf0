/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - a machine that was started with the copy of another one's disk gets an identity of its own.
 *
 * A host's identity belongs to the product UUID of its machine, which is kept on the data partition from
 * the first start on. Where another one starts, what two hosts must not share is removed before anything
 * reads it, and the system makes it anew as at its first start: machine id, SSH host keys, the Local UI's
 * self-signed pair, a name that was made from the UUID. Accounts, network and all else stay. The new UUID
 * is kept last: a power cut before that is a copy again, and removes the same.
 */
#ifndef PALETTE_EARLY_IDENTITY_H
#define PALETTE_EARLY_IDENTITY_H

#include "lib/fail.h"

#define IDENTITY_KEPT	    "keep/product-uuid" /* below the data partition */
#define IDENTITY_UUID_BYTES 40

enum identity {
	IDENTITY_UNKNOWN, /* the firmware has no UUID that tells machines apart: nothing is compared */
	IDENTITY_FIRST, /* none was kept yet */
	IDENTITY_SAME,
	IDENTITY_COPY,
};

/* @uuid: the machine's, as SMBIOS has it; @kept: what is kept, "" nothing. Pure. */
enum identity identity_compare(const char *kept, const char *uuid);

/*
 * Puts the data partition at @data in order for the machine @uuid; its state must not be in use yet.
 * Returns an enum identity; with IDENTITY_COPY @ret_original is the UUID that was kept before. After a
 * failure the next start does it again.
 */
int identity_settle(const char *data, const char *uuid, char ret_original[IDENTITY_UUID_BYTES],
		    struct fail *why);

#endif
