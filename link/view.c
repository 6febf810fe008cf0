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
			     : (snprintf(buf, size, "it was not heard of yet"), false);
}

void view_of(const struct linkd *l, const struct linked *linked, bool is_leader, struct view *ret)
{
	uint64_t silent = linkd_now_ms() - (linked->heard ? linked->heard_ms : linked->since_ms);
	char blocked[sizeof(ret->content_reason)];
	bool synced;

	memset(ret, 0, sizeof(*ret));
	ret->silent_s = silent / 1000;
	/* A follower that has not said a word since it joined may not know that it is linked. */
	ret->status = linked->heard || linked->linked_s + 60 < linkd_now_s() ? "Ready" : "Pending";
	(void)rules_health(silent, linked->address, linked->host.ui_port, is_leader, linked->error,
			   ret->health_reason, sizeof(ret->health_reason));
	ret->health = ret->health_reason[0] ? "Unhealthy" : "Healthy";
	synced = is_synced(l, linked, is_leader, ret->content_reason, sizeof(ret->content_reason));
	ret->content = synced ? "Synced" : "Not Synced";
	if (synced) {
		ret->content_reason[0] = '\0';
		return;
	}
	blocked_text(l, linked, blocked, sizeof(blocked));
	if (blocked[0])
		snprintf(ret->content_reason, sizeof(ret->content_reason), "%s", blocked);
}
