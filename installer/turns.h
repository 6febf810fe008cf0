/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turns - who of several threads, each with a file, reads the medium next.
 *
 * One at a time, and the first file as long as it has room for what it reads: a slow medium is read in
 * the order of its files, without a seek between. Where hashing is slower, the first file has no room
 * most of the time, and the others are read meanwhile.
 */
#ifndef PALETTE_TURNS_H
#define PALETTE_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define TURNS_MAX 4 /* threads */

struct turns {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		bool wants; /* reads, waits to, or is about to */
		size_t file;
	} of[TURNS_MAX];
	bool reading, stopped;
};

void turns_init(struct turns *turns);
void turns_done(struct turns *turns);

/*
 * Waits until nobody reads and nobody with a smaller @file wants to. False: stopped, there is nothing
 * to end.
 */
bool turns_begin(struct turns *turns, size_t who, size_t file);

/* @more: it has room for more and will begin again at once. */
void turns_end(struct turns *turns, size_t who, bool more);

/* It is done with its file, however that ended. */
void turns_leave(struct turns *turns, size_t who);

/* Nobody begins any more. */
void turns_stop(struct turns *turns);

#endif
