/* SPDX-License-Identifier: Apache-2.0 */
/* search - wait until a device appears that has what is looked for. */
#ifndef PALETTE_SEARCH_H
#define PALETTE_SEARCH_H

#include "early.h"
#include "probe.h"

struct search {
	struct probe_kind kind; /* search_device() sets its search number */
	const char *title;	/* "Looking for the installation medium 0123..." */
	const char *advice;	/* what a person may do meanwhile */
	unsigned timeout_s;	/* 0: for ever */
	unsigned keys;		/* HOTKEY_*, offered meanwhile */
};

/*
 * Writes the path of the device to @ret_path. Consoles say what is going on when it takes more than
 * three seconds. -ETIMEDOUT: @why lists the devices that were seen.
 */
int search_device(struct early *early, struct search *search, char *ret_path, size_t size,
		  struct fail *why);

#endif
