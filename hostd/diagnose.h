/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose - what a person asks to find out why two hosts do not reach each other. Runs in jobs:
 * each waits for other hosts.
 */
#ifndef PALETTE_DIAGNOSE_H
#define PALETTE_DIAGNOSE_H

#include "endpoint.h"

#define DIAGNOSE_TEXT_BYTES 16384

struct diagnosis {
	int status;			/* 0: it worked */
	char text[DIAGNOSE_TEXT_BYTES]; /* for a person; ASCII */
};

/* Each returns 0 where it could ask, whatever the answer. */
typedef int diagnose_run(const struct endpoint *endpoint, struct diagnosis *ret, struct fail *why);

diagnose_run diagnose_ping, diagnose_traceroute, diagnose_lookup, diagnose_connect;

#endif
