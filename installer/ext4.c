/* SPDX-License-Identifier: Apache-2.0 */
#include "ext4.h"

#include <errno.h>
#include <ext2fs/ext2fs.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/memory.h"

struct ext4 {
	ext2_filsys fs;
	uint64_t offset_bytes;
	char path[200];
};

/* libext2fs counts its own errors from a base; below it are those of the system. */
static int failed(const struct ext4 *fs, errcode_t code, struct fail *why, const char *what,
		  const char *name)
{
	int system = code > 0 && code < 256 ? (int)code
		     : code == EXT2_ET_BLOCK_ALLOC_FAIL || code == EXT2_ET_INODE_ALLOC_FAIL ? ENOSPC
											    : EIO;

	return fail_with(why, system, "%s %s in the file system of %s: %s", what, name, fs->path,
			 error_message(code));
}

int ext4_open(const char *path, uint64_t offset_bytes, int64_t now_seconds, struct ext4 **ret,
	      struct fail *why)
{
	struct ext4 *fs = xcalloc(1, sizeof(*fs));
	char options[40];
	errcode_t code;

	initialize_ext2_error_table();
	fs->offset_bytes = offset_bytes;
	snprintf(fs->path, sizeof(fs->path), "%s", path);
	snprintf(options, sizeof(options), "offset=%" PRIu64, offset_bytes);
	code = ext2fs_open2(path, options, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, EXT4_BLOCK_BYTES,
			    unix_io_manager, &fs->fs);
	if (code == 0) {
		fs->fs->now = (time_t)now_seconds;
		code = ext2fs_read_bitmaps(fs->fs);
	}
	if (code) {
		(void)failed(fs, code, why, "open", "the root");
		ext4_drop(fs);
		return why ? -why->code : -EIO;
	}
	*ret = fs;
	return 0;
}

uint64_t ext4_free_bytes(const struct ext4 *fs)
{
	uint64_t free_blocks = ext2fs_free_blocks_count(fs->fs->super);
	uint64_t reserved = ext2fs_r_blocks_count(fs->fs->super);

	return free_blocks > reserved ? (free_blocks - reserved) * EXT4_BLOCK_BYTES : 0;
}

/* A folder that has no room for one more row grows by a block. */
static errcode_t link_in(struct ext4 *fs, ext2_ino_t dir, const char *name, ext2_ino_t ino,
			 int type)
{
	errcode_t code = ext2fs_link(fs->fs, dir, name, ino, type);

	if (code != EXT2_ET_DIR_NO_SPACE)
		return code;
	code = ext2fs_expand_dir(fs->fs, dir);
	return code ? code : ext2fs_link(fs->fs, dir, name, ino, type);
}

static errcode_t set_mode(struct ext4 *fs, ext2_ino_t ino, mode_t mode)
{
	struct ext2_inode inode;
	errcode_t code = ext2fs_read_inode(fs->fs, ino, &inode);

	if (code)
		return code;
	inode.i_mode = (__u16)((inode.i_mode & LINUX_S_IFMT) | (mode & 07777));
	return ext2fs_write_inode(fs->fs, ino, &inode);
}

int ext4_make_dir(struct ext4 *fs, uint32_t parent, const char *name, mode_t mode, uint32_t *ret,
		  struct fail *why)
{
	ext2_ino_t dir = parent ? parent : EXT2_ROOT_INO, ino = 0;
	errcode_t code = ext2fs_mkdir(fs->fs, dir, 0, name);

	if (code == EXT2_ET_DIR_NO_SPACE) {
		code = ext2fs_expand_dir(fs->fs, dir);
		if (code == 0)
			code = ext2fs_mkdir(fs->fs, dir, 0, name);
	}
	if (code == 0)
		code = ext2fs_lookup(fs->fs, dir, name, (int)strlen(name), NULL, &ino);
	if (code == 0)
		code = set_mode(fs, ino, mode);
	if (code)
		return failed(fs, code, why, "make the folder", name);
	*ret = ino;
	return 0;
}

/* An empty file without a name. */
static errcode_t new_file(struct ext4 *fs, uint64_t bytes, mode_t mode, ext2_ino_t *ret)
{
	struct ext2_inode inode = { 0 };
	ext2_extent_handle_t handle;
	errcode_t code;

	code = ext2fs_new_inode(fs->fs, EXT2_ROOT_INO, LINUX_S_IFREG | mode, NULL, ret);
	if (code)
		return code;
	ext2fs_inode_alloc_stats2(fs->fs, *ret, +1, 0);
	inode.i_mode = (__u16)(LINUX_S_IFREG | (mode & 07777));
	inode.i_links_count = 1; /* that of its name to come */
	inode.i_flags = EXT4_EXTENTS_FL;
	inode.i_atime = inode.i_ctime = inode.i_mtime = (__u32)fs->fs->now;
	code = ext2fs_inode_size_set(fs->fs, &inode, (ext2_off64_t)bytes);
	if (code == 0)
		code = ext2fs_write_new_inode(fs->fs, *ret, &inode);
	if (code == 0)
		code = ext2fs_extent_open2(fs->fs, *ret, &inode, &handle);
	if (code)
		return code;
	ext2fs_extent_free(handle);
	return ext2fs_write_inode(fs->fs, *ret, &inode);
}

/* Adds a leaf of the file's tree to @file. */
static int add_extent(const struct ext4 *fs, const struct ext2fs_extent *extent,
		      struct ext4_file *file, struct fail *why)
{
	struct target_extent *more = realloc(file->extents, (file->n_extents + 1) * sizeof(*more));

	if (!more)
		return fail_errno(why, ENOMEM, "list a file's extents");
	file->extents = more;
	more[file->n_extents++] = (struct target_extent){
		.offset = fs->offset_bytes + extent->e_pblk * EXT4_BLOCK_BYTES,
		.bytes = (uint64_t)extent->e_len * EXT4_BLOCK_BYTES,
	};
	return 0;
}

static int read_extents(const struct ext4 *fs, struct ext4_file *file, struct fail *why)
{
	ext2_extent_handle_t handle = NULL;
	struct ext2fs_extent extent;
	uint64_t next = 0;
	errcode_t code = ext2fs_extent_open(fs->fs, file->ino, &handle);
	int r = 0;

	if (code == 0)
		code = ext2fs_extent_get(handle, EXT2_EXTENT_ROOT, &extent);
	while (code == 0 && r == 0) {
		bool leaf = extent.e_flags & EXT2_EXTENT_FLAGS_LEAF;

		if (leaf && !(extent.e_flags & EXT2_EXTENT_FLAGS_SECOND_VISIT)) {
			if (extent.e_lblk != next)
				r = fail_with(why, EIO, "a file on %s was allocated with a gap",
					      fs->path);
			next = extent.e_lblk + extent.e_len;
			if (r == 0)
				r = add_extent(fs, &extent, file, why);
		}
		code = ext2fs_extent_get(handle, EXT2_EXTENT_NEXT, &extent);
	}
	if (handle)
		ext2fs_extent_free(handle);
	if (r < 0)
		return r;
	if (code != EXT2_ET_EXTENT_NO_NEXT)
		return failed(fs, code, why, "read the extents of", "a file");
	return 0;
}

static uint64_t extents_bytes(const struct ext4_file *file)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < file->n_extents; i++)
		bytes += file->extents[i].bytes;
	return bytes;
}

int ext4_alloc(struct ext4 *fs, uint64_t bytes, mode_t mode, struct ext4_file *ret,
	       struct fail *why)
{
	uint64_t blocks = (bytes + EXT4_BLOCK_BYTES - 1) / EXT4_BLOCK_BYTES;
	struct ext4_file file = { 0 };
	ext2_ino_t ino = 0;
	errcode_t code = new_file(fs, bytes, mode, &ino);
	int r;

	/* Marked as written at once: they are, before the file has a name. */
	if (code == 0 && blocks)
		code = ext2fs_fallocate(fs->fs, EXT2_FALLOCATE_FORCE_INIT, ino, NULL, ~0ULL, 0,
					blocks);
	if (code)
		return failed(fs, code, why, "allocate", "a file");
	file.ino = ino;
	r = blocks ? read_extents(fs, &file, why) : 0;
	if (r == 0 && extents_bytes(&file) != blocks * EXT4_BLOCK_BYTES)
		r = fail_with(why, EIO, "a file on %s got %ju of %ju bytes", fs->path,
			      (uintmax_t)extents_bytes(&file), (uintmax_t)bytes);
	if (r < 0)
		ext4_file_done(&file);
	else
		*ret = file;
	return r;
}

void ext4_file_done(struct ext4_file *file)
{
	free(file->extents);
	*file = (struct ext4_file){ 0 };
}

int ext4_link(struct ext4 *fs, uint32_t dir, const char *name, uint32_t ino, struct fail *why)
{
	errcode_t code = link_in(fs, dir ? dir : EXT2_ROOT_INO, name, ino, EXT2_FT_REG_FILE);

	return code ? failed(fs, code, why, "name the file", name) : 0;
}

int ext4_put(struct ext4 *fs, uint32_t dir, const char *name, mode_t mode, const void *data,
	     size_t bytes, struct fail *why)
{
	ext2_file_t file = NULL;
	ext2_ino_t ino = 0;
	unsigned done = 0;
	errcode_t code = new_file(fs, 0, mode, &ino), closed = 0;

	if (code == 0)
		code = ext2fs_file_open(fs->fs, ino, EXT2_FILE_WRITE, &file);
	if (code == 0)
		code = ext2fs_file_write(file, data, (unsigned)bytes, &done);
	if (file)
		closed = ext2fs_file_close(file);
	if (code || closed)
		return failed(fs, code ? code : closed, why, "write", name);
	if (done != bytes)
		return fail_with(why, EIO, "write %s on %s: %u of %zu bytes were taken", name,
				 fs->path, done, bytes);
	return ext4_link(fs, dir, name, ino, why);
}

int ext4_compare(struct ext4 *fs, const char *path, const void *data, size_t bytes,
		 struct fail *why)
{
	autofree char *got = xmalloc(bytes + 1);
	ext2_file_t file = NULL;
	ext2_ino_t ino = 0;
	unsigned n = 0;
	bool is_same;
	errcode_t code = ext2fs_namei(fs->fs, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &ino);

	if (code == 0)
		code = ext2fs_file_open(fs->fs, ino, 0, &file);
	/* One more than there should be, for a file that has become longer. */
	if (code == 0)
		code = ext2fs_file_read(file, got, (unsigned)bytes + 1, &n);
	if (file)
		(void)ext2fs_file_close(file);
	is_same = code == 0 && n == bytes && memcmp(got, data, bytes) == 0;
	explicit_bzero(got, bytes + 1);
	if (code)
		return failed(fs, code, why, "read", path);
	if (!is_same)
		return fail_with(why, EBADMSG,
				 "%s in the file system of %s is not what was written", path,
				 fs->path);
	return 0;
}

int ext4_close(struct ext4 *fs, struct fail *why)
{
	errcode_t code = ext2fs_close2(fs->fs, 0);
	int r = code ? failed(fs, code, why, "write", "the folders") : 0;

	/* After a failure of ext2fs_close2() the rest of it is still there. */
	if (code)
		ext4_drop(fs);
	else
		free(fs);
	return r;
}

void ext4_drop(struct ext4 *fs)
{
	if (fs && fs->fs)
		ext2fs_free(fs->fs);
	free(fs);
}
