/* SPDX-License-Identifier: Apache-2.0 */
/* palette-hostd: has it make the folder, verify what came, and say what the manifest is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostd/bus.h"
#include "lib/log.h"
#include "lib/text.h"
#include "sync_engine.h"

#define HOST	 "internal.palette.Host1"
#define PATH	 "/internal/palette/Host1"
#define ERROR	 "internal.palette.Error."
#define HOUR_US	 (UINT64_C(3600) * 1000000)
#define AGAIN_US UINT64_C(1000000)
#define CHECK_US UINT64_C(100000)

static int on_set_time(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	sync_host_set(arg);
	return 0;
}

static int on_set(sd_bus_message *m, void *arg, sd_bus_error *ignored)
{
	const sd_bus_error *error = sd_bus_message_get_error(m);
	struct sync *sync = arg;

	(void)ignored;
	sync->set_slot = sd_bus_slot_unref(sync->set_slot);
	if (sync->set_again) {
		sync_host_set(sync);
		return 0;
	}
	if (error) {
		log_warn("the content's folder: %s", error->message);
		sync->set_timer = sd_event_source_disable_unref(sync->set_timer);
		(void)sd_event_add_time_relative(sync->event, &sync->set_timer, CLOCK_MONOTONIC,
						 AGAIN_US, 0, on_set_time, sync);
		return 0;
	}
	if (sync->role == SYNC_OFF)
		return 0;
	/* Only now: without its folder Syncthing would not start. */
	sync->set_done = true;
	sync_want(sync);
	sync_setup(sync);
	sync_host_check(sync);
	return 0;
}

void sync_host_set(struct sync *sync)
{
	autobusmessage sd_bus_message *m = NULL;
	int r;

	sync->set_again = sync->set_slot != NULL;
	if (sync->set_again)
		return;
	r = sd_bus_message_new_method_call(sync->bus, &m, HOST, PATH, HOST ".Sync", "Set");
	if (r >= 0)
		r = sd_bus_message_append(m, "sss", "", sync_role_name(sync->role),
					  sync->role == SYNC_FOLLOWER ? sync->peers[0].name : "");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; r >= 0 && i < sync->n_peers; i++)
		r = sd_bus_message_append(m, "s", sync->peers[i].address);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_message_append(m, "u", (uint32_t)sync->port);
	if (r >= 0)
		r = sd_bus_call_async(sync->bus, &sync->set_slot, m, on_set, sync, HOUR_US);
	if (r < 0)
		log_error("the content's folder: %s", strerror(-r));
}

static int read_text(sd_bus_message *m, char *buf, size_t size)
{
	const char *text = "";
	int r = sd_bus_message_read(m, "v", "s", &text);

	/* Within a character neither the wire's JSON nor the bus would take it. */
	snprintf(buf, size, "%.*s", text_cut(text, size - 1), text);
	return r;
}

static int read_number(sd_bus_message *m, const char *type, uint64_t *ret)
{
	uint32_t small = 0;
	int r;

	if (*type == 't')
		return sd_bus_message_read(m, "v", "t", ret);
	r = sd_bus_message_read(m, "v", "u", &small);
	*ret = small;
	return r;
}

/* What is damaged has another time now: Syncthing finds that out when it looks. */
static int read_damaged(struct sync *sync, sd_bus_message *m)
{
	const char *digest;
	int r = sd_bus_message_enter_container(m, 'v', "as");

	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "s");
	while (r >= 0 && (r = sd_bus_message_read(m, "s", &digest)) > 0) {
		sync->list_damaged = sync->list_damaged || strcmp(digest, "manifest") == 0;
		sync_engine_scan(sync, digest);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_facts(struct sync *sync, sd_bus_message *m, struct sync_facts *facts)
{
	const struct {
		const char *key, *type;
		uint64_t *ret;
	} numbers[] = {
		{ "files", "u", &facts->files },
		{ "verified", "u", &facts->verified },
		{ "total", "t", &facts->total_bytes },
		{ "verified-bytes", "t", &facts->verified_bytes },
		{ "missing", "t", &facts->missing_bytes },
		{ "room", "t", &facts->room_bytes },
	};
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		const char *key = "";
		bool known = true;

		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0 && strcmp(key, "manifest") == 0)
			r = read_text(m, facts->manifest, sizeof(facts->manifest));
		else if (r >= 0 && strcmp(key, "trouble") == 0)
			r = read_text(m, facts->trouble, sizeof(facts->trouble));
		else if (r >= 0 && strcmp(key, "damaged") == 0)
			r = read_damaged(sync, m);
		else
			known = false;
		for (size_t i = 0; r >= 0 && !known && i < sizeof(numbers) / sizeof(numbers[0]);
		     i++)
			if (strcmp(key, numbers[i].key) == 0) {
				r = read_number(m, numbers[i].type, numbers[i].ret);
				known = true;
			}
		if (r >= 0 && !known)
			r = sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r;
}

/* A leader's folder is another one: Syncthing need not wait until it sees that by itself. */
static void lead(struct sync *sync)
{
	if (strcmp(sync->manifest, sync->facts.manifest) == 0)
		return;
	memcpy(sync->manifest, sync->facts.manifest, sizeof(sync->manifest));
	sync_engine_scan_all(sync);
	sync_tell(sync);
}

/* What palette-hostd says is for people; what the bus says when that is not there is not. */
static void say_failed(struct sync *sync, const sd_bus_error *error)
{
	char *trouble = sync->facts.trouble;
	size_t most = sizeof(sync->facts.trouble) - 1;

	if (!error || sd_bus_error_has_name(error, ERROR "Busy"))
		return;
	if (strncmp(error->name, ERROR, sizeof(ERROR) - 1) == 0)
		snprintf(trouble, most + 1, "%.*s", text_cut(error->message, most), error->message);
	else
		snprintf(
			trouble, most + 1,
			"palette-hostd does not answer; \"systemctl status palette-hostd\" on that "
			"host says why");
}

static int on_check_time(sd_event_source *source, uint64_t usec, void *arg);

static void check_in(struct sync *sync, uint64_t usec)
{
	sync->check_timer = sd_event_source_disable_unref(sync->check_timer);
	(void)sd_event_add_time_relative(sync->event, &sync->check_timer, CLOCK_MONOTONIC, usec, 0,
					 on_check_time, sync);
}

static void take_answer(struct sync *sync, sd_bus_message *m)
{
	const sd_bus_error *error = sd_bus_message_get_error(m);
	struct sync_facts facts = { 0 };

	if (sync->role == SYNC_OFF)
		return;
	if (error || read_facts(sync, m, &facts) < 0) {
		log_warn("check the content: %s", error ? error->message : "a damaged answer");
		say_failed(sync, error);
		check_in(sync, AGAIN_US);
	} else {
		bool was_full = sync->facts.missing_bytes > sync->facts.room_bytes;

		sync->facts = facts;
		if (sync->role == SYNC_LEADER)
			lead(sync);
		/* There is room again: Syncthing by itself would try in up to five minutes. */
		else if (was_full && facts.missing_bytes <= facts.room_bytes)
			sync_setup_restart(sync);
	}
	sync_update(sync);
}

static int on_checked(sd_bus_message *m, void *arg, sd_bus_error *ignored)
{
	struct sync *sync = arg;

	(void)ignored;
	sync->check_slot = sd_bus_slot_unref(sync->check_slot);
	take_answer(sync, m);
	if (sync->check_again)
		sync_host_check(sync);
	return 0;
}

static int on_reread(sd_bus_message *m, void *arg, sd_bus_error *ignored)
{
	const sd_bus_error *error = sd_bus_message_get_error(m);
	struct sync_facts facts = { 0 };
	struct sync *sync = arg;

	(void)ignored;
	sync->reread_slot = sd_bus_slot_unref(sync->reread_slot);
	if (error)
		log_warn("read the content again: %s", error->message);
	else
		(void)read_facts(sync, m, &facts);
	/* It has read one file, and knows no more: what follows from that, the check says. */
	if (sync->role != SYNC_OFF)
		sync_host_check(sync);
	return 0;
}

static void ask_check(struct sync *sync, uint64_t reread_s, sd_bus_slot **slot,
		      sd_bus_message_handler_t done)
{
	autobusmessage sd_bus_message *m = NULL;
	int r;

	if (!sync->set_done || sync->role == SYNC_OFF)
		return;
	r = sd_bus_message_new_method_call(sync->bus, &m, HOST, PATH, HOST ".Sync", "Check");
	if (r >= 0)
		r = sd_bus_message_append(m, "sst", "", sync->manifest, reread_s);
	if (r >= 0)
		r = sd_bus_call_async(sync->bus, slot, m, done, sync, UINT64_MAX);
	if (r < 0)
		log_error("check the content: %s", strerror(-r));
}

static int on_check_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;

	(void)source;
	(void)usec;
	sync->check_timer = sd_event_source_disable_unref(sync->check_timer);
	ask_check(sync, UINT64_MAX, &sync->check_slot, on_checked);
	return 0;
}

void sync_host_check(struct sync *sync)
{
	sync->check_again = sync->check_slot != NULL;
	if (sync->check_again || sync->check_timer)
		return;
	check_in(sync, CHECK_US);
}

static int on_reread_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sync *sync = arg;

	(void)usec;
	/* Apart from the checks: reading a large file at idle priority must not hold up a new one. */
	if (!sync->reread_slot)
		ask_check(sync, sync->reread_age_s, &sync->reread_slot, on_reread);
	(void)sd_event_source_set_time_relative(source, sync->reread_every_s * 1000000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_content(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct sync *sync = arg;

	(void)m;
	(void)error;
	if (sync->role == SYNC_LEADER)
		sync_host_check(sync);
	return 0;
}

/* It was started again: nobody knows what it has missed. */
static int on_owner(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *before, *after;
	struct sync *sync = arg;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && *after && sync->told)
		sync_host_set(sync);
	return 0;
}

int sync_host_start(struct sync *sync)
{
	int r = sd_bus_match_signal_async(sync->bus, &sync->content_slot, HOST, PATH,
					  HOST ".Content", "ContentChanged", on_content, NULL,
					  sync);

	if (r >= 0)
		r = sd_bus_add_match_async(sync->bus, &sync->owner_slot,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "interface='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" HOST "'",
					   on_owner, NULL, sync);
	if (r >= 0)
		r = sd_event_add_time_relative(sync->event, &sync->reread_timer, CLOCK_MONOTONIC,
					       sync->reread_every_s * 1000000, 0, on_reread_time,
					       sync);
	return r < 0 ? r : 0;
}

void sync_host_stop(struct sync *sync)
{
	sync->set_slot = sd_bus_slot_unref(sync->set_slot);
	sync->check_slot = sd_bus_slot_unref(sync->check_slot);
	sync->reread_slot = sd_bus_slot_unref(sync->reread_slot);
	sync->content_slot = sd_bus_slot_unref(sync->content_slot);
	sync->owner_slot = sd_bus_slot_unref(sync->owner_slot);
	sync->check_timer = sd_event_source_disable_unref(sync->check_timer);
	sync->set_timer = sd_event_source_disable_unref(sync->set_timer);
	sync->reread_timer = sd_event_source_disable_unref(sync->reread_timer);
}
