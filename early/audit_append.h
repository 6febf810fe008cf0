/* SPDX-License-Identifier: Apache-2.0 */
/* audit_append - an entry of the audit log from before palette-hostd runs. */
#ifndef PALETTE_EARLY_AUDIT_APPEND_H
#define PALETTE_EARLY_AUDIT_APPEND_H

#include "hostd/audit_line.h"
#include "lib/fail.h"

/* Makes the log @path where it is missing; a line that a power cut tore is closed first. Not flushed. */
int audit_append(const char *path, const struct audit_event *event, struct fail *why);

#endif
