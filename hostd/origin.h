/* SPDX-License-Identifier: Apache-2.0 */
/* origin - where a caller without a session of ours sits, for the audit log. */
#ifndef PALETTE_ORIGIN_H
#define PALETTE_ORIGIN_H

#include <sys/types.h>

#include "sessions.h"
#include "site.h"

/*
 * The host that @pid is logged in from (SSH), else its terminal ("tty2", "pts/0"); "console" for the
 * console's screens, "local" where there is neither. As logind and the kernel have it, so that nobody
 * says it of himself.
 */
void origin_of_process(const struct site *site, pid_t pid, char buf[ORIGIN_BYTES]);

#endif
