/* SPDX-License-Identifier: Apache-2.0 */
/* screens_report.c - how it ended, for programs: a JSON line, and a file on the seed medium. */
#include "screens_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/size.h"

#define RESULT	      "palette-result"
#define LOG	      "palette-install"
#define SERIAL_CHARS  40
#define LOG_BYTES_MAX (4 * MIB)
#define TEXT_BYTES    1200

static void put(FILE *out, const char *name, const char *text)
{
	char quoted[TEXT_BYTES];

	fprintf(out, ",\n  \"%s\": %s", name, json_quote(text, quoted, sizeof(quoted)));
}

static void put_all(FILE *out, const struct screens *s, bool installed)
{
	struct timespec up = { 0 };
	char quoted[TEXT_BYTES];

	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	fprintf(out, "{\n  \"result\": \"%s\"",
		installed			     ? "installed"
		: s->result.touched || s->told_ended ? "failed"
						     : "refused");
	put(out, "version", s->manifest.version);
	put(out, "medium-id", s->manifest.medium_id);
	put(out, "vendor", s->machine.vendor);
	put(out, "model", s->machine.model);
	put(out, "serial", s->machine.serial);
	put(out, "disk", s->plan.target.path);
	put(out, "disk-serial", s->plan.target.serial);
	if (!installed)
		put(out, "message", s->failure.msg);
	fprintf(out, ",\n  \"warnings\": [");
	for (size_t i = 0; i < s->result.n_warnings; i++)
		fprintf(out, "%s%s", i ? ", " : "",
			json_quote(s->result.warnings[i], quoted, sizeof(quoted)));
	fprintf(out, "],\n  \"milliseconds\": %" PRIu64 ",\n  \"uptime-seconds\": %jd.%ld\n}\n",
		s->result.elapsed_ms, (intmax_t)up.tv_sec, up.tv_nsec / 100000000);
}

/* "-7XK2PQ3": the machine's serial number as part of a file's name; empty where it has none. */
static void serial_ending(const struct screens *s, char ret[SERIAL_CHARS + 2])
{
	const char *serial = s->machine.serial;

	snprintf(ret, SERIAL_CHARS + 2, "%s%.*s", serial[0] ? "-" : "", SERIAL_CHARS, serial);
	for (char *p = ret; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-._", *p))
			*p = '_';
}

/* Twice where the machine has a serial number: one stick may go through a rack. */
static int write_file(const struct screens *s, const char *name, const char *ending,
		      const void *data, size_t bytes, struct fail *why)
{
	char serial[SERIAL_CHARS + 2];
	autofree char *last = xasprintf("%s%s", name, ending), *own = NULL;
	int r = seed_write(&s->seed, last, data, bytes, why);

	serial_ending(s, serial);
	own = xasprintf("%s%s%s", name, serial, ending);
	return r < 0 || !serial[0] ? r : seed_write(&s->seed, own, data, bytes, why);
}

static void write_log(const struct screens *s)
{
	autofree char *text = NULL;
	struct fail why = { 0 };
	size_t bytes;

	if (!s->args->log_path)
		return;
	if (file_read(s->args->log_path, LOG_BYTES_MAX, &text, &bytes, &why) < 0 ||
	    write_file(s, LOG, ".log", text, bytes, &why) < 0)
		log_warn("the log is not on the medium with the answers: %s", why.msg);
}

static void write_result(const struct screens *s, bool installed)
{
	autofree char *text = NULL;
	struct fail why = { 0 };
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	put_all(out, s, installed);
	(void)fclose(out);
	if (write_file(s, RESULT, ".json", text, bytes, &why) < 0)
		log_warn("the result is not on the medium with the answers: %s", why.msg);
	else
		log_info("the result is " RESULT ".json on %s", s->seed.device);
	write_log(s);
}

void screens_report_refused(struct screens *s)
{
	if (s->seed.device[0])
		write_result(s, false);
}

void screens_report(struct screens *s, bool installed)
{
	if (s->unattended) {
		s->progress.plan = &s->plan;
		s->progress.json = s->json;
		progress_end(&s->progress, &s->result, installed ? NULL : &s->failure);
	}
	if (s->began_unattended && s->seed.device[0])
		write_result(s, installed);
}
