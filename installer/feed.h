/* SPDX-License-Identifier: Apache-2.0 */
/* feed - the threads that every file of the medium goes through: into a ring, and through SHA-256. */
#ifndef PALETTE_FEED_H
#define PALETTE_FEED_H

#include "medium.h"
#include "ring.h"
#include "sum.h"
#include "turns.h"

struct feed {
	struct ring *ring;
	struct medium_file *in;
	struct turns *turns; /* NULL: nobody else reads */
	size_t who, file;    /* for turns */
};

/*
 * A thread's start routine; @arg is a struct feed. Zeros stand behind the last byte up to a multiple
 * of TARGET_ALIGN. Ends with ring_end() or ring_fail().
 */
void *feed_ring(void *arg);

/* How many chunks a file of the medium makes. */
size_t feed_chunks(const struct manifest_file *file);

/* What a chunk at @at has of a file of @file_bytes. */
size_t feed_chunk_bytes(uint64_t file_bytes, uint64_t at);

/* A chunk's @bytes with the zeros behind the file's last one, and their sum. */
size_t feed_whole_bytes(size_t bytes);
struct sum feed_sum(const struct ring_chunk *chunk);

struct hasher {
	struct ring *ring;
	size_t user;
	void (*look)(const struct ring_chunk *chunk, void *arg); /* at each one; NULL: nobody */
	void *arg;
	uint8_t digest[SHA256_BYTES]; /* out: of all that went through */
};

/* A thread's start routine; @arg is a struct hasher. */
void *hash_ring(void *arg);

#endif
