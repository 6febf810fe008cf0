/* SPDX-License-Identifier: Apache-2.0 */
#include "content_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "hostd/content_check.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "read_back.h"
#include "ring.h"
#include "span.h"
#include "sum.h"

_Static_assert(EXT4_BLOCK_BYTES == TARGET_ALIGN, "a file's last block is the zeros' end");

/* One file on its way. */
struct flow {
	struct ring ring;
	struct medium_file *in;
	struct target *target;
	const struct ext4_file *out;
	const struct sum *sums; /* of each chunk, as it was checked */
};

static int write_chunk(const struct ring_chunk *chunk, void *arg, struct fail *why)
{
	const struct flow *flow = arg;
	int r;

	if (!sum_same(feed_sum(chunk), flow->sums[chunk->offset / RING_CHUNK_BYTES]))
		return fail_with(why, EBADMSG,
				 "%s on the medium changed after it was checked: bytes %ju to %ju "
				 "were read differently; the medium is damaged",
				 flow->in->file->path, (uintmax_t)chunk->offset,
				 (uintmax_t)(chunk->offset + chunk->bytes - 1));
	r = span_write_in(flow->target, flow->out->extents, chunk->buf,
			  feed_whole_bytes(chunk->bytes), chunk->offset, why);
	if (r < 0)
		return r;
	meter_add(flow->target->meter, chunk->bytes);
	return meter_check(flow->target->meter, why);
}

static void write_chunks(void *arg)
{
	struct flow *flow = arg;

	ring_each(&flow->ring, 0, write_chunk, flow);
}

/* One file; it has no name yet. */
static int write_file(const struct medium *medium, const struct manifest_file *file,
		      const struct sum *sums, struct target *target, const struct ext4_file *out,
		      struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file in = { .fd = -1 };
	struct flow flow = { .in = &in, .target = target, .out = out, .sums = sums };
	struct feed feed = { .ring = &flow.ring, .in = &in };
	const struct ring_thread thread = { feed_ring, &feed };
	int r = medium_file_open(medium, file, &in, why);

	if (r < 0)
		return r;
	ring_init(&flow.ring, 1, RING_CHUNKS);
	r = ring_run(&flow.ring, &thread, 1, write_chunks, &flow, why);
	ring_done(&flow.ring);
	return r;
}

static int write_files(const struct content_list *list, const struct content_sums *sums,
		       const struct medium *medium, struct target *target,
		       struct content_written *written, struct fail *why)
{
	for (size_t i = 0; i < list->n_files; i++) {
		const struct manifest_file *file = &list->files[i];
		struct ext4_file *out = &written->files[i];
		int r;

		meter_item(target->meter, i);
		r = ext4_alloc(written->fs, file->bytes, 0644, out, why);
		if (r == 0)
			r = write_file(medium, file, sums->files[i], target, out, why);
		if (r < 0)
			return r;
		log_info("content %zu of %zu: %s, %ju bytes", i + 1, list->n_files,
			 content_list_name(file), (uintmax_t)file->bytes);
	}
	return target_flush(target, why);
}

int content_write(const struct content_list *list, const struct content_sums *sums,
		  const struct medium *medium, struct target *target, uint64_t offset_bytes,
		  int64_t now_seconds, struct content_written *ret, struct fail *why)
{
	int r;

	*ret = (struct content_written){ .files = xcalloc(list->n_files, sizeof(*ret->files)),
					 .n_files = list->n_files };
	r = ext4_open(target->path, offset_bytes, now_seconds, &ret->fs, why);
	if (r < 0)
		return r;
	/* The plan was made by a rule of thumb that is on the safe side; this is the file system. */
	if (content_list_room(list) > ext4_free_bytes(ret->fs))
		return fail_with(why, ENOSPC,
				 "the content needs %ju MiB, the data partition of %s has %ju MiB",
				 (uintmax_t)(content_list_room(list) / MIB), target->path,
				 (uintmax_t)(ext4_free_bytes(ret->fs) / MIB));
	return write_files(list, sums, medium, target, ret, why);
}

int content_read_back(const struct content_list *list, const struct content_sums *sums,
		      const struct content_written *written, struct target *target,
		      struct fail *why)
{
	bool cached = false; /* the slots' reading told */
	int r = 0;

	target_forget(target);
	for (size_t i = 0; i < list->n_files && r == 0; i++) {
		const struct read_back what = { .name = content_list_name(&list->files[i]),
						.extents = written->files[i].extents,
						.bytes = list->files[i].bytes,
						.sums = sums->files[i] };

		meter_item(target->meter, i);
		r = read_back(target, &what, &cached, why);
	}
	return r;
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
static int name_files(struct ext4 *fs, const struct content_list *list,
		      const struct ext4_file *written, int64_t now_seconds, struct fail *why)
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
			r = ext4_link(fs, files, entry.name, written[i].ino, why);
	}
	return r;
}

int content_name(const struct content_list *list, struct content_written *written,
		 struct target *target, int64_t now_seconds, struct fail *why)
{
	struct ext4 *fs = written->fs;
	int r = name_files(fs, list, written->files, now_seconds, why);

	if (r < 0)
		return r;
	written->fs = NULL;
	r = ext4_close(fs, why);
	return r < 0 ? r : target_flush(target, why);
}

void content_written_done(struct content_written *written)
{
	ext4_drop(written->fs);
	for (size_t i = 0; i < written->n_files; i++)
		ext4_file_done(&written->files[i]);
	free(written->files);
	*written = (struct content_written){ 0 };
}
