/* SPDX-License-Identifier: Apache-2.0 */
/* screens_text.c - the Installation Summary as text. Pure. */
#include "screens_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/size.h"
#include "lib/text.h"
#include "plan_print.h"

#define LABEL_COLUMNS 14
#define LINES_AT_ONCE 16

struct out {
	char *buf;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out->buf + out->used, out->size - out->used, fmt, args);
	va_end(args);
	if (n > 0)
		out->used += (size_t)n;
	if (out->used >= out->size)
		out->used = out->size - 1;
}

/* @block beside @label, wrapped to what is left of the line. */
static void put_block(struct out *out, const char *label, const char *block)
{
	struct text_line lines[LINES_AT_ONCE];
	size_t n = text_wrap(block, SCREENS_COLUMNS - LABEL_COLUMNS, lines, LINES_AT_ONCE);

	for (size_t i = 0; i < n && i < LINES_AT_ONCE; i++)
		put(out, "%-*s%*s%.*s\n", LABEL_COLUMNS, i ? "" : label, (int)lines[i].indent, "",
		    (int)lines[i].bytes, lines[i].start);
}

static void put_image(struct out *out, const struct plan *plan)
{
	const struct manifest_file *os = manifest_find(&plan->manifest, MANIFEST_OS);
	char digest[PLAN_DIGEST_SHOWN + 1] = "", text[256];

	for (size_t i = 0; os && i < PLAN_DIGEST_SHOWN / 2; i++)
		snprintf(digest + 2 * i, sizeof(digest) - 2 * i, "%02x", os->sha256[i]);
	snprintf(text, sizeof(text), "%s, digest %s, unsigned build", plan->manifest.version,
		 digest);
	put_block(out, "Image", text);
	snprintf(text, sizeof(text), "digest %.*s", PLAN_DIGEST_SHOWN, plan->digest);
	put_block(out, "Plan", text);
}

static void put_machine(struct out *out, const struct screens *s)
{
	char text[400], memory[32];
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s",
				!s->machine.uefi	 ? "legacy BIOS"
				: s->machine.secure_boot ? "UEFI, Secure Boot on"
							 : "UEFI, Secure Boot off");
	if (s->hardware.cpus)
		used += (size_t)snprintf(text + used, sizeof(text) - used, ", %u CPU%s",
					 s->hardware.cpus, s->hardware.cpus == 1 ? "" : "s");
	if (s->hardware.memory_bytes)
		snprintf(text + used, sizeof(text) - used, ", %s memory",
			 size_binary(s->hardware.memory_bytes, memory, sizeof(memory)));
	put_block(out, "Machine", text);
	if (*hardware_shortfall(&s->hardware, s->plan.target.size_bytes, text, sizeof(text)))
		put_block(out, "", text);
}

static void put_end(struct out *out, const struct screens *s)
{
	static const char *const ends[ANSWERS_ACTIONS] = {
		[ANSWERS_NOTHING] = "nothing: the result stays on the screen",
		[ANSWERS_REBOOT] = "reboot",
		[ANSWERS_POWEROFF] = "poweroff",
	};

	put_block(out, "When complete", ends[s->answers.action]);
	if (s->plan.bios)
		put_block(out, "Boot order",
			  "Legacy BIOS starts devices in the order of its setup: put this disk "
			  "first there, or remove the others.");
}

const char *screens_summary_text(const struct screens *s, char *buf, size_t size)
{
	struct out out = { .buf = buf, .size = size };
	char block[PLAN_TEXT_BYTES / 4];

	buf[0] = '\0';
	put_block(&out, "Disk", plan_print_disk(&s->plan, block, sizeof(block)));
	put_block(&out, "Destroyed", plan_print_destroyed(&s->plan, block, sizeof(block)));
	put_block(&out, "Written", plan_print_layout(&s->plan, block, sizeof(block)));
	put_image(&out, &s->plan);
	put_machine(&out, s);
	put_end(&out, s);
	return buf;
}

const char *screens_duration(uint64_t ms, char *buf, size_t size)
{
	uint64_t seconds = (ms + 500) / 1000;

	if (seconds < 60)
		snprintf(buf, size, "%" PRIu64 " s", seconds);
	else if (seconds < 3600)
		snprintf(buf, size, "%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
	else
		snprintf(buf, size, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
			 seconds / 60 % 60);
	return buf;
}
