/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"
#include "lib/text.h"
#include "medium.h"

#define PROGRESS_MS	 200
#define PATIENCE_SECONDS 10

/* One walk over the medium. */
struct walk {
	const struct manifest *manifest;
	const struct verify_options *options;
	struct verify_result *result;
	struct medium medium;
	struct meter meter;
	char *chunks; /* palette/chunks, lines; NULL: the medium has none */
	uint8_t *buf; /* a chunk */
	uint64_t total_bytes, start_ms, shown_ms;
};

static bool hash_is(const struct sha256_ctx *hash, const uint8_t want[SHA256_BYTES])
{
	struct sha256_ctx end = *hash;
	uint8_t digest[SHA256_BYTES];

	sha256_digest(&end, sizeof(digest), digest);
	return memcmp(digest, want, sizeof(digest)) == 0;
}

static void add_damage(struct walk *walk, const char *path, uint64_t first, uint64_t bytes)
{
	struct verify_result *result = walk->result;

	log_error("%s is damaged between byte %ju and %ju", path, (uintmax_t)first,
		  (uintmax_t)(first + bytes - 1));
	if (result->n_damages < VERIFY_DAMAGES_MAX)
		result->damages[result->n_damages] =
			(struct verify_damage){ path, first, first + bytes - 1 };
	result->n_damages++;
}

/* "<sha256> <offset> <path>" of that chunk, as text to compare with. False: no such line. */
static bool chunk_digest(const struct walk *walk, const char *path, uint64_t offset,
			 char digest[65])
{
	autofree char *end = xasprintf(" %ju %s\n", (uintmax_t)offset, path);
	const char *line = walk->chunks ? strstr(walk->chunks, end) : NULL;

	if (!line || line - walk->chunks < 64)
		return false;
	snprintf(digest, 65, "%s", line - 64);
	return true;
}

static bool chunk_is_right(const struct walk *walk, const char *path, uint64_t offset, size_t bytes)
{
	char want[65], got[65];
	uint8_t digest[SHA256_BYTES];
	struct sha256_ctx hash;

	if (!chunk_digest(walk, path, offset, want))
		return true;
	sha256_init(&hash);
	sha256_update(&hash, bytes, walk->buf);
	sha256_digest(&hash, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(got + 2 * i, 3, "%02x", digest[i]);
	return strcmp(want, got) == 0;
}

static int show(struct walk *walk, const char *path, struct fail *why)
{
	uint64_t now_ms = meter_now_ms();
	struct verify_progress now = {
		.path = path,
		.done_bytes = walk->result->bytes,
		.total_bytes = walk->total_bytes,
		.elapsed_ms = now_ms - walk->start_ms,
	};

	if (!walk->options->progress || now_ms - walk->shown_ms < PROGRESS_MS)
		return 0;
	walk->shown_ms = now_ms;
	if (walk->options->progress(&now, walk->options->arg))
		return 0;
	return fail_with(why, ECANCELED, "the verification was stopped");
}

static int verify_file(struct walk *walk, const struct manifest_file *listed, struct fail *why)
{
	__attribute__((cleanup(medium_file_done))) struct medium_file file = { .fd = -1 };
	size_t known = walk->result->n_damages;
	struct sha256_ctx hash;
	int r = medium_file_open(&walk->medium, listed, &file, why);

	/* From the medium, not from what memory still has of it. */
	if (r == 0)
		(void)posix_fadvise(file.fd, 0, 0, POSIX_FADV_DONTNEED);
	sha256_init(&hash);
	for (uint64_t at = 0; at < listed->bytes && r == 0;) {
		size_t n = listed->bytes - at < MIB ? (size_t)(listed->bytes - at) : MIB;

		r = medium_file_read(&file, walk->buf, n, at, why);
		if (r < 0)
			break;
		sha256_update(&hash, n, walk->buf);
		if (!chunk_is_right(walk, listed->path, at, n))
			add_damage(walk, listed->path, at, n);
		at += n;
		walk->result->bytes += n;
		r = show(walk, listed->path, why);
	}
	if (r < 0)
		return r;
	/* The manifest decides; the chunks only say where. */
	if (!hash_is(&hash, listed->sha256) && walk->result->n_damages == known)
		add_damage(walk, listed->path, 0, listed->bytes);
	walk->result->n_files++;
	return 0;
}

/* Where the list of chunks is damaged itself, its file is found to be so in its turn. */
static int load_chunks(struct walk *walk)
{
	autofree uint8_t *data = NULL;
	struct fail why;
	size_t bytes;

	if (!manifest_find(walk->manifest, MANIFEST_CHUNKS))
		return 0;
	if (medium_load(&walk->medium, MANIFEST_CHUNKS, &data, &bytes, &why) < 0) {
		log_warn("%s: damage is told by whole files", why.msg);
		return 0;
	}
	walk->chunks = xasprintf("%.*s", (int)bytes, (const char *)data);
	return 0;
}

static int walk_files(struct walk *walk, const struct manifest_file *files, size_t n,
		      struct fail *why)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = verify_file(walk, &files[i], why);
	return r;
}

int verify_medium(const struct manifest *manifest, const struct verify_options *options,
		  struct verify_result *ret, struct fail *why)
{
	struct walk walk = {
		.manifest = manifest,
		.options = options,
		.result = ret,
		.medium = { .source = options->source,
			    .manifest = manifest,
			    .patience_seconds = options->medium_seconds ? options->medium_seconds
									: PATIENCE_SECONDS },
		.buf = xmalloc(MIB),
		.start_ms = meter_now_ms(),
	};
	const struct content_list *content = options->content;
	int r;

	*ret = (struct verify_result){ 0 };
	walk.medium.meter = &walk.meter;
	for (size_t i = 0; i < manifest->n_files; i++)
		walk.total_bytes += manifest->files[i].bytes;
	if (content)
		walk.total_bytes += content->bytes;
	r = load_chunks(&walk);
	if (r == 0)
		r = walk_files(&walk, manifest->files, manifest->n_files, why);
	if (r == 0 && content)
		r = walk_files(&walk, content->files, content->n_files, why);
	ret->elapsed_ms = meter_now_ms() - walk.start_ms;
	free(walk.buf);
	free(walk.chunks);
	return r;
}

const char *verify_text(const struct verify_result *result, char *buf, size_t size)
{
	uint64_t ms = result->elapsed_ms ? result->elapsed_ms : 1;
	struct text_out out = text_out_start(buf, size);
	char bytes[32], rate[32];

	text_put(&out, "%s in %zu files read in %ju.%ju s, %s/s.\n",
		 size_decimal(result->bytes, bytes, sizeof(bytes)), result->n_files,
		 (uintmax_t)(ms / 1000), (uintmax_t)(ms % 1000 / 100),
		 size_decimal(result->bytes * 1000 / ms, rate, sizeof(rate)));
	if (result->n_damages == 0)
		text_put(&out, "Every byte is as the manifest says.\n");
	for (size_t i = 0; i < result->n_damages && i < VERIFY_DAMAGES_MAX; i++)
		text_put(&out, "DAMAGED: %s, between byte %ju and %ju\n", result->damages[i].path,
			 (uintmax_t)result->damages[i].first, (uintmax_t)result->damages[i].last);
	if (result->n_damages > VERIFY_DAMAGES_MAX)
		text_put(&out, "and %zu more places\n", result->n_damages - VERIFY_DAMAGES_MAX);
	return buf;
}
