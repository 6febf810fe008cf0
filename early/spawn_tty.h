/* SPDX-License-Identifier: Apache-2.0 */
/* spawn_tty - start a program with a terminal of its own. */
#ifndef PALETTE_SPAWN_TTY_H
#define PALETTE_SPAWN_TTY_H

#include <sys/types.h>

/*
 * Starts argv[0], an absolute path, as leader of a session whose terminal is @path. @path NULL: no
 * terminal, all three descriptors are the log or /dev/null. Returns the process, or a negative errno.
 */
pid_t spawn_on_tty(const char *path, const char *const argv[]);

/*
 * The same behind "Press ENTER for a shell": the program starts when somebody wants it.
 */
pid_t spawn_shell_on_request(const char *path);

#endif
