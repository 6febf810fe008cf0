/* SPDX-License-Identifier: Apache-2.0 */
#include "probe_medium.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/memory.h"
#include "probe_mounts.h"

#define DEPTH_MAX 8 /* a loop in a loop in a loop is somebody's joke */

struct search {
	const char *root; /* "" for "/" */
	struct probe_mounts mounts;
	struct probe_hits *hits;
};

static void add_hit(struct search *search, const char *name, const char *how)
{
	struct probe_hits *hits = search->hits;
	struct probe_hit *hit;

	hits->on_device = true;
	if (hits->n == PROBE_HITS_MAX || probe_medium_hit(hits, name))
		return;
	hit = &hits->items[hits->n++];
	snprintf(hit->name, sizeof(hit->name), "%s", name);
	snprintf(hit->how, sizeof(hit->how), "%s", how);
}

static void follow_path(struct search *search, const char *path, const char *how, unsigned depth);

/* @dir is the device's directory in sysfs; @how tells the way so far, from the medium down. */
static void follow_device(struct search *search, const char *dir, const char *how, unsigned depth);

static void follow_slaves(struct search *search, const char *dir, const char *how, unsigned depth)
{
	autofree char *slaves = xasprintf("%s/slaves", dir);
	DIR *list = opendir(slaves);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		autofree char *link = xasprintf("%s/%s", slaves, entry->d_name);
		char slave[PATH_MAX];

		if (entry->d_name[0] != '.' && realpath(link, slave))
			follow_device(search, slave, how, depth + 1);
	}
	if (list)
		closedir(list);
}

static void follow_device(struct search *search, const char *dir, const char *how, unsigned depth)
{
	const char *name = strrchr(dir, '/') + 1;
	autofree char *partition = xasprintf("%s/partition", dir);
	autofree char *backing = xasprintf("%s/loop/backing_file", dir);
	char file[PATH_MAX], next[80];

	if (depth > DEPTH_MAX)
		return;
	if (access(partition, F_OK) == 0) {
		autofree char *disk = xasprintf("%.*s", (int)(name - 1 - dir), dir);

		snprintf(next, sizeof(next), "%spartition %.31s", how, name);
		/* The disk may itself be made of others: partitions of a loop or an md. */
		add_hit(search, strrchr(disk, '/') + 1, next);
		snprintf(next, sizeof(next), "through %.31s, ", name);
		follow_slaves(search, disk, next, depth);
		return;
	}
	snprintf(next, sizeof(next), "%sthe whole disk", how);
	add_hit(search, name, next);
	snprintf(next, sizeof(next), "through %.31s, ", name);
	follow_slaves(search, dir, next, depth);
	if (file_read_line(backing, file, sizeof(file)) == 0) {
		snprintf(next, sizeof(next), "through %.31s, a file on ", name);
		follow_path(search, file, next, depth + 1);
	}
}

static void follow_path(struct search *search, const char *path, const char *how, unsigned depth)
{
	const struct probe_mount *mount = probe_mounts_of(&search->mounts, path);
	char dir[PATH_MAX];
	autofree char *link = NULL;

	if (!mount || depth > DEPTH_MAX)
		return;
	/* btrfs and overlays have a number of their own, but name a device. */
	if (strncmp(mount->dev, "0:", 2) == 0 && strncmp(mount->source, "/dev/", 5) == 0)
		link = xasprintf("%s/sys/class/block/%s", search->root, mount->source + 5);
	else
		link = xasprintf("%s/sys/dev/block/%s", search->root, mount->dev);
	if (realpath(link, dir))
		follow_device(search, dir, how, depth);
}

void probe_medium_find(const char *root, const char *path, struct probe_hits *ret)
{
	struct search search = { .root = strcmp(root, "/") ? root : "", .hits = ret };
	char real[PATH_MAX];

	*ret = (struct probe_hits){ 0 };
	/* The mount table has real paths; a recorded one has those of its machine. */
	if (strcmp(root, "/") != 0 || !realpath(path, real))
		snprintf(real, sizeof(real), "%s", path);
	probe_mounts_read(root, &search.mounts);
	follow_path(&search, real, "", 0);
	probe_mounts_done(&search.mounts);
}

const struct probe_hit *probe_medium_hit(const struct probe_hits *hits, const char *name)
{
	for (size_t i = 0; i < hits->n; i++) {
		if (strcmp(hits->items[i].name, name) == 0)
			return &hits->items[i];
	}
	return NULL;
}
