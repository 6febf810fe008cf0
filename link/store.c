/* SPDX-License-Identifier: Apache-2.0 */
/* store.c - who is linked, in one file that is replaced whole. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "linkd.h"

#define FILE_NAME LINKD_STATE "/links.json"
#define FILE_MAX  (256 * 1024)
#define AGAIN_MS  2000

static json_t *linked_json(const struct linked *linked)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "id", linked->id, "hostId",
			 linked->host.host_id, "name", linked->host.name, "uiPort",
			 (int)linked->host.ui_port, "syncPort", (int)linked->host.sync_port,
			 "device", linked->host.device, "address", linked->address, "ownAddress",
			 linked->own_address);
}

static json_t *goodbye_json(const struct goodbye *goodbye)
{
	return json_pack("{s:s, s:s, s:i, s:I}", "id", goodbye->id, "address", goodbye->address,
			 "port", (int)goodbye->port, "since", (json_int_t)goodbye->since_s);
}

/* All links but @but. */
static int save(const struct linkd *l, const struct linked *but, struct fail *why)
{
	json_t *followers = json_array(), *goodbyes = json_array(), *all;
	autofree char *text = NULL;
	struct path path = linkd_path(l, FILE_NAME);

	for (size_t i = 0; i < l->n_followers; i++)
		if (l->followers[i] != but)
			(void)json_array_append_new(followers, linked_json(l->followers[i]));
	for (size_t i = 0; i < l->n_goodbyes; i++)
		(void)json_array_append_new(goodbyes, goodbye_json(&l->goodbyes[i]));
	all = json_pack("{s:i, s:s, s:o?, s:o, s:o}", "version", 1, "hostId", l->stored_host_id,
			"leader",
			linkd_follows(l) && but != &l->leader ? linked_json(&l->leader) : NULL,
			"followers", followers, "goodbyes", goodbyes);
	text = all ? json_dumps(all, JSON_INDENT(1)) : NULL;
	json_decref(all);
	if (!text)
		return fail_errno(why, ENOMEM, "write %s", path.s);
	return file_write_atomic(path.s, text, strlen(text), 0600, why);
}

void store_save(struct linkd *l)
{
	struct fail why = { 0 };

	/* A full disk does not undo what two hosts have agreed. */
	if (save(l, NULL, &why) == 0) {
		l->store_at_ms = 0;
		return;
	}
	if (!l->store_at_ms)
		log_error("the links are not stored, and are tried again: %s", why.msg);
	l->store_at_ms = linkd_now_ms() + AGAIN_MS;
	linkd_wake_at(l, l->store_at_ms);
}

int store_unlink(const struct linkd *l, const struct linked *linked, struct fail *why)
{
	int r = save(l, linked, why);

	return r < 0 ? fail_wrap(why,
				 "%s stays linked, because this host's disk does not take the "
				 "change; see to the disk, then unlink it again",
				 linked->host.name)
		     : 0;
}

void store_tick(struct linkd *l, uint64_t now_ms)
{
	if (!l->store_at_ms || now_ms < l->store_at_ms)
		return;
	store_save(l);
	if (!l->store_at_ms)
		log_info("the links are stored");
}

static void copy(const json_t *row, const char *key, char *buf, size_t size)
{
	const char *text = json_string_value(json_object_get(row, key));

	snprintf(buf, size, "%s", text ? text : "");
}

static unsigned number(const json_t *row, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(row, key));

	return value > 0 && value <= 65535 ? (unsigned)value : 0;
}

static bool read_linked(const json_t *row, struct linked *ret)
{
	memset(ret, 0, sizeof(*ret));
	copy(row, "id", ret->id, sizeof(ret->id));
	copy(row, "hostId", ret->host.host_id, sizeof(ret->host.host_id));
	copy(row, "name", ret->host.name, sizeof(ret->host.name));
	copy(row, "device", ret->host.device, sizeof(ret->host.device));
	copy(row, "address", ret->address, sizeof(ret->address));
	copy(row, "ownAddress", ret->own_address, sizeof(ret->own_address));
	ret->host.ui_port = number(row, "uiPort");
	ret->host.sync_port = number(row, "syncPort");
	ret->since_ms = linkd_now_ms();
	return token_is_hex(ret->id, TOKEN_ID_BYTES - 1) && ret->address[0] && ret->host.ui_port &&
	       ret->host.sync_port;
}

static bool read_all(struct linkd *l, const json_t *all)
{
	const json_t *leader = json_object_get(all, "leader"), *row;
	const json_t *followers = json_object_get(all, "followers");
	size_t i;

	if (json_integer_value(json_object_get(all, "version")) != 1 ||
	    json_array_size(followers) > RULES_FOLLOWERS_MAX)
		return false;
	copy(all, "hostId", l->stored_host_id, sizeof(l->stored_host_id));
	if (json_is_object(leader) && !read_linked(leader, &l->leader))
		return false;
	json_array_foreach(followers, i, row)
	{
		struct linked *linked = calloc(1, sizeof(*linked));

		if (!linked || !read_linked(row, linked)) {
			free(linked);
			return false;
		}
		l->followers[l->n_followers++] = linked;
	}
	json_array_foreach(json_object_get(all, "goodbyes"), i, row)
	{
		struct goodbye *goodbye = &l->goodbyes[l->n_goodbyes];

		if (l->n_goodbyes == LINKD_GOODBYES)
			break;
		copy(row, "id", goodbye->id, sizeof(goodbye->id));
		copy(row, "address", goodbye->address, sizeof(goodbye->address));
		goodbye->port = number(row, "port");
		goodbye->since_s = (uint64_t)json_integer_value(json_object_get(row, "since"));
		l->n_goodbyes++;
	}
	return true;
}

int store_load(struct linkd *l, struct fail *why)
{
	autofree char *text = NULL;
	struct path path = linkd_path(l, FILE_NAME);
	struct path aside = linkd_path(l, FILE_NAME ".damaged");
	size_t bytes = 0;
	json_t *all;
	bool good;
	int r;

	r = file_read(path.s, FILE_MAX, &text, &bytes, why);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	all = json_loadb(text, bytes, 0, NULL);
	good = read_all(l, all);
	json_decref(all);
	if (good)
		return 0;
	log_error("%s is damaged and set aside as %s: this host has no links now; link it again",
		  path.s, aside.s);
	(void)rename(path.s, aside.s);
	memset(&l->leader, 0, sizeof(l->leader));
	while (l->n_followers)
		linked_free(l->followers[--l->n_followers]);
	l->n_goodbyes = 0;
	return 0;
}
