/* SPDX-License-Identifier: Apache-2.0 */
/* screens_text.c - the header and the Installation Summary as text. Pure. */
#include "screens_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/size.h"
#include "lib/text.h"
#include "plan_print.h"

#define LABEL_COLUMNS 14
#define LINES_AT_ONCE 16

/* @block beside @label, wrapped to what is left of the line. */
static void put_block(struct text_out *out, const char *label, const char *block)
{
	struct text_line lines[LINES_AT_ONCE];
	size_t n = text_wrap(block, SCREENS_COLUMNS - LABEL_COLUMNS, lines, LINES_AT_ONCE);

	for (size_t i = 0; i < n && i < LINES_AT_ONCE; i++)
		text_put(out, "%-*s%*s%.*s\n", LABEL_COLUMNS, i ? "" : label, (int)lines[i].indent,
			 "", (int)lines[i].bytes, lines[i].start);
}

/* The same for any number of lines, each of which is wrapped by itself. */
static void put_lines(struct text_out *out, const char *label, const char *lines)
{
	char line[300];

	while (*lines) {
		size_t n = strcspn(lines, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, lines);
		put_block(out, label, line);
		label = "";
		lines += n + (lines[n] == '\n');
	}
}

static void put_image(struct text_out *out, const struct plan *plan)
{
	const struct manifest_file *os = manifest_find(&plan->manifest, MANIFEST_OS);
	char line[256], signature[64];
	struct text_out text = text_out_start(line, sizeof(line));

	text_put(&text, "%s, digest ", plan->manifest.version);
	for (size_t i = 0; os && i < PLAN_DIGEST_SHOWN / 2; i++)
		text_put(&text, "%02x", os->sha256[i]);
	text_put(&text, ", %s", plan_print_signature(plan, signature, sizeof(signature)));
	put_block(out, "Image", line);
	snprintf(line, sizeof(line), "digest %.*s", PLAN_DIGEST_SHOWN, plan->digest);
	put_block(out, "Plan", line);
}

static void put_machine(struct text_out *out, const struct screens *s)
{
	char line[400], memory[32];
	struct text_out text = text_out_start(line, sizeof(line));

	text_put(&text, "%s", screens_firmware(&s->machine));
	if (s->hardware.cpus)
		text_put(&text, ", %u CPU%s", s->hardware.cpus, s->hardware.cpus == 1 ? "" : "s");
	if (s->hardware.memory_bytes)
		text_put(&text, ", %s memory",
			 size_binary(s->hardware.memory_bytes, memory, sizeof(memory)));
	put_block(out, "Machine", line);
	if (*hardware_shortfall(&s->hardware, s->plan.target.size_bytes, line, sizeof(line)))
		put_block(out, "", line);
}

static void put_end(struct text_out *out, const struct screens *s)
{
	static const char *const ends[ANSWERS_ACTIONS] = {
		[ANSWERS_NOTHING] = "nothing: the result stays on the screen",
		[ANSWERS_REBOOT] = "reboot",
		[ANSWERS_POWEROFF] = "poweroff",
	};

	put_block(out, "When complete", ends[s->chosen.action]);
	if (s->plan.bios)
		put_block(out, "Boot order",
			  "Legacy BIOS starts devices in the order of its setup: put this disk "
			  "first there, or remove the others.");
}

const char *screens_summary_text(const struct screens *s, char *buf, size_t size)
{
	struct text_out out = text_out_start(buf, size);
	char block[PLAN_TEXT_BYTES / 2];

	put_block(&out, "Disk", plan_print_disk(&s->plan, block, sizeof(block)));
	put_block(&out, "Destroyed", plan_print_destroyed(&s->plan, block, sizeof(block)));
	put_block(&out, "Written", plan_print_layout(&s->plan, block, sizeof(block)));
	if (*screens_leftovers_text(s, block, sizeof(block)))
		put_lines(&out, "Wiped too", block);
	if (s->plan.content)
		put_block(&out, "Content", plan_print_content(&s->plan, block, sizeof(block)));
	put_image(&out, &s->plan);
	put_machine(&out, s);
	put_end(&out, s);
	if (*screens_answers_text(s, block, sizeof(block)))
		put_lines(&out, "Answers", block);
	return buf;
}

const char *screens_firmware(const struct machine *machine)
{
	if (!machine->uefi)
		return "legacy BIOS";
	return machine->secure_boot ? "UEFI, Secure Boot on" : "UEFI, Secure Boot off";
}

const char *screens_header(const struct machine *machine, const char *version, char *buf,
			   size_t size)
{
	const char *vendor = machine->vendor;
	const char *mode = screens_firmware(machine);
	char name[240], fitted[240], right[100];

	/* Some models begin with the vendor. */
	if (strncmp(machine->model, vendor, strlen(vendor)) == 0)
		vendor = "";
	snprintf(name, sizeof(name), "%s%s%s, %s %s", vendor, *vendor ? " " : "",
		 *machine->model ? machine->model : "unknown machine",
		 machine->serial[0] ? "serial number" : "no serial number", machine->serial);
	text_fit(name, SCREENS_COLUMNS + 2, fitted, sizeof(fitted));
	snprintf(right, sizeof(right), "Palette Edge %s", version);
	snprintf(buf, size, "%s\n%-*s%s", fitted,
		 SCREENS_COLUMNS + 2 - (int)text_columns(right, sizeof(right)), mode, right);
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
