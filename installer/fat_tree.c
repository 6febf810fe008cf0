/* SPDX-License-Identifier: Apache-2.0 */
#include "fat_tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "lib/proc.h"

void fat_tree_done(struct fat_tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		close(tree->files[i].fd);
	*tree = (struct fat_tree){ 0 };
}

int fat_tree_add(struct fat_tree *tree, const void *data, size_t bytes, const char *const to[2],
		 struct fail *why)
{
	autoclose int fd = memfd_create("palette-fat", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "take memory for %s", to[0]);
	r = file_write_all(fd, data, bytes, 0);
	if (r < 0)
		return fail_errno(why, -r, "take memory for %s", to[0]);
	for (size_t i = 0; i < 2 && to[i]; i++) {
		struct fat_file *file = &tree->files[tree->n];

		assert(tree->n < FAT_TREE_MAX && strlen(to[i]) < sizeof(file->to));
		*file = (struct fat_file){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .bytes = bytes };
		if (file->fd < 0)
			return fail_errno(why, errno, "keep %s in memory", to[i]);
		snprintf(file->to, sizeof(file->to), "%s", to[i]);
		tree->n++;
	}
	return 0;
}

static int make_parents(const char *dir, const char *to, struct fail *why)
{
	for (const char *p = to; (p = strchr(p, '/')); p++) {
		autofree char *path = xasprintf("%s/%.*s", dir, (int)(p - to), to);

		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return fail_errno(why, errno, "make %s", path);
	}
	return 0;
}

/* A tree of links to the files in memory: mcopy takes their names from it. */
static int make_links(const struct fat_tree *tree, const char *dir, struct fail *why)
{
	for (size_t i = 0; i < tree->n; i++) {
		const struct fat_file *file = &tree->files[i];
		autofree char *link = xasprintf("%s/%s", dir, file->to);
		autofree char *data = xasprintf("/proc/%d/fd/%d", (int)getpid(), file->fd);
		int r = make_parents(dir, file->to, why);

		if (r < 0)
			return r;
		if (symlink(data, link) < 0)
			return fail_errno(why, errno, "make %s", link);
	}
	return 0;
}

static int copy(const struct fat_tree *tree, const char *dir, const char *image, struct fail *why)
{
	/* At most one for each file. */
	const char *argv[6 + FAT_TREE_MAX] = { "mcopy", "-s", "-o", "-i", image };
	char tops[FAT_TREE_MAX][160];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < tree->n; i++) {
		size_t k = 0;

		snprintf(tops[n], sizeof(tops[n]), "%s/%.*s", dir,
			 (int)strcspn(tree->files[i].to, "/"), tree->files[i].to);
		while (k < n && strcmp(tops[k], tops[n]) != 0)
			k++;
		if (k == n)
			argv[5 + n++] = tops[k];
	}
	argv[5 + n] = "::";
	r = proc_run(argv, NULL, 0, why);
	return r < 0 && why ? fail_wrap(why, "write to the FAT file system on %s", image) : r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int fat_tree_write(const struct fat_tree *tree, const char *image, struct fail *why)
{
	const char *tmp = getenv("TMPDIR");
	autofree char *dir = xasprintf("%s/palette-fat.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	int r;

	if (!mkdtemp(dir))
		return fail_errno(why, errno, "make a directory like %s", dir);
	r = make_links(tree, dir, why);
	if (r == 0)
		r = copy(tree, dir, image, why);
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return r;
}

/* Where in the tree the bytes that come are compared. */
struct comparison {
	const struct fat_tree *tree;
	const char *disk;
	size_t file, at;
	const uint8_t *data; /* of the file; NULL: not mapped yet */
};

static int is_wrong(const struct comparison *now, struct fail *why)
{
	size_t i = now->file < now->tree->n ? now->file : now->tree->n - 1;

	return fail_with(why, EBADMSG,
			 "%s on %s is not what was written; the disk or its cable is damaged",
			 now->tree->files[i].to, now->disk);
}

/* To the next file that has bytes. */
static void next_file(struct comparison *now)
{
	const struct fat_file *file = &now->tree->files[now->file];

	if (now->data)
		(void)munmap((void *)now->data, file->bytes);
	now->data = NULL;
	now->at = 0;
	now->file++;
}

static int compare(const void *data, size_t bytes, void *arg, struct fail *why)
{
	struct comparison *now = arg;
	const uint8_t *got = data;

	while (bytes > 0) {
		const struct fat_file *file = &now->tree->files[now->file];
		size_t n;

		if (now->file == now->tree->n)
			return is_wrong(now, why);
		if (now->at == file->bytes) {
			next_file(now);
			continue;
		}
		if (!now->data) {
			void *map = mmap(NULL, file->bytes, PROT_READ, MAP_PRIVATE, file->fd, 0);

			if (map == MAP_FAILED)
				return fail_errno(why, errno, "look at %s", file->to);
			now->data = map;
		}
		n = file->bytes - now->at < bytes ? file->bytes - now->at : bytes;
		if (memcmp(now->data + now->at, got, n) != 0)
			return is_wrong(now, why);
		now->at += n;
		got += n;
		bytes -= n;
	}
	return 0;
}

int fat_tree_check(const struct fat_tree *tree, const char *image, const char *disk,
		   struct fail *why)
{
	/* To stdout one behind the other; one that is not there is mtype's failure. */
	const char *argv[4 + FAT_TREE_MAX] = { "mtype", "-i", image };
	char names[FAT_TREE_MAX][100];
	struct comparison now = { .tree = tree, .disk = disk };
	int r;

	for (size_t i = 0; i < tree->n; i++) {
		snprintf(names[i], sizeof(names[i]), "::%s", tree->files[i].to);
		argv[3 + i] = names[i];
	}
	r = proc_run_output(argv, compare, &now, why);
	if (r < 0 && r != -EBADMSG && why)
		(void)fail_wrap(why, "read the FAT file system on %s", image);
	while (r == 0 && now.file < tree->n && now.at == tree->files[now.file].bytes)
		next_file(&now);
	if (r == 0 && now.file < tree->n)
		r = is_wrong(&now, why);
	if (now.data)
		(void)munmap((void *)now.data, tree->files[now.file].bytes);
	return r;
}
