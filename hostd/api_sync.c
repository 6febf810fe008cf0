/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Sync: what the link daemon asks of the content's store and the firewall. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "content_sync.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/proc.h"
#include "lib/utf8.h"
#include "refuse.h"
#include "request.h"

#define PEERS_MAX 64

struct set_data {
	struct site site;
	struct content_role role;
	char peers[PEERS_MAX][INET_ADDRSTRLEN];
	size_t n_peers;
	uint32_t port;
};

struct check_data {
	struct site site;
	char manifest[CONTENT_DIGEST_BYTES];
	uint64_t reread_s;
	struct content_sync found;
};

/* The firewall lets the linked hosts in to the sync port. Where it is not ours, that is not our port. */
static void open_firewall(const struct set_data *data)
{
	static const char *const argv[] = { "nft", "-f", "-", NULL };
	char script[PEERS_MAX * 64 + 128];
	struct fail why = { 0 };
	size_t n = (size_t)snprintf(script, sizeof(script), "flush set inet palette peers\n");

	for (size_t i = 0; i < data->n_peers; i++)
		n += (size_t)snprintf(script + n, sizeof(script) - n,
				      "add element inet palette peers { %s . %u }\n",
				      data->peers[i], data->port);
	if (proc_run_input(argv, script, n, NULL, 0, &why) < 0)
		log_warn("the firewall's list of linked hosts is as it was: %s", why.msg);
}

static int work_set(void *arg, struct fail *why)
{
	struct set_data *data = arg;

	open_firewall(data);
	return content_sync_set(&data->site, &data->role, why);
}

static int read_set(sd_bus_message *m, struct set_data *data, struct fail *why)
{
	const char *role, *leader, *peer;
	int r = sd_bus_message_read(m, "ss", &role, &leader);

	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return fail_errno(why, -r, "read the call");
	snprintf(data->role.role, sizeof(data->role.role), "%s", role);
	snprintf(data->role.leader, sizeof(data->role.leader), "%s", leader);
	if (*role && strcmp(role, "leader") != 0 && strcmp(role, "follower") != 0)
		return refuse(why, FIELD_CONTENT, role, "is no role");
	if (!utf8_is_plain(leader))
		return refuse(why, FIELD_HOSTNAME, leader, "has control characters");
	while ((r = sd_bus_message_read(m, "s", &peer)) > 0) {
		struct in_addr ignored;

		if (data->n_peers == PEERS_MAX || inet_pton(AF_INET, peer, &ignored) != 1)
			return refuse(why, FIELD_ADDRESS, peer,
				      "must be one of 1 to %d IPv4 addresses", PEERS_MAX);
		snprintf(data->peers[data->n_peers++], INET_ADDRSTRLEN, "%s", peer);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r >= 0)
		r = sd_bus_message_read(m, "u", &data->port);
	if (r < 0)
		return fail_errno(why, -r, "read the call");
	return data->port <= 65535 ? 0 : refuse(why, FIELD_CONTENT, NULL, "no such port");
}

static void after_set(struct request *request, int result)
{
	(void)result;
	hostd_emit(request->h, HOSTD_CONTENT, "ContentChanged");
}

static int method_set(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	struct set_data *data;
	const char *token;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, NULL, "", NULL, &r);
	if (!request)
		return r;
	data = request_data(request, sizeof(*data));
	if (!data) {
		(void)fail_errno(&why, ENOMEM, "take the role");
		return request_fail(request, &why);
	}
	data->site = h->site;
	r = read_set(m, data, &why);
	request->after = after_set;
	return request_run(request, r, &why, JOB_CONTENT, work_set);
}

static int work_check(void *arg, struct fail *why)
{
	struct check_data *data = arg;

	return content_sync_check(&data->site, data->manifest, data->reread_s, &data->found, why);
}

static void after_check(struct request *request, int result)
{
	const struct check_data *data = request->data;

	(void)result;
	if (data->found.changed)
		hostd_emit(request->h, HOSTD_CONTENT, "ContentChanged");
}

static int answer_check(struct request *request)
{
	const struct content_sync *found = &((const struct check_data *)request->data)->found;
	autobusmessage sd_bus_message *reply = NULL;
	int r = api_dict_begin(request->message, &reply);

	if (r >= 0)
		r = api_string(reply, "manifest", found->manifest);
	if (r >= 0)
		r = api_u32(reply, "files", found->files);
	if (r >= 0)
		r = api_u32(reply, "verified", found->verified);
	if (r >= 0)
		r = api_u64(reply, "total", found->total_bytes);
	if (r >= 0)
		r = api_u64(reply, "verified-bytes", found->verified_bytes);
	if (r >= 0)
		r = api_u64(reply, "missing", found->missing_bytes);
	if (r >= 0)
		r = api_u64(reply, "room", found->room_bytes);
	if (r >= 0)
		r = api_strings(reply, "damaged", found->damaged[0], sizeof(found->damaged[0]),
				found->n_damaged);
	if (r >= 0)
		r = api_string(reply, "trouble", found->trouble);
	return api_dict_send(reply, r);
}

static int method_check(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct hostd *h = userdata;
	const char *token, *manifest;
	struct content_space space;
	struct check_data *data;
	struct request *request;
	struct fail why = { 0 };
	uint64_t reread_s;
	int r = sd_bus_message_read(m, "sst", &token, &manifest, &reread_s);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, NULL, "", NULL, &r);
	if (!request)
		return r;
	data = request_shared(request, sizeof(*data));
	if (!data) {
		(void)fail_errno(&why, ENOMEM, "check the content");
		return request_fail(request, &why);
	}
	data->site = h->site;
	data->reread_s = reread_s;
	snprintf(data->manifest, sizeof(data->manifest), "%s", manifest);
	/* Which files it has to read, it finds out itself: no more than there are. */
	if (content_space(&h->site, &space, &why) == 0)
		request->seconds = content_read_seconds(space.total_bytes - space.free_bytes);
	request->after = after_check;
	request->answer = answer_check;
	return request_run(request, 0, &why, JOB_CONTENT, work_check);
}

#define FLAGS (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_sync_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS(
		"Set", SD_BUS_ARGS("s", session, "s", role, "s", leader, "as", peers, "u", port),
		SD_BUS_NO_RESULT, method_set, FLAGS),
	SD_BUS_METHOD_WITH_ARGS("Check",
				SD_BUS_ARGS("s", session, "s", manifest, "t", reread_seconds),
				SD_BUS_RESULT("a{sv}", facts), method_check, FLAGS),
	SD_BUS_VTABLE_END,
};
