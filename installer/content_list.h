/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_list - palette/content.manifest: the files that travel with the medium and go to the data
 * partition. Pure and strict: what is not understood is refused, with the line's number.
 *
 *   file = <sha256> <bytes> <name, to the end of the line>
 *
 * Names follow the rules of the content's store (hostd/content_check.h).
 */
#ifndef PALETTE_CONTENT_LIST_H
#define PALETTE_CONTENT_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"
#include "manifest.h"

#define CONTENT_LIST_PATH      "palette/content.manifest"
#define CONTENT_LIST_DIR       "palette/content/" /* each path of the list begins so */
#define CONTENT_LIST_FILES_MAX 1000
#define CONTENT_LIST_BYTES_MAX ((size_t)512 * 1024)

struct content_list {
	struct manifest_file *files; /* by name */
	size_t n_files;
	uint64_t bytes;		      /* of all files */
	uint8_t digest[SHA256_BYTES]; /* of the list's text */
};

/*
 * -EINVAL: a line that is wrong, a name that is not allowed or there twice, an empty file. @ret is set
 * on success only; content_list_done() frees it.
 */
int content_list_parse(const char *text, size_t bytes, struct content_list *ret, struct fail *why);

void content_list_done(struct content_list *list);

/* The file's name, without the folder. Borrowed. */
const char *content_list_name(const struct manifest_file *file);

/*
 * What the files take of a file system in blocks of 4096 bytes: whole blocks, a record and a folder's
 * row each.
 */
uint64_t content_list_room(const struct content_list *list);

#endif
