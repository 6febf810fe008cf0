/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - read the whole medium and compare every byte with what it was made as.
 *
 * The manifest has a digest of each file of the payload; palette/chunks, which is one of them, has one of each MiB, so
 * that damage is told by its place. A medium without it is verified as well, by whole files. What else an
 * ISO has is in palette/areas (areas.h) and is read from the device that it is mounted from.
 */
#ifndef PALETTE_VERIFY_H
#define PALETTE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content_list.h"
#include "lib/fail.h"
#include "manifest.h"

/* So many, two rows each, leave the screen room for its menu; the log has all. */
#define VERIFY_DAMAGES_MAX 3

struct verify_damage {
	char name[64];	      /* of a file, or of an area; of a long one "..." and its end */
	uint64_t first, last; /* bytes of the file; the damage is somewhere in there */
	bool of_medium;	      /* bytes of the medium, not of a file */
};

struct verify_result {
	size_t n_files, n_areas; /* no areas: what was read is no ISO, or none was given */
	char levels[400];	 /* palette/sbat: of each loader a line; empty: not on the medium */
	uint64_t bytes, elapsed_ms; /* what was read, in which time */
	size_t n_damages;	    /* all; the first ones are listed */
	struct verify_damage damages[VERIFY_DAMAGES_MAX];
};

struct verify_progress {
	const char *path; /* the file or area that is being read */
	uint64_t done_bytes, total_bytes, elapsed_ms;
};

struct verify_options {
	const char *source;
	const char *image; /* file or device with the ISO; NULL: what @source is mounted from */
	const struct content_list *content; /* is verified after the manifest's files; NULL: none */
	unsigned medium_seconds;	    /* how long a failing read is tried again; 0: 10 */
	/* Called now and then; false stops. NULL: nobody looks. */
	bool (*progress)(const struct verify_progress *now, void *arg);
	void *arg;
};

/*
 * Damage is a result, not an error: 0 with @n_damages. -ECANCELED: stopped. Fails where the medium
 * cannot be read: @why names file, byte and reason.
 */
int verify_medium(const struct manifest *manifest, const struct verify_options *options,
		  struct verify_result *ret, struct fail *why);

/* The result in sentences, one a line; "252 MB in 13 files and 28 other areas read in 9 s, 28 MB/s." first. Returns @buf. */
const char *verify_text(const struct verify_result *result, char *buf, size_t size);

#endif
