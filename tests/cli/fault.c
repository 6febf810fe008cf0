/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault - LD_PRELOAD: lets reads and writes of one program fail, as hardware does.
 *
 * FAULT="what file-name-part first-byte last-byte [times]"; what is
 *   read     EIO for a read that touches the bytes
 *   write    EIO for a write that touches the bytes
 *   late     as flip, but all is well the first time: what changes between two reads
 *   flip     reads return the first of the bytes with its lowest bit changed
 *   flip-top the same with its highest
 *   flush    EIO for fsync, whatever the bytes
 *   slow     a read that touches the bytes takes 100 ms
 * times: how often, then all is well again; without it: always.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct fault {
	char what[16], file[200];
	long long first, last, times;
};

static struct fault fault;
static atomic_llong *hits; /* of all processes that are forked from the first */

__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("FAULT");

	fault.times = -1;
	if (text && sscanf(text, "%15s %199s %lld %lld %lld", fault.what, fault.file, &fault.first,
			   &fault.last, &fault.times) < 4)
		abort();
	hits = mmap(NULL, sizeof(*hits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hits == MAP_FAILED)
		abort();
}

static bool applies(const char *what, int fd, size_t bytes, off64_t offset)
{
	char link[64], path[4096];
	ssize_t n;

	if (strcmp(fault.what, what) != 0 || offset > fault.last ||
	    offset + (off64_t)bytes <= fault.first)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	if (!strstr(path, fault.file))
		return false;
	return fault.times < 0 || atomic_fetch_add(hits, 1) < fault.times;
}

ssize_t pread64(int fd, void *buf, size_t bytes, off64_t offset)
{
	static ssize_t (*next)(int, void *, size_t, off64_t);
	ssize_t n;

	if (!next)
		next = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
	if (applies("read", fd, bytes, offset)) {
		errno = EIO;
		return -1;
	}
	if (applies("slow", fd, bytes, offset))
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	n = next(fd, buf, bytes, offset);
	if (n > fault.first - offset &&
	    (applies("flip", fd, bytes, offset) ||
	     (applies("late", fd, bytes, offset) && atomic_fetch_add(hits, 1) > 0)))
		((unsigned char *)buf)[fault.first - offset] ^= 1;
	if (n > fault.first - offset && applies("flip-top", fd, bytes, offset))
		((unsigned char *)buf)[fault.first - offset] ^= 0x80;
	return n;
}

ssize_t __pread64_chk(int fd, void *buf, size_t bytes, off64_t offset, size_t size);

ssize_t __pread64_chk(int fd, void *buf, size_t bytes, off64_t offset, size_t size)
{
	if (bytes > size)
		abort();
	return pread64(fd, buf, bytes, offset);
}

/* mtools, which palette-install runs, reads this way. */
ssize_t read(int fd, void *buf, size_t bytes)
{
	static ssize_t (*next)(int, void *, size_t);
	off64_t offset;
	ssize_t n;

	if (!next)
		next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	n = next(fd, buf, bytes);
	if (n > 0 && applies("slow", fd, (size_t)n, lseek64(fd, 0, SEEK_CUR) - n))
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	if (n <= 0 || strcmp(fault.what, "flip") != 0)
		return n;
	offset = lseek64(fd, 0, SEEK_CUR) - n;
	if (offset >= 0 && n > fault.first - offset && applies("flip", fd, (size_t)n, offset))
		((unsigned char *)buf)[fault.first - offset] ^= 1;
	return n;
}

ssize_t __read_chk(int fd, void *buf, size_t bytes, size_t size);

ssize_t __read_chk(int fd, void *buf, size_t bytes, size_t size)
{
	if (bytes > size)
		abort();
	return read(fd, buf, bytes);
}

ssize_t pwrite64(int fd, const void *buf, size_t bytes, off64_t offset)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);

	if (!next)
		next = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
	if (applies("write", fd, bytes, offset)) {
		errno = EIO;
		return -1;
	}
	return next(fd, buf, bytes, offset);
}

int fsync(int fd)
{
	static int (*next)(int);

	if (!next)
		next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	if (applies("flush", fd, 1, fault.first)) {
		errno = EIO;
		return -1;
	}
	return next(fd);
}
