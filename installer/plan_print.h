/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_print - a plan as text: the dry run, the blocks of the Installation Summary, and the canonical
 * text its digest is made of. Pure; never looks further than the plan.
 */
#ifndef PALETTE_PLAN_PRINT_H
#define PALETTE_PLAN_PRINT_H

#include <stddef.h>

#include "answers.h"
#include "plan.h"

/*
 * Each writes lines of at most 62 columns, every one ended by '\n', and returns @buf; what does not
 * fit into @size is cut. PLAN_TEXT_BYTES is enough for each of them.
 */
#define PLAN_TEXT_BYTES 8192

/* Path, model, serial number or location, size, transport, sector size where it is not 512. */
const char *plan_print_disk(const struct plan *plan, char *buf, size_t size);

/* What is on the disk now, that all of it goes, and that old data is not erased, only unreachable. */
const char *plan_print_destroyed(const struct plan *plan, char *buf, size_t size);

/* One line a partition: number, name, size, what for. */
const char *plan_print_layout(const struct plan *plan, char *buf, size_t size);

/* How many files, how large, and the first ten by name. Only where plan->content is set. */
const char *plan_print_content(const struct plan *plan, char *buf, size_t size);

/* Image version, image digest (16 hex digits), plan digest (16), firmware mode. */
const char *plan_print_image(const struct plan *plan, char *buf, size_t size);

/* "signed with key 0123456789abcdef" or "unsigned build". */
const char *plan_print_signature(const struct plan *plan, char *buf, size_t size);

/* "When complete: reboot" and, on legacy BIOS, the warning about the boot order. */
const char *plan_print_end(const struct plan *plan, enum answers_action action, char *buf,
			   size_t size);

/* All of the above with their headings: the body of the Installation Summary. */
const char *plan_print_summary(const struct plan *plan, enum answers_action action, char *buf,
			       size_t size);

/* The numbered steps. */
const char *plan_print_steps(const struct plan *plan, char *buf, size_t size);

/* "Write the OS image to both slots": what the progress screen lists. */
const char *plan_step_text(enum plan_step_kind kind);

/*
 * Everything that decides what is written where, one "key = value" a line, in a fixed order: the
 * plan's digest is SHA-256 of it. The digest itself is not in it.
 */
const char *plan_print_canonical(const struct plan *plan, char *buf, size_t size);

#endif
