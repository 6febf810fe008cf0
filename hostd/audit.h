/* SPDX-License-Identifier: Apache-2.0 */
/* audit - who did what from where, and what came of it: the journal and a file of JSON lines. */
#ifndef PALETTE_AUDIT_H
#define PALETTE_AUDIT_H

#include <stdint.h>

#include "audit_line.h"
#include "site.h"

#define AUDIT_FILE "/var/log/palette-audit.log"

/* Two old ones are kept as .1 and .2. */
#define AUDIT_FILE_BYTES_MAX (INT64_C(100) * 1024 * 1024)

/* Sets the time itself. What cannot be written is said in the log; the action stands. */
void audit(const struct site *site, struct audit_event event);

#endif
