/* SPDX-License-Identifier: Apache-2.0 */
/* file - whole small files: read them, and replace them so that a power cut leaves old or new. */
#ifndef PALETTE_FILE_H
#define PALETTE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"

/* The file's bytes with a NUL behind them; caller frees. -EFBIG when it has more than @max_bytes. */
int file_read(const char *path, size_t max_bytes, char **ret, size_t *ret_bytes, struct fail *why);

/*
 * One line without its newline, for attributes of sysfs; @buf is empty on failure. 0 or -errno, no
 * message: an attribute that is not there is an answer.
 */
int file_read_line(const char *path, char *buf, size_t size);

/* Writes @path beside itself, flushes it, renames it into place and flushes the directory. */
int file_write_atomic(const char *path, const void *data, size_t bytes, mode_t mode,
		      struct fail *why);

/* Removes @path and flushes the directory: no power cut brings it back. One that is not there is as good. */
int file_remove(const char *path, struct fail *why);

/* What another program has written to @path, and its name, are there after a power cut too. */
int file_flush(const char *path, struct fail *why);

/* All of @data at @offset, whatever short writes there are. 0 or -errno. */
int file_write_all(int fd, const void *data, size_t bytes, uint64_t offset);

/* All of @bytes from @offset; -EIO when the file ends before. 0 or -errno. */
int file_read_all(int fd, void *data, size_t bytes, uint64_t offset);

#endif
