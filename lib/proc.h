/* SPDX-License-Identifier: Apache-2.0 */
/* proc - run another program: argv array, no shell, every run in the log. */
#ifndef PALETTE_PROC_H
#define PALETTE_PROC_H

#include <stddef.h>

#include "fail.h"

/*
 * Runs argv[0] (looked up in PATH) with stdin from /dev/null and waits. stdout and stderr are
 * collected together; what fits into @out (may be NULL) is returned in it, NUL-terminated. The
 * command line and the exit status go to the log, so argv must not hold a secret. 0 when it exited
 * with 0; otherwise @why has the program's last line. -ENOENT: no such program.
 */
int proc_run(const char *const argv[], char *out, size_t out_size, struct fail *why);

#endif
