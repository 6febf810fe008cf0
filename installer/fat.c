/* SPDX-License-Identifier: Apache-2.0 */
#include "fat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/proc.h"

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

int fat_get(const char *image, const char *from, uint8_t **ret, size_t *ret_bytes, struct fail *why)
{
	autoclose int fd = memfd_create("palette-esp", MFD_CLOEXEC);
	char name[96], to[64];
	const char *const argv[] = { "mcopy", "-n", "-i", image, name, to, NULL };
	autofree uint8_t *data = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "take memory for %s", from);
	snprintf(to, sizeof(to), "/proc/%d/fd/%d", (int)getpid(), fd);
	snprintf(name, sizeof(name), "::%s", from);
	r = proc_run(argv, NULL, 0, why);
	if (r < 0)
		return why ? fail_wrap(why, "read %s of the FAT file system on %s", from, image)
			   : r;
	if (fstat(fd, &st) < 0)
		return fail_errno(why, errno, "look at %s", from);
	data = xmalloc((size_t)st.st_size + 1);
	r = file_read_all(fd, data, (size_t)st.st_size, 0);
	if (r < 0)
		return fail_errno(why, -r, "read %s", from);
	data[st.st_size] = '\0';
	*ret_bytes = (size_t)st.st_size;
	*ret = take_ptr(data);
	return 0;
}
