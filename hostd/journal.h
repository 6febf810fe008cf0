/* SPDX-License-Identifier: Apache-2.0 */
/* journal - rows of systemd's journal. Runs in jobs: a large journal takes a while. */
#ifndef PALETTE_JOURNAL_H
#define PALETTE_JOURNAL_H

#include "rows.h"
#include "site.h"

#define JOURNAL_COLUMNS	    7
#define JOURNAL_LIMIT	    100 /* rows, where none is said */
#define JOURNAL_FOLLOW	    20
#define JOURNAL_LEVEL_LEAST 7

extern const struct row_column journal_columns[JOURNAL_COLUMNS];

struct journal_filter {
	char unit[256], identifier[128], contains[128];
	char before[512], after[512]; /* cursors */
	uint64_t priority;	      /* this and graver */
	uint64_t since_s, until_s;    /* since 1970; 0 any */
	uint64_t limit;
};

/* Fills @ret, in the order of time. -REFUSED: a cursor that is none. */
int journal_read(const struct site *site, const struct journal_filter *filter, struct rows *ret,
		 struct fail *why);

/* Writes the last @filter->limit rows and then every new one to @fd as JSON, until it is closed. */
int journal_follow(const struct site *site, const struct journal_filter *filter, int fd,
		   struct fail *why);

/* Gets the values of one row; less than 0 ends the visit. */
typedef int (*journal_visitor)(const char *const values[JOURNAL_COLUMNS], void *arg);

/* Visits the last @limit rows in the order of time. */
int journal_visit(const struct site *site, uint64_t limit, journal_visitor visit, void *arg,
		  struct fail *why);

/* Rows of two values: "unit" or "identifier", and one that occurs; sorted. */
int journal_sources(const struct site *site, struct rows *ret, struct fail *why);

#endif
