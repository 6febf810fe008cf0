/* SPDX-License-Identifier: Apache-2.0 */
#include "probe_mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/memory.h"
#include "lib/mountinfo.h"

static struct probe_mount *append(struct probe_mount **items, size_t *n)
{
	struct probe_mount *grown = realloc(*items, (*n + 1) * sizeof(**items));

	if (!grown)
		abort(); /* as xmalloc() */
	*items = grown;
	memset(&grown[*n], 0, sizeof(*grown));
	return &grown[(*n)++];
}

/* "36 35 8:1 /root /point options [optional ...] - type source options" */
static void parse_mount(const char *line, struct probe_mounts *ret)
{
	struct probe_mount mount = { 0 };
	const char *dash = strstr(line, " - ");

	if (!dash || sscanf(line, "%*s %*s %23s %*s %255s", mount.dev, mount.point) != 2)
		return;
	if (sscanf(dash, " - %*s %255s", mount.source) != 1)
		return;
	mountinfo_unescape(mount.point);
	mountinfo_unescape(mount.source);
	*append(&ret->mounts, &ret->n_mounts) = mount;
}

static void parse_swap(const char *line, struct probe_mounts *ret)
{
	struct probe_mount swap = { 0 };

	if (sscanf(line, "%255s", swap.source) != 1 || swap.source[0] != '/')
		return;
	mountinfo_unescape(swap.source);
	*append(&ret->swaps, &ret->n_swaps) = swap;
}

static void each_line(const char *root, const char *name, struct probe_mounts *ret,
		      void (*parse)(const char *line, struct probe_mounts *ret))
{
	autofree char *path = xasprintf("%s%s", strcmp(root, "/") ? root : "", name);
	autofclose FILE *file = fopen(path, "re");
	autofree char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) >= 0)
		parse(line, ret);
}

void probe_mounts_read(const char *root, struct probe_mounts *ret)
{
	*ret = (struct probe_mounts){ 0 };
	each_line(root, "/proc/self/mountinfo", ret, parse_mount);
	each_line(root, "/proc/swaps", ret, parse_swap);
}

void probe_mounts_done(struct probe_mounts *mounts)
{
	free(mounts->mounts);
	free(mounts->swaps);
	*mounts = (struct probe_mounts){ 0 };
}

const struct probe_mount *probe_mounts_of(const struct probe_mounts *mounts, const char *path)
{
	const struct probe_mount *best = NULL;
	size_t best_bytes = 0;

	for (size_t i = 0; i < mounts->n_mounts; i++) {
		const char *point = mounts->mounts[i].point;
		size_t n = strlen(point);

		if (n == 1)
			n = 0; /* "/" is the start of everything */
		if (strncmp(path, point, n) != 0 || (path[n] != '/' && path[n] != '\0'))
			continue;
		/* Of two on one point the later one is seen. */
		if (!best || n >= best_bytes) {
			best = &mounts->mounts[i];
			best_bytes = n;
		}
	}
	return best;
}
