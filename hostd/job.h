/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job - work that blocks, in a short-lived child, so that the service answers meanwhile.
 *
 * A child is forked, not executed: it has a copy of everything, and gives back a result and a struct
 * fail alone. Of the parent's files it has stdin, stdout and stderr.
 */
#ifndef PALETTE_JOB_H
#define PALETTE_JOB_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "lib/fail.h"

enum job_kind {
	JOB_LOGIN,
	JOB_ACCOUNT,
	JOB_HOST,
	JOB_NETWORK,
	JOB_NAMES,
	JOB_PROXY,
	JOB_CONTENT,  /* may read whole files; ends with hostd */
	JOB_DIAGNOSE, /* waits for other hosts; ends with hostd */
	JOB_READ,     /* reads logs */
	JOB_ARCHIVE,
	JOB_STREAM, /* writes into a pipe until it is closed; ends with hostd */
	JOB_KINDS
};

struct job;

struct jobs {
	unsigned running[JOB_KINDS];
	struct job *first; /* all that run */
	int keep_fd;	   /* of our files, what the next child keeps; 0 none */
	unsigned seconds;  /* the next child's limit; 0: that of its kind (job.c) */
};

/* In the child; 0 or a negative errno with @why set. */
typedef int (*job_work)(void *data, struct fail *why);

/* In the parent, once; @data as it was given to job_start(). */
typedef void (*job_done)(int result, const struct fail *why, void *data);

/* -EBUSY: as many of this kind run as may (job.c); @done is not called. */
int job_start(struct jobs *jobs, sd_event *event, enum job_kind kind, job_work work, job_done done,
	      void *data, struct fail *why);

/* Ends the jobs of @kind whose data @is_wanted; their @done is called as for others that end early. */
void job_kill(struct jobs *jobs, enum job_kind kind,
	      bool (*is_wanted)(const void *data, const void *arg), const void *arg);

#endif
