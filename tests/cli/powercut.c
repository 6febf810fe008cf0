/* SPDX-License-Identifier: Apache-2.0 */
/*
 * powercut - LD_PRELOAD: a disk with a write cache, in place of one plain file, and no power any more.
 *
 * POWERCUT="target counter journal N": every write, zeroing and flush of the file target, by any of
 * the program's processes, is an event; they are counted in the file counter. The journal has all that
 * was written since the last flush, with what was there before: a disk that loses its power keeps any
 * part of it (tests/cli/torture.py decides which). The Nth event ends the whole process group: a write
 * is in the journal, a flush has not happened.
 *
 * Processes write one after the other here, threads of one process are kept apart by a lock.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What follows: the old bytes, then the new ones; those that are all zeros are left out. */
struct entry {
	uint64_t offset, bytes;
	uint32_t old_is_zero, new_is_zero;
};

static _Atomic long *counter;
static long last;
static int journal = -1;
static struct stat target;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *next_of(const char *name)
{
	void *next = dlsym(RTLD_NEXT, name);

	if (!next)
		abort();
	return next;
}

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
	abort();
}

__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("POWERCUT");
	char path[400], count[400], log[400];
	int fd;

	if (!text)
		return;
	must(sscanf(text, "%399s %399s %399s %ld", path, count, log, &last) == 4, "POWERCUT");
	must(stat(path, &target) == 0, path);
	fd = open(count, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	must(fd >= 0 && ftruncate(fd, sizeof(*counter)) == 0, count);
	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(counter != MAP_FAILED, count);
	close(fd);
	journal = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	must(journal >= 0, log);
}

static bool is_target(int fd)
{
	struct stat st;

	return journal >= 0 && fstat(fd, &st) == 0 && st.st_dev == target.st_dev &&
	       st.st_ino == target.st_ino;
}

static void event(void)
{
	if (atomic_fetch_add(counter, 1) + 1 == last)
		kill(0, SIGKILL);
}

static bool is_zero(const unsigned char *data, size_t bytes)
{
	return bytes == 0 || (data[0] == 0 && memcmp(data, data + 1, bytes - 1) == 0);
}

static void append(const void *data, size_t bytes)
{
	static ssize_t (*next)(int, const void *, size_t);

	if (!next)
		next = (ssize_t(*)(int, const void *, size_t))next_of("write");
	must(next(journal, data, bytes) == (ssize_t)bytes, "write the journal");
}

/* @data: NULL for zeros. The file is opened anew: the caller's descriptor may want aligned buffers. */
static void remember(int fd, const void *data, size_t bytes, off64_t offset)
{
	struct entry entry = { .offset = (uint64_t)offset, .bytes = bytes };
	unsigned char *old = calloc(1, bytes ? bytes : 1);
	char link[64];
	int again;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = open(link, O_RDONLY | O_CLOEXEC);
	must(old && again >= 0, "look at the target");
	must(pread64(again, old, bytes, offset) >= 0, "read the target");
	close(again);
	entry.old_is_zero = is_zero(old, bytes);
	entry.new_is_zero = !data || is_zero(data, bytes);
	append(&entry, sizeof(entry));
	if (!entry.old_is_zero)
		append(old, bytes);
	if (!entry.new_is_zero)
		append(data, bytes);
	free(old);
	event();
}

#define WRITES(name, params, args, data, bytes, offset)                                            \
	ssize_t name params                                                                        \
	{                                                                                          \
		static ssize_t(*next) params;                                                      \
		bool mine = is_target(fd);                                                         \
		ssize_t n;                                                                         \
		if (!next)                                                                         \
			next = (ssize_t(*) params)next_of(#name);                                  \
		if (!mine)                                                                         \
			return next args;                                                          \
		pthread_mutex_lock(&lock);                                                         \
		remember(fd, data, bytes, offset);                                                 \
		n = next args;                                                                     \
		pthread_mutex_unlock(&lock);                                                       \
		return n;                                                                          \
	}

WRITES(write, (int fd, const void *p, size_t n_bytes), (fd, p, n_bytes), p, n_bytes,
       lseek64(fd, 0, SEEK_CUR))
WRITES(pwrite, (int fd, const void *p, size_t n_bytes, off_t at), (fd, p, n_bytes, at), p, n_bytes,
       at)
WRITES(pwrite64, (int fd, const void *p, size_t n_bytes, off64_t at), (fd, p, n_bytes, at), p,
       n_bytes, at)

/* Of the kinds of fallocate() those that change bytes make zeros of them. */
#define ZEROES(name, type)                                                                         \
	int name(int fd, int mode, type at, type n_bytes)                                          \
	{                                                                                          \
		static int (*next)(int, int, type, type);                                          \
		int r;                                                                             \
		if (!next)                                                                         \
			next = (int (*)(int, int, type, type))next_of(#name);                      \
		if (!is_target(fd))                                                                \
			return next(fd, mode, at, n_bytes);                                        \
		pthread_mutex_lock(&lock);                                                         \
		remember(fd, NULL, (size_t)n_bytes, at);                                           \
		r = next(fd, mode, at, n_bytes);                                                   \
		pthread_mutex_unlock(&lock);                                                       \
		return r;                                                                          \
	}

ZEROES(fallocate, off_t)
ZEROES(fallocate64, off64_t)

/* From here on everything is there for sure. */
#define FLUSHES(name)                                                                              \
	int name(int fd)                                                                           \
	{                                                                                          \
		static int (*next)(int);                                                           \
		if (!next)                                                                         \
			next = (int (*)(int))next_of(#name);                                       \
		if (!is_target(fd))                                                                \
			return next(fd);                                                           \
		pthread_mutex_lock(&lock);                                                         \
		event();                                                                           \
		must(ftruncate(journal, 0) == 0, "empty the journal");                             \
		pthread_mutex_unlock(&lock);                                                       \
		return 0;                                                                          \
	}

FLUSHES(fsync)
FLUSHES(fdatasync)
