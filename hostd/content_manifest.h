/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_manifest - what a leader has, for the hosts that follow it. Pure.
 *
 * Text: a line "palette-manifest 1", then one line a file: digest, size, when it was added, name.
 * The same content gives the same bytes, so a manifest is known by its own SHA-256.
 */
#ifndef PALETTE_CONTENT_MANIFEST_H
#define PALETTE_CONTENT_MANIFEST_H

#include "content_check.h"

#define MANIFEST_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* Of @rows as content_list() sorts them. The caller frees it; NULL: no memory. */
char *content_manifest_text(const struct content_entry *rows, size_t n, size_t *ret_bytes);

/*
 * Reads one; @text is changed. @ret has @room rows; every row is checked as an upload would be, and
 * has origin "leader". Returns how many, or -EBADMSG: it is damaged or of another version.
 */
int content_manifest_read(char *text, struct content_entry *ret, size_t room, struct fail *why);

#endif
