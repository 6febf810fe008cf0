/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/utf8.h"

/* The reading end of a job's pipe lives in its struct; the analyzer of gcc 14 loses it there. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-fd-leak"
#endif

static const struct {
	unsigned most; /* at once */
	unsigned seconds;
	bool ends_with_us; /* its work is void without hostd: a killed one leaves no process behind */
} limits[JOB_KINDS] = {
	[JOB_LOGIN] = { 4, 180, false },      [JOB_ACCOUNT] = { 1, 180, false },
	[JOB_HOST] = { 1, 180, false },	      [JOB_NETWORK] = { 1, 180, false },
	[JOB_NAMES] = { 1, 180, false },      [JOB_PROXY] = { 1, 180, false },
	[JOB_CONTENT] = { 8, 3600, true },    [JOB_DIAGNOSE] = { 2, 60, true },
	[JOB_READ] = { 4, 60, true },	      [JOB_ARCHIVE] = { 1, 600, true },
	[JOB_STREAM] = { 8, 2 * 3600, true },
};

/* Less than PIPE_BUF, so it is written and read in one piece. */
struct outcome {
	int result;
	struct fail why;
};

struct job {
	struct job *next;
	struct jobs *jobs;
	enum job_kind kind;
	job_done done;
	void *data;
	pid_t pid;
	int fd;
	sd_event_source *io, *timer;
};

/* Closes what the child has no use for: a file that is to be closed must not stay open here. */
static void close_others(int fd, int keep_fd)
{
	int low = fd < keep_fd ? fd : keep_fd, high = fd < keep_fd ? keep_fd : fd;

	if (low <= STDERR_FILENO)
		low = high;
	(void)close_range(STDERR_FILENO + 1, (unsigned)low - 1, 0);
	if (high > low + 1)
		(void)close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	(void)close_range((unsigned)high + 1, ~0U, 0);
}

static void run_child(int fd, const struct job *job, job_work work, pid_t parent)
{
	struct outcome outcome;
	sigset_t none;

	if (limits[job->kind].ends_with_us &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		_exit(1);
	close_others(fd, job->jobs->keep_fd);
	memset(&outcome, 0, sizeof(outcome)); /* padding too: it is written out */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	outcome.result = work(job->data, &outcome.why);
	while (write(fd, &outcome, sizeof(outcome)) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void job_free(struct job *job)
{
	sd_event_source_disable_unref(job->io);
	sd_event_source_disable_unref(job->timer);
	if (job->fd >= 0)
		close(job->fd);
	free(job);
}

static void finish(struct job *job, const struct outcome *outcome)
{
	/* It has ended or is about to: the pipe was closed. */
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	job->jobs->running[job->kind]--;
	for (struct job **p = &job->jobs->first; *p; p = &(*p)->next) {
		if (*p != job)
			continue;
		*p = job->next;
		break;
	}
	job->done(outcome->result, &outcome->why, job->data);
	job_free(job);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct job *job = userdata;
	struct outcome outcome;
	ssize_t n = read(fd, &outcome, sizeof(outcome));

	(void)source;
	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n != (ssize_t)sizeof(outcome)) {
		memset(&outcome, 0, sizeof(outcome));
		outcome.result =
			fail_with(&outcome.why, EIO, "the process that did it ended early");
	}
	/* It may quote what a program said, or have been cut inside a character. */
	utf8_clean(outcome.why.msg);
	finish(job, &outcome);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct job *job = userdata;

	(void)source;
	(void)usec;
	/* The end of its pipe does the rest. */
	kill(job->pid, SIGKILL);
	return 0;
}

static int watch(struct job *job, sd_event *event)
{
	unsigned seconds = job->jobs->seconds ? job->jobs->seconds : limits[job->kind].seconds;
	int r = sd_event_add_io(event, &job->io, job->fd, EPOLLIN, on_readable, job);

	if (r < 0)
		return r;
	return sd_event_add_time_relative(event, &job->timer, CLOCK_BOOTTIME,
					  seconds * UINT64_C(1000000), 0, on_timeout, job);
}

/* Its reading end is the job's. Returns the writing one, or -errno. */
static int open_pipe(struct job *job)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	job->fd = fds[0];
	return fds[1];
}

/* Forks the child. 0 or -errno; then there is none. */
static int launch(struct job *job, sd_event *event, job_work work)
{
	autoclose int write_fd = open_pipe(job);
	pid_t us = getpid();
	int r;

	if (write_fd < 0)
		return write_fd;
	job->pid = fork();
	if (job->pid < 0)
		return -errno;
	if (job->pid == 0)
		run_child(write_fd, job, work, us);
	r = watch(job, event);
	if (r < 0) {
		kill(job->pid, SIGKILL);
		waitpid(job->pid, NULL, 0);
	}
	return r;
}

int job_start(struct jobs *jobs, sd_event *event, enum job_kind kind, job_work work, job_done done,
	      void *data, struct fail *why)
{
	struct job *job;
	int r;

	if (jobs->running[kind] >= limits[kind].most)
		return fail_with(why, EBUSY,
				 limits[kind].most == 1
					 ? "another change of this kind is being made; try again"
					 : "%u of this kind are running, as many as may; try again",
				 limits[kind].most);
	job = calloc(1, sizeof(*job));
	if (!job)
		return fail_errno(why, ENOMEM, "start a process");
	*job = (struct job){ .jobs = jobs, .kind = kind, .done = done, .data = data, .fd = -1 };
	r = launch(job, event, work);
	if (r < 0) {
		job_free(job);
		return fail_errno(why, -r, "start a process");
	}
	job->next = jobs->first;
	jobs->first = job;
	jobs->running[kind]++;
	return 0;
}

void job_kill(struct jobs *jobs, enum job_kind kind,
	      bool (*is_wanted)(const void *data, const void *arg), const void *arg)
{
	for (const struct job *job = jobs->first; job; job = job->next)
		if (job->kind == kind && is_wanted(job->data, arg))
			kill(job->pid, SIGKILL);
}
