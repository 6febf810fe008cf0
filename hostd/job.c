/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define JOB_SECONDS_MAX 180

static const unsigned most[JOB_KINDS] = {
	[JOB_LOGIN] = 4,   [JOB_ACCOUNT] = 1, [JOB_HOST] = 1,
	[JOB_NETWORK] = 1, [JOB_NAMES] = 1,   [JOB_PROXY] = 1,
};

/* Less than PIPE_BUF, so it is written and read in one piece. */
struct outcome {
	int result;
	struct fail why;
};

struct job {
	struct jobs *jobs;
	enum job_kind kind;
	job_done done;
	void *data;
	pid_t pid;
	int fd;
	sd_event_source *io, *timer;
};

static void run_child(int fd, job_work work, void *data)
{
	struct outcome outcome;
	sigset_t none;

	memset(&outcome, 0, sizeof(outcome)); /* padding too: it is written out */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	outcome.result = work(data, &outcome.why);
	while (write(fd, &outcome, sizeof(outcome)) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void finish(struct job *job, const struct outcome *outcome)
{
	/* It has ended or is about to: the pipe was closed. */
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	sd_event_source_disable_unref(job->io);
	sd_event_source_disable_unref(job->timer);
	close(job->fd);
	job->jobs->running[job->kind]--;
	job->done(outcome->result, &outcome->why, job->data);
	free(job);
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
	int r = sd_event_add_io(event, &job->io, job->fd, EPOLLIN, on_readable, job);

	if (r < 0)
		return r;
	return sd_event_add_time_relative(event, &job->timer, CLOCK_BOOTTIME,
					  JOB_SECONDS_MAX * UINT64_C(1000000), 0, on_timeout, job);
}

int job_start(struct jobs *jobs, sd_event *event, enum job_kind kind, job_work work, job_done done,
	      void *data, struct fail *why)
{
	struct job *job;
	int fds[2], r;

	if (jobs->running[kind] >= most[kind])
		return fail_with(why, EBUSY,
				 "another change of this kind is being made; try again");
	job = calloc(1, sizeof(*job));
	if (!job)
		return fail_errno(why, ENOMEM, "start a process");
	if (pipe2(fds, O_CLOEXEC) < 0) {
		r = fail_errno(why, errno, "make a pipe");
		free(job);
		return r;
	}
	*job = (struct job){ .jobs = jobs, .kind = kind, .done = done, .data = data, .fd = fds[0] };
	job->pid = fork();
	if (job->pid == 0) {
		close(fds[0]);
		run_child(fds[1], work, data);
	}
	r = job->pid < 0 ? -errno : watch(job, event);
	close(fds[1]);
	if (r >= 0) {
		jobs->running[kind]++;
		return 0;
	}
	if (job->pid > 0) {
		kill(job->pid, SIGKILL);
		waitpid(job->pid, NULL, 0);
	}
	sd_event_source_disable_unref(job->io);
	close(fds[0]);
	free(job);
	return fail_errno(why, -r, "start a process");
}

int jobs_idle(const struct jobs *jobs)
{
	for (size_t i = 0; i < ARRAY_SIZE(jobs->running); i++)
		if (jobs->running[i])
			return 0;
	return 1;
}
