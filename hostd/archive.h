/* SPDX-License-Identifier: Apache-2.0 */
/* archive - journal, logs, network state, versions and settings in one file, without secrets. */
#ifndef PALETTE_ARCHIVE_H
#define PALETTE_ARCHIVE_H

#include "site.h"

#define ARCHIVE_FILE SITE_STATE "/logs.tar.zst"

/* Removes what an earlier run left that was killed: logs, and what they take of the disk. */
void archive_tidy(const struct site *site);

/* Collects and packs; the file of before stays until the new one is whole. Runs in a job. */
int archive_make(const struct site *site, struct fail *why);

#endif
