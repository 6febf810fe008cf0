/* SPDX-License-Identifier: Apache-2.0 */
#include "fat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "lib/size.h"

const char *fat_image(const char *disk, uint64_t start_bytes, char buf[FAT_IMAGE_BYTES])
{
	snprintf(buf, FAT_IMAGE_BYTES, "%s@@%ju", disk, (uintmax_t)start_bytes);
	return buf;
}

int fat_put(const char *image, const void *data, size_t bytes, const char *to, struct fail *why)
{
	autoclose int fd = memfd_create("palette-esp", MFD_CLOEXEC);
	char from[64], dest[96];
	const char *const argv[] = { "mcopy", "-o", "-i", image, from, dest, NULL };
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "take memory for %s", to);
	r = file_write_all(fd, data, bytes, 0);
	if (r < 0)
		return fail_errno(why, -r, "take memory for %s", to);
	snprintf(from, sizeof(from), "/proc/%d/fd/%d", (int)getpid(), fd);
	snprintf(dest, sizeof(dest), "::%s", to);
	r = proc_run(argv, NULL, 0, why);
	return r < 0 && why ? fail_wrap(why, "write %s to the FAT file system on %s", to, image)
			    : r;
}

struct loaded {
	const char *name;
	uint8_t *data;
	size_t bytes, size, max;
};

static int take(const void *data, size_t bytes, void *arg, struct fail *why)
{
	struct loaded *loaded = arg;

	if (bytes > loaded->max - loaded->bytes)
		return fail_with(why, EFBIG, "%s has more than %zu bytes", loaded->name,
				 loaded->max);
	while (loaded->size - loaded->bytes < bytes + 1) {
		uint8_t *grown = realloc(loaded->data, 2 * loaded->size);

		if (!grown)
			abort(); /* as xmalloc() */
		loaded->data = grown;
		loaded->size *= 2;
	}
	memcpy(loaded->data + loaded->bytes, data, bytes);
	loaded->bytes += bytes;
	return 0;
}

int fat_get(const char *image, const char *from, size_t max, uint8_t **ret, size_t *ret_bytes,
	    struct fail *why)
{
	struct loaded loaded = { .name = from, .size = 64 * KIB, .max = max };
	autofree char *name = xasprintf("::%s", from);
	const char *const argv[] = { "mtype", "-i", image, name, NULL };
	int r;

	loaded.data = xmalloc(loaded.size);
	r = proc_run_output(argv, take, &loaded, why);
	if (r < 0) {
		free(loaded.data);
		return why ? fail_wrap(why, "read %s of the FAT file system on %s", from, image)
			   : r;
	}
	loaded.data[loaded.bytes] = '\0';
	*ret_bytes = loaded.bytes;
	*ret = loaded.data;
	return 0;
}
