/* SPDX-License-Identifier: Apache-2.0 */
/* What the page Cluster says of a host and of those that are linked to it. */
#include <stdio.h>
#include <string.h>

#include "localui/host_facts.h"
#include "test.h"

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	CHECK(json);
	return json;
}

static json_t *good_host(void)
{
	return parse(
		"{\"metadata\":{\"name\":\"edge-1\"},\"hardware\":{\"nics\":[{\"name\":\"eth0\","
		"\"ip\":\"192.0.2.1\",\"isDefault\":true}]},"
		"\"dns\":{\"nameservers\":[\"192.0.2.53\"]},\"ntp\":{\"synchronized\":true}}");
}

struct peer {
	const char *name, *status, *content, *health, *reason;
};

static json_t *link_of(const char *role, const struct peer *peers, size_t n)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			rows,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}",
				  "hostName", peers[i].name, "ip", "192.0.2.9", "role",
				  strcmp(role, "leader") == 0 ? "follower" : "leader", "status",
				  peers[i].status, "statusReason", "", "health", "state",
				  peers[i].health, "reason", peers[i].reason, "contentSyncStatus",
				  "state", peers[i].content, "reason", "content"));
	return json_pack("{s:s, s:o}", "role", role, "peers", rows);
}

/* Takes @link. */
static json_t *ready_with(json_t *link)
{
	json_t *host = good_host(), *facts = facts_readiness(host, link);

	json_decref(host);
	json_decref(link);
	CHECK(facts);
	return facts;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const json_t *item(const json_t *facts, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(facts, "items"), i,
			   one) if (strcmp(text_of(one, "name"), name) == 0) return one;
	fail_msg("no item %s", name);
	return NULL;
}

static const struct peer good[] = { { "edge-2", "Ready", "Synced", "Healthy", "" },
				    { "edge-3", "Ready", "Synced", "Healthy", "" } };

TEST(a_single_host_is_ready_by_itself)
{
	json_t *facts = ready_with(link_of("none", NULL, 0));

	CHECK(json_is_true(json_object_get(facts, "ready")));
	CHECK_INT(json_array_size(json_object_get(facts, "hosts")), 1);
	CHECK_STR(text_of(item(facts, "Linked hosts"), "state"), "ok");
	/* What nobody has looked at is not called good. */
	CHECK_STR(text_of(item(facts, "Port 443"), "state"), "unknown");
	json_decref(facts);
}

TEST(an_address_by_dhcp_is_not_called_ready_and_says_what_to_do)
{
	json_t *host = good_host(), *facts;
	const json_t *address;

	json_object_set_new(
		json_array_get(json_object_get(json_object_get(host, "hardware"), "nics"), 0),
		"leaseSeconds", json_integer(600));
	facts = facts_readiness(host, NULL);
	address = item(facts, "IP address");
	CHECK_STR(text_of(address, "state"), "unknown");
	CHECK(strstr(text_of(address, "text"),
		     "by DHCP: reserve it on the DHCP server or make it static"));
	json_decref(facts);
	json_decref(host);
}

TEST(a_leader_lists_its_group_and_is_ready_when_each_host_is)
{
	json_t *facts = ready_with(link_of("leader", good, 2));
	const json_t *hosts = json_object_get(facts, "hosts");

	CHECK(json_is_true(json_object_get(facts, "ready")));
	CHECK_INT(json_array_size(hosts), 3);
	CHECK_STR(text_of(json_array_get(hosts, 0), "name"), "edge-1");
	CHECK_STR(text_of(json_array_get(hosts, 0), "role"), "this host, leader");
	CHECK_STR(text_of(json_array_get(hosts, 2), "name"), "edge-3");
	CHECK_STR(text_of(json_array_get(hosts, 2), "address"), "192.0.2.9");
	CHECK_STR(text_of(json_array_get(hosts, 2), "content"), "Synced");
	CHECK_STR(text_of(json_array_get(hosts, 2), "health"), "Healthy");
	json_decref(facts);
}

TEST(one_host_that_is_not_good_keeps_the_group_from_being_ready)
{
	static const struct peer bad[] = { { "edge-3", "Pending", "Synced", "Healthy", "" },
					   { "edge-3", "Ready", "Not Synced", "Healthy", "" },
					   { "edge-3", "Ready", "Synced", "Unhealthy", "silent" } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct peer both[] = { good[0], bad[i] };
		json_t *facts = ready_with(link_of("leader", both, 2));
		const json_t *links = item(facts, "Linked hosts");
		const json_t *row = json_array_get(json_object_get(facts, "hosts"), 2);

		CHECK(json_is_false(json_object_get(facts, "ready")));
		CHECK_STR(text_of(links, "state"), "missing");
		CHECK_STR(text_of(links, "text"),
			  "1 of 2 not yet Ready, Synced and Healthy: edge-3. The table of hosts "
			  "says why.");
		CHECK_STR(text_of(row, "reason"), *bad[i].reason ? bad[i].reason : "content");
		json_decref(facts);
	}
}

TEST(two_hosts_are_no_cluster)
{
	json_t *facts = ready_with(link_of("leader", good, 1));

	CHECK(json_is_false(json_object_get(facts, "ready")));
	CHECK(strstr(text_of(item(facts, "Linked hosts"), "text"), "one host or three"));
	json_decref(facts);
}

TEST(a_follower_sends_to_its_leaders_page)
{
	json_t *facts = ready_with(link_of("follower", good, 1));

	CHECK(json_is_true(json_object_get(facts, "ready")));
	CHECK(strstr(text_of(item(facts, "Linked hosts"), "text"), "Its page has all hosts"));
	json_decref(facts);
}

TEST(links_that_are_not_known_are_not_called_good)
{
	json_t *facts = ready_with(NULL);

	CHECK(json_is_false(json_object_get(facts, "ready")));
	CHECK_STR(text_of(item(facts, "Linked hosts"), "state"), "unknown");
	CHECK_INT(json_array_size(json_object_get(facts, "hosts")), 1);
	json_decref(facts);
}
