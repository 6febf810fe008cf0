/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleanup - release on every way out of a scope.
 *
 * Initialise in the declaration: what was never set is never released. Release runs in the reverse
 * order of declaration.
 */
#ifndef PALETTE_CLEANUP_H
#define PALETTE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* For library types: DEFINE_CLEANUP(blkid_probe, blkid_free_probe) gives "autoclean(blkid_probe)". */
#define DEFINE_CLEANUP(type, release)                                                              \
	static inline void cleanup_##type(type *p)                                                 \
	{                                                                                          \
		if (*p)                                                                            \
			release(*p);                                                               \
	}
#define autoclean(type) __attribute__((cleanup(cleanup_##type))) type

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define autofree     __attribute__((cleanup(cleanup_free)))
#define autoclose    __attribute__((cleanup(cleanup_close)))
#define autofclose   __attribute__((cleanup(cleanup_fclose)))
#define autoclosedir __attribute__((cleanup(cleanup_closedir)))

/* Takes the value out of @p, so that its cleanup does nothing: return take_ptr(p). */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
