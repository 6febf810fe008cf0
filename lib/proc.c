/* SPDX-License-Identifier: Apache-2.0 */
#include "proc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "log.h"

#define TAIL_BYTES 4096

/* What the child says. Its last bytes are kept for the error, its first for the caller. */
struct output {
	char *buf; /* the caller's; may be NULL */
	size_t size;
	size_t used;
	char tail[TAIL_BYTES];
	size_t n_tail;
};

static void output_add(struct output *out, const char *data, size_t n)
{
	if (out->buf && out->used + 1 < out->size) {
		size_t room = out->size - 1 - out->used;
		size_t take = n < room ? n : room;

		memcpy(out->buf + out->used, data, take);
		out->used += take;
		out->buf[out->used] = '\0';
	}
	if (n >= sizeof(out->tail)) {
		data += n - sizeof(out->tail);
		n = sizeof(out->tail);
	}
	if (out->n_tail + n > sizeof(out->tail)) {
		size_t drop = out->n_tail + n - sizeof(out->tail);

		memmove(out->tail, out->tail + drop, out->n_tail - drop);
		out->n_tail -= drop;
	}
	memcpy(out->tail + out->n_tail, data, n);
	out->n_tail += n;
}

/* Does the line @line of @n bytes begin with "name:"? */
static bool is_of(const char *line, size_t n, const char *name)
{
	size_t n_name = strlen(name);

	return n > n_name && strncmp(line, name, n_name) == 0 && line[n_name] == ':';
}

/*
 * The last line that begins with the program's name and a colon, as errors do; else the last that is
 * not empty. (Buffered remarks of a program come out at its end, after its error.) @ret is empty when
 * there is none.
 */
static void output_last_line(const struct output *out, const char *name, char *ret, size_t size)
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	size_t end = out->n_tail;
	bool any = false;

	ret[0] = '\0';
	while (end > 0) {
		size_t start, n;

		while (end > 0 && strchr("\r\n \t", out->tail[end - 1]))
			end--;
		start = end;
		while (start > 0 && out->tail[start - 1] != '\n')
			start--;
		n = end - start;
		if (n > 0 && (!any || is_of(out->tail + start, n, base)))
			snprintf(ret, size, "%.*s", (int)n, out->tail + start);
		if (is_of(out->tail + start, n, base))
			return;
		any |= n > 0;
		end = start;
	}
}

static void log_command(const char *const argv[])
{
	char line[900] = "run:";
	size_t used = strlen(line);

	for (size_t i = 0; argv[i] && used < sizeof(line) - 1; i++) {
		int n = snprintf(line + used, sizeof(line) - used, " %s", argv[i]);

		used += (size_t)n;
	}
	log_info("%s", line);
}

/* @in_fd -1: /dev/null. */
static int start(const char *const argv[], int in_fd, int out_fd, int err_fd, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	int r;

	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	if (in_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
	r = posix_spawnp(ret_pid, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return r;
}

static int status_to_fail(const char *name, int status, const struct output *out, struct fail *why)
{
	char last[300];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		log_debug("%s: done", name);
		return 0;
	}
	output_last_line(out, name, last, sizeof(last));
	if (WIFSIGNALED(status)) {
		log_warn("%s: killed by signal %d: %s", name, WTERMSIG(status), last);
		return fail_with(why, EINTR, "%s was killed by signal %d (%s)", name,
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
	}
	log_warn("%s: exit status %d: %s", name, WEXITSTATUS(status), last);
	return fail_with(why, EIO, "%s failed with exit status %d%s%s", name, WEXITSTATUS(status),
			 last[0] ? ": " : "", last);
}

/*
 * Starts it; what it says can be read from the descriptor that is returned. @err_fd -1: its errors too.
 */
static int start_piped(const char *const argv[], int in_fd, int err_fd, pid_t *ret_pid,
		       struct fail *why)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail_errno(why, errno, "make a pipe for %s", argv[0]);
	r = start(argv, in_fd, fds[1], err_fd < 0 ? fds[1] : err_fd, ret_pid);
	close(fds[1]);
	if (r != 0) {
		close(fds[0]);
		return fail_errno(why, r, "start %s", argv[0]);
	}
	return fds[0];
}

static int wait_end(const char *name, pid_t pid, int *ret_status, struct fail *why)
{
	while (waitpid(pid, ret_status, 0) < 0) {
		if (errno != EINTR)
			return fail_errno(why, errno, "wait for %s", name);
	}
	return 0;
}

/* Runs it and collects what it says; *ret_status is as of waitpid(). @in_fd -1: /dev/null. */
static int run(const char *const argv[], int in_fd, struct output *out, int *ret_status,
	       struct fail *why)
{
	autoclose int read_fd = -1;
	pid_t pid = 0;

	assert(argv && argv[0]);
	if (out->buf && out->size)
		out->buf[0] = '\0';
	log_command(argv);
	read_fd = start_piped(argv, in_fd, -1, &pid, why);
	if (read_fd < 0)
		return read_fd;

	for (;;) {
		char buf[4096];
		ssize_t n = read(read_fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		output_add(out, buf, (size_t)n);
	}
	return wait_end(argv[0], pid, ret_status, why);
}

static int run_to_success(const char *const argv[], int in_fd, char *out_buf, size_t out_size,
			  struct fail *why)
{
	struct output out = { .buf = out_buf, .size = out_size };
	int status, r;

	r = run(argv, in_fd, &out, &status, why);
	return r < 0 ? r : status_to_fail(argv[0], status, &out, why);
}

int proc_run(const char *const argv[], char *out_buf, size_t out_size, struct fail *why)
{
	return run_to_success(argv, -1, out_buf, out_size, why);
}

int proc_run_status(const char *const argv[], int *ret_status, char *ret_last, size_t last_size,
		    struct fail *why)
{
	struct output out = { 0 };
	int status, r;

	r = run(argv, -1, &out, &status, why);
	if (r < 0)
		return r;
	if (!WIFEXITED(status))
		return status_to_fail(argv[0], status, &out, why);
	output_last_line(&out, argv[0], ret_last, last_size);
	*ret_status = WEXITSTATUS(status);
	log_info("%s: exit status %d: %s", argv[0], *ret_status, ret_last);
	return 0;
}

int proc_run_answer(const char *const argv[], int *ret_status, char *out_buf, size_t out_size,
		    struct fail *why)
{
	struct output out = { .buf = out_buf, .size = out_size };
	int status, r;

	r = run(argv, -1, &out, &status, why);
	if (r < 0)
		return r;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

int proc_run_input(const char *const argv[], const void *input, size_t bytes, char *out_buf,
		   size_t out_size, struct fail *why)
{
	autoclose int fd = memfd_create("input", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_errno(why, errno, "make the input of %s", argv[0]);
	r = file_write_all(fd, input, bytes, 0);
	if (r < 0)
		return fail_errno(why, -r, "write the input of %s", argv[0]);
	return run_to_success(argv, fd, out_buf, out_size, why);
}

static int hand_over(int fd, proc_take take, void *arg, struct fail *why)
{
	char buf[64 * 1024];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(why, errno, "read what a program says");
		if (n == 0)
			return 0;
		r = take(buf, (size_t)n, arg, why);
		if (r < 0)
			return r;
	}
}

int proc_run_output(const char *const argv[], proc_take take, void *arg, struct fail *why)
{
	autoclose int err_fd = memfd_create("errors", MFD_CLOEXEC);
	struct output errors = { 0 };
	char text[TAIL_BYTES];
	int read_fd, status, r, r_end;
	pid_t pid = 0;
	ssize_t n;

	if (err_fd < 0)
		return fail_errno(why, errno, "make a place for the errors of %s", argv[0]);
	log_command(argv);
	read_fd = start_piped(argv, -1, err_fd, &pid, why);
	if (read_fd < 0)
		return read_fd;
	r = hand_over(read_fd, take, arg, why);
	/* One that still writes ends by that. */
	close(read_fd);
	r_end = wait_end(argv[0], pid, &status, r < 0 ? NULL : why);
	if (r < 0 || r_end < 0)
		return r < 0 ? r : r_end;
	n = pread(err_fd, text, sizeof(text), 0);
	if (n > 0)
		output_add(&errors, text, (size_t)n);
	return status_to_fail(argv[0], status, &errors, why);
}
