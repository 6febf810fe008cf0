/* SPDX-License-Identifier: Apache-2.0 */
#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/monotonic.h"
#include "lib/size.h"
#include "signature.h"

#define RETRY_MS       500
#define LOAD_BYTES_MAX (256 * MIB)

/* ISO 9660: the primary volume descriptor, and its count of blocks, little-endian. */
#define ISO_MAGIC	  0x9660
#define ISO_BLOCK	  2048
#define ISO_DESCRIPTOR	  32768
#define ISO_BLOCKS_OFFSET 80

/* Is the file there, as long as the manifest says, and can its last block be read? */
static int check_file(const char *source, const struct manifest_file *file, struct fail *why)
{
	autofree char *path = xasprintf("%s/%s", source, file->path);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char last[512];
	size_t n = file->bytes < sizeof(last) ? (size_t)file->bytes : sizeof(last);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "open %s", path);
	if (fstat(fd, &st) < 0)
		return fail_errno(why, errno, "look at %s", path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->bytes)
		return fail_with(why, EBADMSG, "%s has %ju bytes, the manifest says %ju", path,
				 (uintmax_t)st.st_size, (uintmax_t)file->bytes);
	r = file_read_all(fd, last, n, file->bytes - n);
	if (r < 0)
		return fail_errno(why, -r, "read the end of %s", path);
	return 0;
}

bool medium_device(const char *source, char *buf, size_t size)
{
	autofclose FILE *file = NULL;
	char path[80], line[120], name[64];
	struct statfs fs;
	struct stat st;

	if (statfs(source, &fs) < 0 || fs.f_type != ISO_MAGIC || stat(source, &st) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent", major(st.st_dev),
		 minor(st.st_dev));
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "DEVNAME=%63s", name) != 1)
			continue;
		snprintf(buf, size, "/dev/%s", name);
		return true;
	}
	return false;
}

/* A copy that was cut short may lack nothing but its end, which no file is in. */
static int check_end(const char *source, struct fail *why)
{
	unsigned char count[4], last[ISO_BLOCK];
	char device[80];
	autoclose int fd = -1;
	uint64_t bytes;
	off_t end;
	int r;

	if (!medium_device(source, device, sizeof(device)))
		return 0;
	fd = open(device, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, errno, "open %s", device);
	r = file_read_all(fd, count, sizeof(count), ISO_DESCRIPTOR + ISO_BLOCKS_OFFSET);
	if (r < 0)
		return fail_errno(why, -r, "read the volume descriptor of %s", device);
	bytes = ((uint64_t)count[0] | (uint64_t)count[1] << 8 | (uint64_t)count[2] << 16 |
		 (uint64_t)count[3] << 24) *
		ISO_BLOCK;
	end = lseek(fd, 0, SEEK_END);
	if (end >= 0 && (uint64_t)end < bytes)
		return fail_with(why, EBADMSG, "%s is truncated: it has %ju bytes, its image %ju",
				 device, (uintmax_t)end, (uintmax_t)bytes);
	if (bytes < ISO_BLOCK)
		return fail_with(why, EBADMSG, "%s has a damaged volume descriptor", device);
	r = file_read_all(fd, last, sizeof(last), bytes - ISO_BLOCK);
	return r < 0 ? fail_errno(why, -r, "read the end of %s", device) : 0;
}

int medium_open(const struct probe_options *where, struct manifest *ret, struct fail *why)
{
	const char *source = where->source;
	autofree char *path = xasprintf("%s/palette/manifest", source);
	autofree char *text = NULL;
	char signed_by[SIGNATURE_KEY_NAME];
	struct manifest manifest;
	size_t bytes;
	int r;

	r = file_read(path, MANIFEST_BYTES_MAX, &text, &bytes, why);
	if (r < 0)
		return why ? fail_wrap(why, "%s is no installation medium", source) : r;
	/* Nothing of it is looked at before. */
	r = signature_check(where->key, source, text, bytes, signed_by, why);
	if (r < 0)
		return r;
	r = manifest_parse(text, bytes, &manifest, why);
	if (r < 0)
		return why ? fail_wrap(why, "%s", path) : r;
	snprintf(manifest.signed_by, sizeof(manifest.signed_by), "%s", signed_by);
	for (size_t i = 0; i < manifest.n_files; i++) {
		r = check_file(source, &manifest.files[i], why);
		if (r < 0)
			return why ? fail_wrap(why, "the medium is damaged") : r;
	}
	r = check_end(source, why);
	if (r < 0)
		return why ? fail_wrap(why, "the medium is damaged") : r;
	*ret = manifest;
	return 0;
}

int medium_content(const char *source, struct content_list *ret, struct fail *why)
{
	autofree char *path = xasprintf("%s/" CONTENT_LIST_PATH, source);
	autofree char *text = NULL;
	struct content_list list = { 0 };
	size_t bytes;
	int r;

	*ret = list;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	r = file_read(path, CONTENT_LIST_BYTES_MAX, &text, &bytes, why);
	if (r == 0)
		r = content_list_parse(text, bytes, &list, why);
	if (r < 0)
		return why ? fail_wrap(why, "%s", path) : r;
	for (size_t i = 0; i < list.n_files && r == 0; i++)
		r = check_file(source, &list.files[i], why);
	if (r < 0) {
		content_list_done(&list);
		return why ? fail_wrap(why, "the medium's content is damaged") : r;
	}
	*ret = list;
	return 0;
}

int medium_file_open(const struct medium *medium, const struct manifest_file *file,
		     struct medium_file *ret, struct fail *why)
{
	*ret = (struct medium_file){ .medium = medium, .file = file, .fd = -1 };
	snprintf(ret->path, sizeof(ret->path), "%s/%s", medium->source, file->path);
	ret->fd = open(ret->path, O_RDONLY | O_CLOEXEC);
	if (ret->fd < 0)
		return fail_errno(why, errno, "open %s", ret->path);
	(void)posix_fadvise(ret->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

void medium_file_done(struct medium_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* One attempt. 0, or a negative errno; -ENODATA: the file ends before. Counts what it got. */
static int read_once(struct medium_file *file, char *buf, size_t bytes, uint64_t offset,
		     size_t *done)
{
	if (file->fd < 0) {
		file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
		if (file->fd < 0)
			return -errno;
	}
	while (*done < bytes) {
		ssize_t n = pread(file->fd, buf + *done, bytes - *done, (off_t)(offset + *done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		*done += (size_t)n;
	}
	return 0;
}

static void sleep_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&time, NULL);
}

int medium_file_read(struct medium_file *file, void *buf, size_t bytes, uint64_t offset,
		     struct fail *why)
{
	struct meter *meter = file->medium->meter;
	uint64_t until_ms = 0;
	size_t done = 0;
	int r;

	meter_wait_begin(meter, APPLY_WAIT_MEDIUM);
	while ((r = read_once(file, buf, bytes, offset, &done)) < 0 && r != -ENODATA) {
		uint64_t now_ms = monotonic_ms();

		if (until_ms == 0) {
			until_ms = now_ms + file->medium->patience_seconds * UINT64_C(1000);
			atomic_store(&meter->gone_until_ms, until_ms);
			log_warn("%s at byte %ju: %s; trying again for %u s", file->path,
				 (uintmax_t)(offset + done), strerror(-r),
				 file->medium->patience_seconds);
		}
		if (now_ms >= until_ms || meter_cancelled(meter))
			break;
		medium_file_done(file);
		sleep_ms(RETRY_MS);
	}
	meter_wait_end(meter, APPLY_WAIT_MEDIUM);
	atomic_store(&meter->gone_until_ms, 0);
	if (r == 0)
		return 0;
	if (meter_cancelled(meter))
		return meter_check(meter, why);
	if (r == -ENODATA)
		return fail_with(why, EBADMSG, "%s ends at byte %ju, the manifest says %ju",
				 file->path, (uintmax_t)(offset + done),
				 (uintmax_t)file->file->bytes);
	return fail_errno(why, -r, "read %s at byte %ju, tried for %u s", file->path,
			  (uintmax_t)(offset + done), file->medium->patience_seconds);
}

static void digest_text(const uint8_t digest[SHA256_BYTES], char text[2 * SHA256_BYTES + 1])
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

int medium_check_digest(const struct medium_file *file, const uint8_t digest[SHA256_BYTES],
			struct fail *why)
{
	char expected[2 * SHA256_BYTES + 1], got[2 * SHA256_BYTES + 1];

	if (memcmp(digest, file->file->sha256, SHA256_BYTES) == 0)
		return 0;
	digest_text(file->file->sha256, expected);
	digest_text(digest, got);
	return fail_with(why, EBADMSG,
			 "%s on the medium is damaged: its SHA-256 should be %s and is %s",
			 file->file->path, expected, got);
}

int medium_load(const struct medium *medium, const char *path, uint8_t **ret, size_t *ret_bytes,
		struct fail *why)
{
	const struct manifest_file *listed = manifest_find(medium->manifest, path);
	__attribute__((cleanup(medium_file_done))) struct medium_file file = { .fd = -1 };
	autofree uint8_t *buf = NULL;
	uint8_t digest[SHA256_BYTES];
	struct sha256_ctx hash;
	int r;

	if (!listed)
		return fail_with(why, ENOENT, "%s is not in the manifest", path);
	if (listed->bytes > LOAD_BYTES_MAX)
		return fail_with(why, EFBIG, "%s has %ju bytes, at most %ju are taken", path,
				 (uintmax_t)listed->bytes, (uintmax_t)LOAD_BYTES_MAX);
	r = medium_file_open(medium, listed, &file, why);
	if (r < 0)
		return r;
	buf = xmalloc(listed->bytes + 1);
	sha256_init(&hash);
	for (uint64_t at = 0; at < listed->bytes;) {
		size_t n = listed->bytes - at < MIB ? (size_t)(listed->bytes - at) : MIB;

		r = medium_file_read(&file, buf + at, n, at, why);
		if (r < 0)
			return r;
		sha256_update(&hash, n, buf + at);
		at += n;
	}
	sha256_digest(&hash, sizeof(digest), digest);
	r = medium_check_digest(&file, digest, why);
	if (r < 0)
		return r;
	*ret = take_ptr(buf);
	*ret_bytes = (size_t)listed->bytes;
	return 0;
}

int medium_check_file(const struct medium *medium, const char *path, struct fail *why)
{
	const struct manifest_file *listed = manifest_find(medium->manifest, path);
	__attribute__((cleanup(medium_file_done))) struct medium_file file = { .fd = -1 };
	autofree uint8_t *buf = xmalloc(MIB);
	uint8_t digest[SHA256_BYTES];
	struct sha256_ctx hash;
	int r;

	if (!listed)
		return fail_with(why, ENOENT, "%s is not in the manifest", path);
	r = medium_file_open(medium, listed, &file, why);
	sha256_init(&hash);
	for (uint64_t at = 0; at < listed->bytes && r == 0; at += MIB) {
		size_t n = listed->bytes - at < MIB ? (size_t)(listed->bytes - at) : MIB;

		r = medium_file_read(&file, buf, n, at, why);
		if (r == 0)
			sha256_update(&hash, n, buf);
	}
	if (r < 0)
		return r;
	sha256_digest(&hash, sizeof(digest), digest);
	return medium_check_digest(&file, digest, why);
}
