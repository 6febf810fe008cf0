/* SPDX-License-Identifier: Apache-2.0 */
#include "content_write.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext4.h"
#include "feed.h"
#include "hostd/content_check.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "ring.h"
#include "span.h"
#include "sum.h"

#define USER_WRITE 0

_Static_assert(EXT4_BLOCK_BYTES == TARGET_ALIGN, "a file's last block is the zeros' end");

/* One file on its way. */
struct flow {
	struct ring ring;
	struct medium_file *in;
	struct target *target;
	struct ext4_file file;
	const struct sum *sums; /* of each chunk, as it was checked */
	bool cached;
	/* The one that reads back follows the one that writes. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t n_written; /* chunks */
	bool stopped;
};

static size_t chunk_bytes(const struct flow *flow, size_t i)
{
	uint64_t left = flow->in->file->bytes - (uint64_t)i * RING_CHUNK_BYTES;

	return left < RING_CHUNK_BYTES ? (size_t)left : RING_CHUNK_BYTES;
}

/* Waits for the next chunk to be written; false: there will be none. */
static bool wait_written(struct flow *flow, size_t i)
{
	bool there;

	pthread_mutex_lock(&flow->lock);
	while (flow->n_written <= i && !flow->stopped)
		pthread_cond_wait(&flow->changed, &flow->lock);
	there = flow->n_written > i;
	pthread_mutex_unlock(&flow->lock);
	return there;
}

static void tell_written(struct flow *flow, bool one_more)
{
	pthread_mutex_lock(&flow->lock);
	if (one_more)
		flow->n_written++;
	else
		flow->stopped = true;
	pthread_cond_signal(&flow->changed);
	pthread_mutex_unlock(&flow->lock);
}

/* Where the file's byte @offset is on the target, and for how many of *@bytes. */
static uint64_t map(const struct ext4_file *file, uint64_t offset, size_t *bytes)
{
	size_t i = 0;

	while (offset >= file->extents[i].bytes)
		offset -= file->extents[i++].bytes;
	if (*bytes > file->extents[i].bytes - offset)
		*bytes = (size_t)(file->extents[i].bytes - offset);
	return file->extents[i].target_bytes + offset;
}

static int read_back(struct flow *flow, size_t i, uint8_t *buf, struct fail *why)
{
	uint64_t offset = (uint64_t)i * RING_CHUNK_BYTES;
	size_t bytes = feed_whole_bytes(chunk_bytes(flow, i)), n;

	for (size_t at = 0; at < bytes; at += n) {
		uint64_t from;
		int r;

		n = bytes - at;
		from = map(&flow->file, offset + at, &n);
		r = span_read(flow->target, buf + at, n, from, &flow->cached, why);
		if (r < 0)
			return r;
	}
	if (!sum_same(sum_of(buf, bytes), flow->sums[i]))
		return fail_with(why, EBADMSG,
				 "%s does not return what was written: bytes %ju to %ju of %s are "
				 "wrong; the disk or its cable is damaged",
				 flow->target->path, (uintmax_t)offset,
				 (uintmax_t)(offset + chunk_bytes(flow, i) - 1),
				 content_list_name(flow->in->file));
	meter_add(flow->target->meter, chunk_bytes(flow, i));
	return 0;
}

static void *read_chunks_back(void *arg)
{
	struct flow *flow = arg;
	autofree void *buf = NULL;
	struct fail why = { 0 };
	int r = 0;

	if (posix_memalign(&buf, TARGET_ALIGN, RING_CHUNK_BYTES) != 0)
		abort(); /* as xmalloc() */
	for (size_t i = 0; i < feed_chunks(flow->in->file) && r == 0 && wait_written(flow, i); i++)
		r = read_back(flow, i, buf, &why);
	if (r < 0)
		ring_fail(&flow->ring, &why);
	return NULL;
}

static int write_chunk(struct flow *flow, const struct ring_chunk *chunk, struct fail *why)
{
	size_t bytes = feed_whole_bytes(chunk->bytes), n;

	if (!sum_same(feed_sum(chunk), flow->sums[chunk->offset / RING_CHUNK_BYTES]))
		return fail_with(why, EBADMSG,
				 "%s on the medium changed after it was checked: bytes %ju to %ju "
				 "were read differently; the medium is damaged",
				 flow->in->file->path, (uintmax_t)chunk->offset,
				 (uintmax_t)(chunk->offset + chunk->bytes - 1));
	for (size_t at = 0; at < bytes; at += n) {
		uint64_t to;
		int r;

		n = bytes - at;
		to = map(&flow->file, chunk->offset + at, &n);
		r = span_write(flow->target, chunk->buf + at, n, to, why);
		if (r < 0)
			return r;
	}
	return meter_check(flow->target->meter, why);
}

static void write_chunks(void *arg)
{
	struct flow *flow = arg;
	struct fail why = { 0 };

	while (ring_use_begin(&flow->ring, USER_WRITE, 1) > 0) {
		if (write_chunk(flow, ring_use_chunk(&flow->ring, USER_WRITE, 0), &why) < 0) {
			ring_fail(&flow->ring, &why);
			break;
		}
		ring_use_end(&flow->ring, USER_WRITE, 1);
		tell_written(flow, true);
	}
	tell_written(flow, false);
}

/* Reads, writes and reads back, each in a thread of its own. */
static int run(struct flow *flow, struct fail *why)
{
	struct feed feed = { .ring = &flow->ring, .in = flow->in };
	const struct ring_thread threads[] = { { feed_ring, &feed }, { read_chunks_back, flow } };
	int r;

	ring_init(&flow->ring, 1, RING_CHUNKS);
	r = ring_run(&flow->ring, threads, ARRAY_SIZE(threads), write_chunks, flow, why);
	ring_done(&flow->ring);
	return r;
}

/* One file; it has no name yet. */
static int write_file(struct ext4 *fs, const struct medium *medium,
		      const struct manifest_file *file, const struct sum *sums,
		      struct target *target, uint32_t *ret_ino, bool *ret_cached, struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	__attribute__((cleanup(ext4_file_done))) struct ext4_file blocks = { 0 };
	struct flow flow = { .in = &in,
			     .target = target,
			     .sums = sums,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER };
	int r = medium_file_open(medium, file, &in, why);

	if (r == 0)
		r = ext4_alloc(fs, file->bytes, 0644, &blocks, why);
	if (r < 0)
		return r;
	flow.file = blocks;
	r = run(&flow, why);
	*ret_cached |= flow.cached;
	*ret_ino = blocks.ino;
	return r;
}

static int write_files(struct ext4 *fs, const struct content_list *list,
		       const struct content_sums *sums, const struct medium *medium,
		       struct target *target, uint32_t *inos, bool *ret_cached, struct fail *why)
{
	for (size_t i = 0; i < list->n_files; i++) {
		const struct manifest_file *file = &list->files[i];
		int r;

		meter_item(target->meter, i);
		r = write_file(fs, medium, file, sums->files[i], target, &inos[i], ret_cached, why);
		if (r < 0)
			return r;
		log_info("content %zu of %zu: %s, %ju bytes", i + 1, list->n_files,
			 content_list_name(file), (uintmax_t)file->bytes);
	}
	return target_flush(target, why);
}

static void describe(const struct manifest_file *file, int64_t now_seconds,
		     struct content_entry *ret)
{
	*ret = (struct content_entry){ .size_bytes = file->bytes,
				       .origin = "medium",
				       .added_s = now_seconds > 0 ? (uint64_t)now_seconds : 0 };
	snprintf(ret->name, sizeof(ret->name), "%.*s", CONTENT_NAME_MAX, content_list_name(file));
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(ret->sha256 + 2 * i, 3, "%02x", file->sha256[i]);
}

/* As hostd/content.h has it: files/NAME and the record meta/NAME.conf. */
static int name_files(struct ext4 *fs, const struct content_list *list, const uint32_t *inos,
		      int64_t now_seconds, struct fail *why)
{
	uint32_t top, files, meta;
	int r = ext4_make_dir(fs, 0, "content", 0755, &top, why);

	if (r == 0)
		r = ext4_make_dir(fs, top, "files", 0755, &files, why);
	if (r == 0)
		r = ext4_make_dir(fs, top, "meta", 0755, &meta, why);
	for (size_t i = 0; r == 0 && i < list->n_files; i++) {
		char record[CONTENT_RECORD_BYTES], name[CONTENT_NAME_MAX + 8];
		struct content_entry entry;

		describe(&list->files[i], now_seconds, &entry);
		snprintf(name, sizeof(name), "%s.conf", entry.name);
		r = ext4_put(fs, meta, name, 0644, record, content_record(&entry, record), why);
		if (r == 0)
			r = ext4_link(fs, files, entry.name, inos[i], why);
	}
	return r;
}

int content_write(const struct content_list *list, const struct content_sums *sums,
		  const struct medium *medium, struct target *target, uint64_t offset_bytes,
		  int64_t now_seconds, bool *ret_cached, struct fail *why)
{
	autofree uint32_t *inos = xcalloc(list->n_files, sizeof(*inos));
	struct ext4 *fs = NULL;
	int r = ext4_open(target->path, offset_bytes, now_seconds, &fs, why);

	if (r < 0)
		return r;
	/* The plan was made by a rule of thumb that is on the safe side; this is the file system. */
	if (content_list_room(list) > ext4_free_bytes(fs))
		r = fail_with(why, ENOSPC,
			      "the content needs %ju MiB, the data partition of %s has %ju MiB",
			      (uintmax_t)(content_list_room(list) / MIB), target->path,
			      (uintmax_t)(ext4_free_bytes(fs) / MIB));
	if (r == 0)
		r = write_files(fs, list, sums, medium, target, inos, ret_cached, why);
	if (r == 0)
		r = name_files(fs, list, inos, now_seconds, why);
	if (r < 0) {
		ext4_drop(fs);
		return r;
	}
	r = ext4_close(fs, why);
	return r < 0 ? r : target_flush(target, why);
}
