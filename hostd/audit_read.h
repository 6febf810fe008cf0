/* SPDX-License-Identifier: Apache-2.0 */
/* audit_read - the audit log's rows, from its file and the two old ones. Runs in jobs. */
#ifndef PALETTE_AUDIT_READ_H
#define PALETTE_AUDIT_READ_H

#include "audit_line.h"
#include "rows.h"
#include "site.h"

#define AUDIT_COLUMNS 7

extern const struct row_column audit_columns[AUDIT_COLUMNS];

/* The rows @offset to @offset + @limit of those that match, the newest first; @ret->total: all. */
int audit_query(const struct site *site, const struct audit_filter *filter, uint64_t offset,
		uint64_t limit, struct rows *ret, struct fail *why);

/* The last byte of an export that is whole; no line has it. */
#define AUDIT_EXPORT_END '\0'

/* Writes all lines that match to @fd, the oldest first, and AUDIT_EXPORT_END. */
int audit_export(const struct site *site, const struct audit_filter *filter, int fd,
		 struct fail *why);

/* Rows of two values: "actor", "action" or "result", and one that occurs; sorted. */
int audit_distinct(const struct site *site, struct rows *ret, struct fail *why);

#endif
