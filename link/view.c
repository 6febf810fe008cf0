/* SPDX-License-Identifier: Apache-2.0 */
/* view.c - a link in the words of the table: Status, Health, Content. */
#include <stdio.h>
#include <string.h>

#include "linkd.h"

const char *view_role(const struct linkd *l)
{
	if (linkd_follows(l))
		return "follower";
	return l->n_followers || l->issuer.on ? "leader" : "none";
}

const char *view_warning(const struct linkd *l)
{
	return l->warning[0] || linkd_follows(l) ? l->warning : sync_status(l->sync)->trouble;
}

const char *view_join(const struct linkd *l)
{
	static const char *const words[] = { [JOIN_NONE] = "Pending",
					     [JOIN_IN_PROGRESS] = "InProgress",
					     [JOIN_COMPLETED] = "Completed",
					     [JOIN_FAILED] = "Failed" };

	/* What was linked before a restart is as complete as what was linked now. */
	if (linkd_follows(l) ||
	    (l->joining.status == JOIN_NONE && strcmp(view_role(l), "none") != 0))
		return "Completed";
	return words[l->joining.status];
}

/* The direction in which the sync port is blocked, "" where none is known to be. */
static void blocked_text(const struct linkd *l, const struct linked *linked, char *buf, size_t size)
{
	bool settled = linkd_now_ms() - linked->since_ms >= REACH_GRACE_MS;

	buf[0] = '\0';
	if (settled && !linked->reach.good && linked->reach.error[0])
		snprintf(buf, size,
			 "this host (%s) does not reach %s on TCP %s:%u (%s); open it in the "
			 "firewalls between",
			 linked->own_address, linked->host.name, linked->address,
			 linked->host.sync_port, linked->reach.error);
	else if (settled && linked->blocked[0])
		snprintf(buf, size,
			 "%s (%s) does not reach this host on TCP %s:%u (%.99s); open it in the "
			 "firewalls between",
			 linked->host.name, linked->address, linked->own_address,
			 l->config.sync_port, linked->blocked);
}

static bool is_synced(const struct linkd *l, const struct linked *linked, bool is_leader, char *buf,
		      size_t size)
{
	if (is_leader)
		return sync_peer_text(l->sync, sync_status(l->sync), buf, size);
	return linked->heard ? sync_peer_text(l->sync, &linked->content, buf, size)
			     : (snprintf(buf, size, "its first heartbeat has not come yet"), false);
}

static void view_content(const struct linkd *l, const struct linked *linked, bool is_leader,
			 struct view *ret)
{
	const struct sync_status *status = is_leader ? sync_status(l->sync) : &linked->content;
	char blocked[sizeof(ret->content_reason)];
	bool synced;

	ret->content = "Not Synced";
	if (ret->health_reason[0]) {
		/* In tens: what a page shows does not change each second. */
		snprintf(ret->content_reason, sizeof(ret->content_reason),
			 "not known: no answer for %llu s",
			 (unsigned long long)ret->silent_s / 10 * 10);
		return;
	}
	synced = is_synced(l, linked, is_leader, ret->content_reason, sizeof(ret->content_reason));
	if (synced) {
		ret->content = "Synced";
		ret->content_reason[0] = '\0';
	}
	blocked_text(l, linked, blocked, sizeof(blocked));
	/* Whatever keeps the content back by itself is behind a port that does not answer, too. */
	if (blocked[0] && (synced || !status->trouble[0]))
		snprintf(ret->content_reason, sizeof(ret->content_reason), "%s", blocked);
}

void view_of(const struct linkd *l, const struct linked *linked, bool is_leader, struct view *ret)
{
	uint64_t silent = linkd_now_ms() - (linked->heard ? linked->heard_ms : linked->since_ms);
	struct rules_silence silence = { .ms = silent,
					 .address = linked->address,
					 .port = linked->host.ui_port,
					 .is_leader = is_leader,
					 .other_answers = linked->other_answers,
					 .error = linked->error };

	memset(ret, 0, sizeof(*ret));
	ret->silent_s = silent / 1000;
	/* A follower that has not said a word since it joined may not know that it is linked. */
	ret->status = linked->heard || !linked->joined ? "Ready" : "Pending";
	if (strcmp(ret->status, "Pending") == 0)
		snprintf(ret->status_reason, sizeof(ret->status_reason),
			 is_leader
				 ? "it has not answered a heartbeat yet; the first is sent at once"
				 : "its first heartbeat has not come yet; without one for %d s the "
				   "link is dropped, and is made again with a new token",
			 RULES_FIRST_BEAT_MS / 1000);
	rules_health(&silence, ret->health_reason, sizeof(ret->health_reason));
	ret->health = ret->health_reason[0] ? "Unhealthy" : "Healthy";
	view_content(l, linked, is_leader, ret);
}
