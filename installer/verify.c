/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotonic.h"
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
	struct areas areas;
	char image[4096]; /* what the areas are read from; empty: nothing */
	char *chunks;	  /* palette/chunks, lines; NULL: the medium has none */
	uint8_t *buf;	  /* a chunk */
	uint64_t total_bytes, start_ms, shown_ms;
};

static bool hash_is(const struct sha256_ctx *hash, const uint8_t want[SHA256_BYTES])
{
	struct sha256_ctx end = *hash;
	uint8_t digest[SHA256_BYTES];

	sha256_digest(&end, sizeof(digest), digest);
	return memcmp(digest, want, sizeof(digest)) == 0;
}

/* The end of a long name says more than its beginning; it is not cut within a character. */
static void put_name(char *buf, size_t size, const char *name)
{
	size_t bytes = strlen(name);

	if (bytes >= size) {
		name += bytes - (size - sizeof("..."));
		while (((unsigned char)*name & 0xc0) == 0x80)
			name++;
	}
	snprintf(buf, size, "%s%s", bytes >= size ? "..." : "", name);
}

static void add_damage(struct walk *walk, const char *name, uint64_t first, uint64_t bytes,
		       bool of_medium)
{
	struct verify_result *result = walk->result;
	struct verify_damage *damage;

	log_error("%s is damaged between byte %ju and %ju%s", name, (uintmax_t)first,
		  (uintmax_t)(first + bytes - 1), of_medium ? " of the medium" : "");
	if (result->n_damages++ >= VERIFY_DAMAGES_MAX)
		return;
	damage = &result->damages[result->n_damages - 1];
	*damage = (struct verify_damage){ .first = first,
					  .last = first + bytes - 1,
					  .of_medium = of_medium };
	put_name(damage->name, sizeof(damage->name), name);
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
	uint64_t now_ms = monotonic_ms();
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
			add_damage(walk, listed->path, at, n, false);
		at += n;
		walk->result->bytes += n;
		r = show(walk, listed->path, why);
	}
	if (r < 0)
		return r;
	/* The manifest decides; the chunks only say where. */
	if (!hash_is(&hash, listed->sha256) && walk->result->n_damages == known)
		add_damage(walk, listed->path, 0, listed->bytes, false);
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

static int verify_area(struct walk *walk, const struct area *area, struct fail *why)
{
	struct manifest_file whole = { .bytes = area->offset + area->bytes };
	__attribute__((cleanup(medium_file_done))) struct medium_file file = {
		.medium = &walk->medium, .file = &whole, .fd = -1
	};
	struct sha256_ctx hash;
	int r = 0;

	snprintf(file.path, sizeof(file.path), "%s", walk->image);
	sha256_init(&hash);
	for (uint64_t done = 0; done < area->bytes && r == 0;) {
		size_t n = area->bytes - done < MIB ? (size_t)(area->bytes - done) : MIB;

		r = medium_file_read(&file, walk->buf, n, area->offset + done, why);
		if (r < 0)
			break;
		sha256_update(&hash, n, walk->buf);
		done += n;
		walk->result->bytes += n;
		r = show(walk, area->name, why);
	}
	if (r == 0 && !hash_is(&hash, area->sha256))
		add_damage(walk, area->name, area->offset, area->bytes, true);
	return r;
}

static int verify_areas(struct walk *walk, struct fail *why)
{
	int fd = walk->areas.n ? open(walk->image, O_RDONLY | O_CLOEXEC) : -1;
	int r = 0;

	/* What cannot be opened is tried again with the first read, and then reported. */
	if (fd >= 0) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	for (size_t i = 0; i < walk->areas.n && r == 0; i++)
		r = verify_area(walk, &walk->areas.list[i], why);
	walk->result->n_areas = walk->areas.n;
	return r;
}

/* A damaged list is damage, as of any other part; a missing one is an error. */
static int load_areas(struct walk *walk, struct fail *why)
{
	const char *image = walk->options->image, *name = AREAS_MADE_PATH;
	autofree char *path = xasprintf("%s/" AREAS_MADE_PATH, walk->options->source);
	autofree char *text = NULL;
	struct fail damaged;
	size_t bytes;
	int r;

	if (image)
		snprintf(walk->image, sizeof(walk->image), "%s", image);
	else if (!medium_device(walk->options->source, walk->image, sizeof(walk->image)))
		return 0;
	if (access(path, F_OK) < 0) {
		free(path);
		path = xasprintf("%s/" AREAS_PATH, walk->options->source);
		name = AREAS_PATH;
	}
	r = file_read(path, AREAS_BYTES_MAX, &text, &bytes, why);
	if (r < 0)
		return r;
	if (areas_parse(text, bytes, &walk->areas, &damaged) < 0) {
		log_error("%s: %s", path, damaged.msg);
		add_damage(walk, name, 0, bytes ? bytes : 1, false);
	}
	return 0;
}

/* For the report only: where it is damaged, its file is found to be so in its turn. */
static void load_levels(struct walk *walk)
{
	autofree uint8_t *data = NULL;
	struct fail why;
	size_t bytes;

	if (manifest_find(walk->manifest, MANIFEST_SBAT) &&
	    medium_load(&walk->medium, MANIFEST_SBAT, &data, &bytes, &why) == 0)
		snprintf(walk->result->levels, sizeof(walk->result->levels), "%.*s", (int)bytes,
			 (const char *)data);
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
		.start_ms = monotonic_ms(),
	};
	const struct content_list *content = options->content;
	int r;

	*ret = (struct verify_result){ 0 };
	walk.medium.meter = &walk.meter;
	for (size_t i = 0; i < manifest->n_files; i++)
		walk.total_bytes += manifest->files[i].bytes;
	if (content)
		walk.total_bytes += content->bytes;
	load_levels(&walk);
	r = load_areas(&walk, why);
	walk.total_bytes += walk.areas.bytes;
	if (r == 0)
		r = load_chunks(&walk);
	if (r == 0)
		r = verify_areas(&walk, why);
	if (r == 0)
		r = walk_files(&walk, manifest->files, manifest->n_files, why);
	if (r == 0 && content)
		r = walk_files(&walk, content->files, content->n_files, why);
	ret->elapsed_ms = monotonic_ms() - walk.start_ms;
	free(walk.buf);
	free(walk.chunks);
	areas_done(&walk.areas);
	return r;
}

const char *verify_text(const struct verify_result *result, char *buf, size_t size)
{
	uint64_t ms = result->elapsed_ms ? result->elapsed_ms : 1;
	struct text_out out = text_out_start(buf, size);
	char bytes[32], rate[32];

	text_put(&out, "%s in %zu files", size_decimal(result->bytes, bytes, sizeof(bytes)),
		 result->n_files);
	if (result->n_areas)
		text_put(&out, " and %zu other areas", result->n_areas);
	text_put(&out, " read in %ju.%ju s, %s/s.\n", (uintmax_t)(ms / 1000),
		 (uintmax_t)(ms % 1000 / 100),
		 size_decimal(result->bytes * 1000 / ms, rate, sizeof(rate)));
	if (result->n_damages == 0 && result->n_areas)
		text_put(&out, "Every byte of the ISO is as it was made.\n");
	else if (result->n_damages == 0)
		text_put(&out,
			 "Every byte of these files is as the manifest says. Nothing else was "
			 "read: the medium is a folder, no ISO.\n");
	if (result->n_damages == 0 && result->levels[0])
		text_put(&out, "SBAT levels of its loaders:\n%s", result->levels);
	for (size_t i = 0; i < result->n_damages && i < VERIFY_DAMAGES_MAX; i++)
		text_put(&out, "DAMAGED: %s, between byte %ju and %ju%s\n", result->damages[i].name,
			 (uintmax_t)result->damages[i].first, (uintmax_t)result->damages[i].last,
			 result->damages[i].of_medium ? " of the medium" : "");
	if (result->n_damages > VERIFY_DAMAGES_MAX)
		text_put(&out, "and %zu more places, which the log has\n",
			 result->n_damages - VERIFY_DAMAGES_MAX);
	return buf;
}
