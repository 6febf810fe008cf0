/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

static const char *const kinds[] = {
	[WIRE_JOIN] = "join",	[WIRE_JOINED] = "joined", [WIRE_HEARTBEAT] = "heartbeat",
	[WIRE_ALIVE] = "alive", [WIRE_UNLINK] = "unlink", [WIRE_UNLINKED] = "unlinked",
	[WIRE_PROBE] = "probe", [WIRE_HERE] = "here",	  [WIRE_REFUSED] = "refused",
};

static json_t *host_json(const struct wire_host *host)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:s}", "hostId", host->host_id, "name", host->name,
			 "uiPort", (int)host->ui_port, "syncPort", (int)host->sync_port, "device",
			 host->device);
}

static json_t *sync_json(const struct sync_status *sync)
{
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:s, s:b}", "manifest", sync->manifest,
			 "synced", (int)sync->synced, "doneBytes", (json_int_t)sync->done_bytes,
			 "totalBytes", (json_int_t)sync->total_bytes, "secondsLeft",
			 (json_int_t)sync->seconds_left, "trouble", sync->trouble, "apart",
			 (int)sync->apart);
}

static json_t *peers_json(const struct wire *wire)
{
	json_t *peers = json_array();

	for (size_t i = 0; i < wire->n_peers; i++) {
		const struct sync_peer *peer = &wire->peers[i];

		(void)json_array_append_new(peers,
					    json_pack("{s:s, s:s, s:i, s:s}", "name", peer->name,
						      "address", peer->address, "port",
						      (int)peer->port, "device", peer->device));
	}
	return peers;
}

static bool has_host(enum wire_kind kind)
{
	return kind == WIRE_JOIN || kind == WIRE_JOINED || kind == WIRE_HEARTBEAT ||
	       kind == WIRE_ALIVE;
}

char *wire_text(const struct wire *wire)
{
	json_t *json = json_pack("{s:s, s:i}", "type", kinds[wire->kind], "version", WIRE_VERSION);
	char *text;
	int r = json ? 0 : -1;

	if (has_host(wire->kind))
		r |= json_object_set_new(json, "host", host_json(&wire->host));
	if (wire->kind == WIRE_JOIN) {
		r |= json_object_set_new(json, "password", json_string(wire->password));
		r |= json_object_set_new(json, "nonce", json_string(wire->nonce));
		r |= json_object_set_new(json, "time", json_integer((json_int_t)wire->time_s));
	}
	if (wire->kind == WIRE_PROBE && wire->ui_port)
		r |= json_object_set_new(json, "uiPort", json_integer(wire->ui_port));
	if (wire->kind == WIRE_HEARTBEAT)
		r |= json_object_set_new(json, "sync", sync_json(&wire->sync));
	if (wire->kind == WIRE_ALIVE) {
		r |= json_object_set_new(json, "manifest", json_string(wire->manifest));
		r |= json_object_set_new(json, "peers", peers_json(wire));
	}
	if (wire->kind == WIRE_HEARTBEAT || wire->kind == WIRE_ALIVE)
		r |= json_object_set_new(json, "blocked", json_string(wire->blocked));
	if (wire->kind == WIRE_REFUSED || wire->kind == WIRE_UNLINKED)
		r |= json_object_set_new(json, "message", json_string(wire->message));
	text = r ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

bool wire_same_host(const struct wire_host *a, const struct wire_host *b)
{
	return strcmp(a->host_id, b->host_id) == 0 && strcmp(a->name, b->name) == 0 &&
	       a->ui_port == b->ui_port && a->sync_port == b->sync_port &&
	       strcmp(a->device, b->device) == 0;
}

bool wire_same_peers(const struct sync_peer *a, size_t n_a, const struct sync_peer *b, size_t n_b)
{
	bool same = n_a == n_b;

	for (size_t i = 0; same && i < n_a; i++)
		same = strcmp(a[i].name, b[i].name) == 0 &&
		       strcmp(a[i].address, b[i].address) == 0 && a[i].port == b[i].port &&
		       strcmp(a[i].device, b[i].device) == 0;
	return same;
}

/* Text of at most @size - 1 bytes without control characters. */
static bool read_text(const json_t *object, const char *key, char *buf, size_t size)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (!text || json_string_length(value) >= size || strlen(text) != json_string_length(value))
		return false;
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	memcpy(buf, text, json_string_length(value) + 1);
	return true;
}

static bool read_number(const json_t *object, const char *key, uint64_t most, uint64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > most)
		return false;
	*ret = (uint64_t)json_integer_value(value);
	return true;
}

static bool read_port(const json_t *object, const char *key, unsigned *ret)
{
	uint64_t port;

	if (!read_number(object, key, 65535, &port) || port == 0)
		return false;
	*ret = (unsigned)port;
	return true;
}

static bool read_hex(const json_t *object, const char *key, char *buf, unsigned size)
{
	return read_text(object, key, buf, size) && token_is_hex(buf, size - 1);
}

/* As Syncthing writes an id; "" is one that is not known yet. */
static bool read_device(const json_t *object, char buf[SYNC_DEVICE_BYTES])
{
	return read_text(object, "device", buf, SYNC_DEVICE_BYTES) &&
	       strspn(buf, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-") == strlen(buf);
}

static bool read_name(const json_t *object, char buf[WIRE_NAME_BYTES])
{
	return read_text(object, "name", buf, WIRE_NAME_BYTES) && *buf;
}

static bool read_host(const json_t *json, struct wire_host *ret)
{
	return read_text(json, "hostId", ret->host_id, sizeof(ret->host_id)) &&
	       read_name(json, ret->name) && read_port(json, "uiPort", &ret->ui_port) &&
	       read_port(json, "syncPort", &ret->sync_port) && read_device(json, ret->device);
}

static bool read_manifest(const json_t *json, char buf[SYNC_MANIFEST_BYTES])
{
	return read_text(json, "manifest", buf, SYNC_MANIFEST_BYTES) &&
	       (!*buf || token_is_hex(buf, SYNC_MANIFEST_BYTES - 1));
}

static bool read_sync(const json_t *json, struct sync_status *ret)
{
	const json_t *synced = json_object_get(json, "synced");

	ret->synced = json_is_true(synced);
	ret->apart = json_is_true(json_object_get(json, "apart"));
	return json_is_boolean(synced) && read_manifest(json, ret->manifest) &&
	       read_number(json, "doneBytes", INT64_MAX, &ret->done_bytes) &&
	       read_number(json, "totalBytes", INT64_MAX, &ret->total_bytes) &&
	       read_number(json, "secondsLeft", INT64_MAX, &ret->seconds_left) &&
	       read_text(json, "trouble", ret->trouble, sizeof(ret->trouble));
}

static bool read_peers(const json_t *array, struct wire *ret)
{
	const json_t *row;
	size_t i;

	if (!json_is_array(array) || json_array_size(array) > WIRE_PEERS_MAX)
		return false;
	json_array_foreach(array, i, row)
	{
		struct sync_peer *peer = &ret->peers[i];
		struct in_addr in;
		unsigned port;

		if (!read_name(row, peer->name) || !read_port(row, "port", &port) ||
		    !read_text(row, "address", peer->address, sizeof(peer->address)) ||
		    inet_pton(AF_INET, peer->address, &in) != 1 || !read_device(row, peer->device))
			return false;
		peer->port = (uint16_t)port;
	}
	ret->n_peers = json_array_size(array);
	return true;
}

static bool read_fields(const json_t *json, struct wire *ret)
{
	bool good = true;

	if (has_host(ret->kind))
		good = read_host(json_object_get(json, "host"), &ret->host);
	if (good && ret->kind == WIRE_JOIN)
		good = read_hex(json, "password", ret->password, sizeof(ret->password)) &&
		       read_hex(json, "nonce", ret->nonce, sizeof(ret->nonce)) &&
		       read_number(json, "time", INT64_MAX, &ret->time_s);
	if (good && ret->kind == WIRE_PROBE && json_object_get(json, "uiPort"))
		good = read_port(json, "uiPort", &ret->ui_port);
	if (good && ret->kind == WIRE_HEARTBEAT)
		good = read_sync(json_object_get(json, "sync"), &ret->sync);
	if (good && ret->kind == WIRE_ALIVE)
		good = read_manifest(json, ret->manifest) &&
		       read_peers(json_object_get(json, "peers"), ret);
	if (good && (ret->kind == WIRE_HEARTBEAT || ret->kind == WIRE_ALIVE))
		good = read_text(json, "blocked", ret->blocked, sizeof(ret->blocked));
	if (good && (ret->kind == WIRE_REFUSED || ret->kind == WIRE_UNLINKED))
		good = read_text(json, "message", ret->message, sizeof(ret->message));
	return good;
}

static bool read_kind(const json_t *json, enum wire_kind *ret)
{
	const char *type = json_string_value(json_object_get(json, "type"));

	for (size_t i = 0; type && i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i], type) == 0) {
			*ret = (enum wire_kind)i;
			return true;
		}
	}
	return false;
}

int wire_read(const char *text, size_t bytes, struct wire *ret, struct fail *why)
{
	json_t *json = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
	uint64_t version;
	bool good;

	memset(ret, 0, sizeof(*ret));
	good = json_is_object(json) && read_kind(json, &ret->kind) &&
	       read_number(json, "version", 1000, &version);
	if (good) {
		ret->version = (unsigned)version;
		/* What another version means by its fields is not ours to read. */
		if (version == WIRE_VERSION)
			good = read_fields(json, ret);
	}
	json_decref(json);
	return good ? 0 : fail_with(why, EBADMSG, "the message cannot be read");
}
