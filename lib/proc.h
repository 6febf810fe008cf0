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

/*
 * The same for a program whose exit status is an answer: 0 whenever it exited by itself. @ret_last
 * has its last line.
 */
int proc_run_status(const char *const argv[], int *ret_status, char *ret_last, size_t last_size,
		    struct fail *why);

/*
 * The same with all it says, as far as it fits: for a person who asked. A program that a signal ended
 * has the status 128 and its number, as in a shell.
 */
int proc_run_answer(const char *const argv[], int *ret_status, char *out, size_t out_size,
		    struct fail *why);

/*
 * The same, with @input on stdin: for what must not stand in argv. It goes through a file in memory
 * that has no name.
 */
int proc_run_input(const char *const argv[], const void *input, size_t bytes, char *out,
		   size_t out_size, struct fail *why);

/*
 * The same, but what it writes to stdout goes to @take as it comes; a negative value of that ends the
 * program and is returned, with what it put into @why.
 */
typedef int (*proc_take)(const void *data, size_t bytes, void *arg, struct fail *why);
int proc_run_output(const char *const argv[], proc_take take, void *arg, struct fail *why);

#endif
