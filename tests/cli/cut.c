/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut - LD_PRELOAD: the plug is pulled before the Nth change of a file system.
 *
 * CUT="counter-file N": changes of all processes are counted in the file; at the Nth the whole process
 * group is killed before it happens. Names, owners, contents and flushes all count.
 *
 * For a service whose children have an environment of their own: by ld.so.preload, and without CUT the
 * file is /etc/cut, whose second number is N at any moment.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct counter {
	_Atomic long count;
	_Atomic long last;
} *counter;

__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("CUT");
	char path[400] = "/etc/cut";
	long last = 0;
	int fd;

	if (text && sscanf(text, "%399s %ld", path, &last) != 2)
		return;
	fd = open(path, O_RDWR | (text ? O_CREAT : 0) | O_CLOEXEC, 0600);
	if (fd < 0 && !text)
		return;
	if (fd < 0 || ftruncate(fd, sizeof(*counter)) < 0)
		abort();
	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (counter == MAP_FAILED)
		abort();
	if (text)
		counter->last = last;
}

static void change(void)
{
	if (counter && atomic_fetch_add(&counter->count, 1) + 1 == counter->last)
		kill(0, SIGKILL);
}

#define CHANGES(ret, name, params, args)                                                           \
	ret name params                                                                            \
	{                                                                                          \
		static ret(*next) params;                                                          \
		if (!next)                                                                         \
			next = (ret(*) params)dlsym(RTLD_NEXT, #name);                             \
		change();                                                                          \
		return next args;                                                                  \
	}

CHANGES(int, rename, (const char *a, const char *b), (a, b))
CHANGES(int, renameat, (int x, const char *a, int y, const char *b), (x, a, y, b))
CHANGES(int, link, (const char *a, const char *b), (a, b))
CHANGES(int, unlink, (const char *a), (a))
CHANGES(int, unlinkat, (int x, const char *a, int f), (x, a, f))
CHANGES(int, rmdir, (const char *a), (a))
CHANGES(int, mkdir, (const char *a, mode_t m), (a, m))
CHANGES(int, mkdirat, (int x, const char *a, mode_t m), (x, a, m))
CHANGES(int, chmod, (const char *a, mode_t m), (a, m))
CHANGES(int, lchown, (const char *a, uid_t u, gid_t g), (a, u, g))
CHANGES(int, fchownat, (int x, const char *a, uid_t u, gid_t g, int f), (x, a, u, g, f))
CHANGES(int, symlinkat, (const char *a, int x, const char *b), (a, x, b))
CHANGES(int, mkostemp64, (char *a, int f), (a, f))
CHANGES(int, fchmod, (int fd, mode_t m), (fd, m))
CHANGES(int, fsync, (int fd), (fd))
CHANGES(int, syncfs, (int fd), (fd))
CHANGES(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
CHANGES(ssize_t, pwrite64, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))
