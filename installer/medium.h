/* SPDX-License-Identifier: Apache-2.0 */
/*
 * medium - the directory the installation is read from.
 *
 * A BMC's virtual medium drops out and comes back. A read that fails is tried again for a while, with
 * the state "gone" in the meter; the file is opened again each time, because a descriptor stays dead
 * after its device was taken away. A file that ends early is damaged, not gone: that fails at once.
 */
#ifndef PALETTE_MEDIUM_H
#define PALETTE_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content_list.h"
#include "lib/cleanup.h"
#include "lib/fail.h"
#include "manifest.h"
#include "meter.h"
#include "probe.h"

/*
 * Reads palette/manifest below @where->source, checks its signature where this build has a key, and that
 * each file it lists is there, has the size it says and can be read at its end: a truncated medium is
 * found here, before a disk is touched.
 */
int medium_open(const struct probe_options *where, struct manifest *ret, struct fail *why);

/*
 * Reads palette/content.manifest below @source and checks its files as medium_open() does; @ret is
 * empty where there is none. content_list_done() frees it.
 */
int medium_content(const char *source, struct content_list *ret, struct fail *why);

/* The device of an ISO that is mounted at @source into @buf; false: it is something else. */
bool medium_device(const char *source, char *buf, size_t size);

struct medium {
	const char *source;		 /* borrowed */
	const struct manifest *manifest; /* borrowed */
	struct meter *meter;		 /* borrowed */
	unsigned patience_seconds;	 /* how long a failing read is tried again */
};

struct medium_file {
	const struct medium *medium;
	const struct manifest_file *file;
	char path[4096];
	int fd;
};

int medium_file_open(const struct medium *medium, const struct manifest_file *file,
		     struct medium_file *ret, struct fail *why);

/* All of @bytes from @offset, which must lie within the file's size. */
int medium_file_read(struct medium_file *file, void *buf, size_t bytes, uint64_t offset,
		     struct fail *why);

void medium_file_done(struct medium_file *file);

/* The whole file, its SHA-256 checked against the manifest. Caller frees. For the small ones. */
int medium_load(const struct medium *medium, const char *path, uint8_t **ret, size_t *ret_bytes,
		struct fail *why);

/* Reads the whole file and checks its SHA-256, without keeping it. */
int medium_check_file(const struct medium *medium, const char *path, struct fail *why);

/* -EBADMSG: "<path> on the medium is damaged: its SHA-256 should be ... and is ...". */
int medium_check_digest(const struct medium_file *file, const uint8_t digest[SHA256_BYTES],
			struct fail *why);

#endif
