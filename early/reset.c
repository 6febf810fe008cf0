/* SPDX-License-Identifier: Apache-2.0 */
#include "reset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit_append.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "reset_keep.h"
#include "reset_tree.h"
#include "state_seed.h"

#define AUDIT_LOG	  "var/log/palette-audit.log"
#define REQUEST_BYTES_MAX 4096

struct places {
	char data[200];
	char state[240], old[240], made[240], trash[240]; /* state, state.old, .new, .trash */
	char request[240];
};

static struct places places_of(const char *data)
{
	struct places places;

	snprintf(places.data, sizeof(places.data), "%s", data);
	snprintf(places.state, sizeof(places.state), "%s/state", data);
	snprintf(places.old, sizeof(places.old), "%s/state.old", data);
	snprintf(places.made, sizeof(places.made), "%s/state.new", data);
	snprintf(places.trash, sizeof(places.trash), "%s/state.trash", data);
	snprintf(places.request, sizeof(places.request), "%s/" RESET_REQUEST, data);
	return places;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Renames, and returns when the disk has the new name. */
static int move(const struct places *places, const char *from, const char *to, struct fail *why)
{
	autoclose int fd = open(places->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, errno, "open directory %s", places->data);
	if (rename(from, to) < 0)
		return fail_errno(why, errno, "rename %s to %s", from, to);
	if (fsync(fd) < 0)
		return fail_errno(why, errno, "flush %s", places->data);
	return 0;
}

static int remove_all(const char *path, struct fail *why)
{
	const char *const argv[] = { "rm", "-rf", path, NULL };

	return is_there(path) ? proc_run(argv, NULL, 0, why) : 0;
}

/* @old under a name of its own in the trash: something of an earlier one may be there for good. */
static int set_old_aside(const struct places *places, struct fail *why)
{
	char to[260];

	snprintf(to, sizeof(to), "%s/XXXXXX", places->trash);
	if (mkdir(places->trash, 0700) < 0 && errno != EEXIST)
		return fail_errno(why, errno, "make directory %s", places->trash);
	if (!mkdtemp(to))
		return fail_errno(why, errno, "make a directory in %s", places->trash);
	return move(places, places->old, to, why);
}

bool reset_begun(const char *data)
{
	struct places places = places_of(data);

	return is_there(places.old);
}

int reset_begin(const char *data, struct fail *why)
{
	struct places places = places_of(data);

	if (is_there(places.old) && !is_there(places.state))
		return 0;
	if (is_there(places.old) && set_old_aside(&places, why) < 0)
		return -why->code;
	/* A data partition that never had a state is as it should be. */
	if (!is_there(places.state) && mkdir(places.state, 0755) < 0)
		return fail_errno(why, errno, "make directory %s", places.state);
	log_info("factory reset: begun");
	return move(&places, places.state, places.old, why);
}

void reset_empty_trash(const char *data)
{
	struct places places = places_of(data);
	struct fail why;

	if (remove_all(places.trash, &why) < 0)
		log_error("factory reset: the old state is deleted in part: %s", why.msg);
}

/* Who asked: palette-hostd's request says it; without one it was somebody at the console. */
static void fill_actor(const struct places *places, char *actor, char *from, size_t size)
{
	autofree char *text = NULL;

	actor[0] = from[0] = '\0';
	if (file_read(places->request, REQUEST_BYTES_MAX, &text, NULL, NULL) == 0) {
		(void)reset_request_text(text, "actor", actor, size);
		(void)reset_request_text(text, "from", from, size);
	}
	if (!actor[0])
		snprintf(actor, size, "console");
	if (!from[0])
		snprintf(from, size, "console");
}

/* The first entry of the new state's audit log; a host that starts without it is better than none. */
static void add_audit_entry(const struct places *places, const struct reset_lost *lost)
{
	char path[300], actor[128], from[128], reason[400] = "";
	struct audit_event event = { .time = time(NULL),
				     .actor = actor,
				     .from = from,
				     .action = "factory-reset",
				     .object = "",
				     .result = lost->n ? "failed" : "ok",
				     .reason = reason };
	struct fail why;

	snprintf(path, sizeof(path), "%s/" AUDIT_LOG, places->made);
	fill_actor(places, actor, from, sizeof(actor));
	if (lost->n)
		snprintf(reason, sizeof(reason), "%u could not be kept, the first: %s", lost->n,
			 lost->first);
	if (audit_append(path, &event, &why) < 0)
		log_error("an event is missing in the audit log: %s", why.msg);
}

/* The whole new state, on the disk before it gets its name. */
static int make_new_state(const struct places *places, const char *image, struct fail *why)
{
	struct reset_lost lost = { 0 };
	int r = remove_all(places->made, why);

	/* First the room: content may have filled the disk. */
	reset_empty_trash(places->data);
	if (r == 0)
		reset_tree_prune(places->old);
	if (r == 0 && mkdir(places->made, 0755) < 0)
		r = fail_errno(why, errno, "make directory %s", places->made);
	if (r == 0)
		r = state_seed(image, places->made, why);
	if (r == 0)
		r = reset_tree_make_homes(places->old, places->made, image, why);
	if (r == 0)
		r = reset_tree_keep(places->old, places->made, &lost, why);
	if (r < 0)
		return r;
	add_audit_entry(places, &lost);
	return state_flush(places->data, why);
}

static int forget_request(const struct places *places, struct fail *why)
{
	char dir[240];

	if (unlink(places->request) < 0)
		return errno == ENOENT ? 0 : fail_errno(why, errno, "remove %s", places->request);
	snprintf(dir, sizeof(dir), "%s/keep", places->data);
	return state_flush(dir, why);
}

int reset_finish(const char *data, const char *image, struct fail *why)
{
	struct places places = places_of(data);
	int r = 0;

	if (!is_there(places.state)) {
		log_info("factory reset: making the new state");
		r = make_new_state(&places, image, why);
		if (r == 0)
			r = move(&places, places.made, places.state, why);
	}
	if (r == 0)
		r = forget_request(&places, why);
	if (r < 0)
		return fail_wrap(why, "factory reset");
	/* Its name says that a reset is under way: whoever asks from now on asks for another one. */
	if (set_old_aside(&places, why) < 0)
		log_error("factory reset: %s", why->msg);
	log_info("factory reset: done");
	reset_empty_trash(data);
	return 0;
}
