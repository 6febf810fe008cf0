/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot_clock.h"
#include "events.h"
#include "hotkeys.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/size.h"

#define PATIENCE_MS 3000 /* before a console says that we wait */
#define RELOOK_MS   5000 /* a device whose first read failed is looked at again */

/* 0: nothing to read, as in an empty drive or slot. */
static uint64_t size_of(const char *name)
{
	char path[300], value[32];

	snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	if (file_read_line(path, value, sizeof(value)) < 0)
		return 0;
	/* What the kernel says of a CD drive without a disc. */
	if (strncmp(name, "sr", 2) == 0 && strcmp(value, "2097151") == 0)
		return 0;
	return strtoull(value, NULL, 10) * 512;
}

/*
 * Devices of memory never hold anything. A CD drive is asked even when it seems empty: its size is
 * known only after the first look.
 */
static bool worth_a_look(const char *name)
{
	if (strncmp(name, "ram", 3) == 0 || strncmp(name, "zram", 4) == 0)
		return false;
	return size_of(name) > 0 || strncmp(name, "sr", 2) == 0;
}

static void look_at(struct early *early, const struct search *search, const char *name)
{
	struct fail why;

	if (worth_a_look(name) && probe_start(name, &search->kind, early->probe_fds[1], &why) < 0)
		log_warn("%s", why.msg);
}

typedef void (*each_device)(const char *name, void *arg);

static void for_each_device(each_device call, void *arg)
{
	DIR *dir = opendir("/sys/class/block");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			call(entry->d_name, arg);
	}
	if (dir)
		closedir(dir);
}

struct look {
	struct early *early;
	const struct search *search;
};

static void look_at_each(const char *name, void *arg)
{
	struct look *look = arg;

	look_at(look->early, look->search, name);
}

static void look_at_all(struct early *early, const struct search *search)
{
	struct look look = { early, search };

	for_each_device(look_at_each, &look);
}

struct seen {
	char text[700];
	size_t n;
};

/* "sda 16 GiB, sr0 empty": whole devices only; partitions and idle loops would fill the screen. */
static void name_device(const char *name, void *arg)
{
	struct seen *seen = arg;
	char path[300], value[32], size[32];
	uint64_t bytes;
	int n;

	snprintf(path, sizeof(path), "/sys/class/block/%s/partition", name);
	if (file_read_line(path, value, sizeof(value)) == 0)
		return;
	bytes = size_of(name);
	if (!worth_a_look(name))
		return;
	n = snprintf(seen->text + seen->n, sizeof(seen->text) - seen->n, "%s%s %s",
		     seen->n ? ", " : "", name,
		     bytes ? size_binary(bytes, size, sizeof(size)) : "empty");
	if (n > 0 && (size_t)n < sizeof(seen->text) - seen->n)
		seen->n += (size_t)n;
	else
		seen->text[seen->n] = '\0';
}

static void list_devices(struct seen *seen)
{
	*seen = (struct seen){ 0 };
	for_each_device(name_device, seen);
	if (!seen->n)
		snprintf(seen->text, sizeof(seen->text), "none");
}

static void show(struct early *early, const struct search *search, struct seen *shown)
{
	struct seen seen;

	list_devices(&seen);
	if (strcmp(seen.text, shown->text) == 0)
		return;
	notice_clear(&early->notice);
	notice_print(&early->notice, "%s\n\nDevices seen so far: %s\n\n%s\n\n", search->title,
		     seen.text, search->advice);
	hotkeys_print(early, search->keys);
	log_info("%s; devices: %s", search->title, seen.text);
	*shown = seen;
}

/* Whether this event is the answer. */
static bool take_event(struct early *early, const struct search *search, const struct event *event)
{
	switch (event->kind) {
	case EVENT_DISK:
		look_at(early, search, event->name);
		break;
	case EVENT_LOST:
		look_at_all(early, search);
		break;
	case EVENT_PROBED:
		return event->probe.found && event->probe.search == search->kind.search;
	case EVENT_KEY:
	case EVENT_CHILD:
	case EVENT_RESTART:
		(void)hotkeys_take(early, event, search->keys);
		break;
	case EVENT_TIMEOUT:
		break;
	}
	return false;
}

int search_device(struct early *early, struct search *search, char *ret_path, size_t size,
		  struct fail *why)
{
	int64_t start = boot_clock_ms(), relook = start + RELOOK_MS;
	struct seen shown = { 0 };
	struct event event;

	search->kind.search = ++early->n_searches;
	look_at_all(early, search);
	for (;;) {
		events_wait(early, 500, &event);
		if (take_event(early, search, &event))
			break;
		if (boot_clock_ms() - start > PATIENCE_MS)
			show(early, search, &shown);
		if (boot_clock_ms() > relook) {
			look_at_all(early, search);
			relook = boot_clock_ms() + RELOOK_MS;
		}
		if (search->timeout_s &&
		    boot_clock_ms() - start > search->timeout_s * INT64_C(1000)) {
			list_devices(&shown);
			return fail_with(why, ETIMEDOUT, "%s: not found in %u s; devices seen: %s",
					 search->title, search->timeout_s, shown.text);
		}
	}
	snprintf(ret_path, size, "%s", event.probe.device);
	log_info("%s: %s", search->title, ret_path);
	if (shown.text[0])
		notice_clear(&early->notice);
	return 0;
}
