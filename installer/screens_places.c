/* SPDX-License-Identifier: Apache-2.0 */
/* screens_places.c - where answers come from. */
#include "screens_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guestinfo.h"
#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "userdata.h"

/* Said on the summary, among the unattended lines and in the log. */
static void tell_not_read(struct screens *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void tell_not_read(struct screens *s, const char *fmt, ...)
{
	size_t used = strlen(s->not_read);
	char line[480];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_warn("%s", line);
	snprintf(s->not_read + used, sizeof(s->not_read) - used, "%s\n", line);
}

/* All of it, or of a text that is refused what it says about that. */
static int add_text(struct screens *s, enum answers_source source, bool user_data,
		    const char *origin, const char *text, size_t bytes, struct fail *why)
{
	struct fail not_read = { 0 };
	int r = user_data ? userdata_add(&s->answers, source, origin, text, bytes, &not_read, why)
			  : answers_add(&s->answers, source, origin, text, bytes, why);

	if (r < 0)
		answers_add_orders(&s->answers, source, origin, text, bytes);
	if (not_read.code)
		tell_not_read(s, "%s", not_read.msg);
	return r;
}

static int add_file(struct screens *s, enum answers_source source, const char *path,
		    const char *origin, struct fail *why)
{
	autofree char *text = NULL;
	size_t bytes = 0;
	int r = file_read(path, ANSWERS_BYTES_MAX, &text, &bytes, why);
	/* The menu and palette-iso read the medium's file too, and know lines alone. */
	bool user_data = r == 0 && source == ANSWERS_OF_FILE && answers_is_user_data(text, bytes);

	if (r == 0)
		r = add_text(s, source, user_data, origin, text, bytes, why);
	if (text)
		explicit_bzero(text, bytes);
	return r;
}

/* meta-data is the lowest of its place: what user-data says of the same replaces it. */
static int add_meta(struct screens *s, const char *medium, const struct seed_files *files,
		    struct fail *why)
{
	autofree char *origin = xasprintf("%s, meta-data", medium);
	struct fail not_read = { 0 };
	int r;

	if (!files->meta)
		return 0;
	r = userdata_add_meta(&s->answers, ANSWERS_OF_SEED, origin, files->meta, files->meta_bytes,
			      &not_read, why);
	if (not_read.code)
		tell_not_read(s, "%s", not_read.msg);
	return r;
}

static int add_seed(struct screens *s, struct fail *why)
{
	__attribute__((cleanup(seed_files_done))) struct seed_files files = { 0 };
	struct fail of_meta = { 0 };
	char origin[120];
	int r = seed_find(s->args->probe.root, s->args->seeds, s->args->n_seeds, &s->seed, why);

	if (r < 0 || !s->seed.device[0])
		return r;
	r = seed_read(&s->seed, &files, why);
	if (r < 0)
		return r;
	seed_title(&s->seed, origin, sizeof(origin));
	if (files.network)
		tell_not_read(s,
			      "network-config on %s is not read: in user-data, "
			      "stylus.site.network says how the installed host is connected.",
			      origin);
	if (files.vendor)
		tell_not_read(s,
			      "vendor-data on %s is not read: what it says belongs in user-data.",
			      origin);
	/* What user-data says about a refusal counts for one of meta-data as well. */
	(void)add_meta(s, origin, &files, &of_meta);
	r = add_text(s, ANSWERS_OF_SEED, s->seed.user_data, origin, files.text, files.bytes, why);
	return r < 0 || !of_meta.code ? r : fail_with(why, of_meta.code, "%s", of_meta.msg);
}

static int add_guestinfo(struct screens *s, struct fail *why)
{
	autofree char *text = NULL;
	size_t bytes = 0;
	struct fail unasked;
	int r = guestinfo_read(&s->args->probe, &s->machine, &text, &bytes, &unasked, why);

	if (unasked.code)
		tell_not_read(s, "%s", unasked.msg);
	if (r > 0)
		r = add_text(s, ANSWERS_OF_GUESTINFO, true, "guestinfo.userdata", text, bytes, why);
	if (text)
		explicit_bzero(text, bytes);
	return r;
}

static int add_kernel_arguments(struct screens *s, struct fail *why)
{
	autofree char *proc = xasprintf("%s/proc/cmdline", s->args->probe.root);
	autofree char *cmdline = NULL;
	int r;

	if (file_read(proc, CMDLINE_BYTES_MAX, &cmdline, NULL, NULL) < 0)
		return 0;
	r = answers_add_cmdline(&s->answers, cmdline, why);
	if (r < 0)
		answers_add_orders(&s->answers, ANSWERS_OF_KERNEL, "kernel arguments", cmdline,
				   strlen(cmdline));
	return r;
}

/* The first mistake is told; the other places are read all the same, they may say what to do about it. */
static void keep_first(struct fail *first, int r, struct fail *now)
{
	if (r < 0 && !first->code)
		*first = *now;
	*now = (struct fail){ 0 };
}

static int add_medium(struct screens *s, struct fail *why)
{
	autofree char *path = xasprintf("%s/" ANSWERS_MEDIUM, s->args->probe.source);
	int r = add_file(s, ANSWERS_OF_MEDIUM, path, "the medium", why);

	return r == -ENOENT ? 0 : r;
}

static int collect(struct screens *s, struct fail *why)
{
	const char *path = s->args->answers;
	struct fail now = { 0 }, first = { 0 };

	keep_first(&first, add_medium(s, &now), &now);
	keep_first(&first, add_seed(s, &now), &now);
	keep_first(&first, add_guestinfo(s, &now), &now);
	keep_first(&first, add_kernel_arguments(s, &now), &now);
	if (path)
		keep_first(&first, add_file(s, ANSWERS_OF_FILE, path, path, &now), &now);
	if (!first.code)
		keep_first(&first, answers_check(&s->answers, &now), &now);
	if (!first.code)
		return 0;
	*why = first;
	return -first.code;
}

int screens_read_answers(struct screens *s, struct fail *why)
{
	answers_done(&s->answers);
	s->not_read[0] = '\0';
	/* Before the look: a stick that comes meanwhile is found at the next one. */
	s->answers_mark = hardware_disks_mark(s->args->probe.root);
	return collect(s, why);
}
