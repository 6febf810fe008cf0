/* SPDX-License-Identifier: Apache-2.0 */
/* reset_keep - what a factory reset keeps of the state. Pure. */
#ifndef PALETTE_RESET_KEEP_H
#define PALETTE_RESET_KEEP_H

#include <stddef.h>

enum reset_keep {
	KEEP_NOTHING, /* it goes, with everything below it */
	KEEP_BELOW,   /* a folder on the way to something that is kept */
	KEEP_ALL,     /* it stays, with everything below it */
};

/* @path: below the state, without a leading slash: "etc/shadow", "home/alice". */
enum reset_keep reset_keep(const char *path);

/*
 * The text of "key" in the request of palette-hostd (docs/FORMATS.md) into @buf; empty where there is
 * none, or one that needs an escape. Returns @buf.
 */
const char *reset_request_text(const char *json, const char *key, char *buf, size_t size);

#endif
