/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fail - why something did not work, as a value.
 *
 * A fallible function returns 0 (or a documented non-negative result) or a negative errno, and takes
 * a struct fail as its last argument. The function that failed says what it attempted on which
 * object; callers wrap that with their own goal; main or a screen shows it once. Nothing here
 * allocates, logs or exits. @why may be NULL where the caller needs the code alone.
 */
#ifndef PALETTE_FAIL_H
#define PALETTE_FAIL_H

struct fail {
	int code; /* positive errno; 0 while nothing failed */
	char msg[480];
};

/* "fmt: strerror(code)"; for a call of the system that failed. All three return -code. */
int fail_errno(struct fail *why, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "fmt"; for a refusal of ours. */
int fail_with(struct fail *why, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "fmt: what it said before"; keeps the code. Only after one of the others. */
int fail_wrap(struct fail *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
