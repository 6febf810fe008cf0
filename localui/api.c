/* SPDX-License-Identifier: Apache-2.0 */
/* api.c - the route table: openapi.json says what each row means. */
#include "api.h"

#include <stdio.h>

#include "events.h"
#include "files.h"
#include "lib/cleanup.h"
#include "snapshot.h"

#define HOST  "/v1/edge-mgmt/edgehosts/current"
#define USERS "/v1/users/default"
#define LOOK  "/v1/edge-mgmt/edgehosts/connectivity"
#define CHECK ROUTE_CHECK

#define S(name_, needed, most_)                                                                    \
	{ .name = (name_), .kind = FIELD_STRING, .required = (needed), .most = (most_) }
#define LIST(name_, most_, items_)                                                                 \
	{ .name = (name_),                                                                         \
	  .kind = FIELD_STRINGS,                                                                   \
	  .required = true,                                                                        \
	  .most = (most_),                                                                         \
	  .items = (items_) }

static const struct field login_fields[] = {
	S("username", true, 256),
	S("password", true, 1024),
	{ .name = "extendedSession", .kind = FIELD_BOOL },
	{ .name = "setCookie", .kind = FIELD_BOOL },
	{ 0 },
};
static const struct field password_fields[] = {
	S("oldPassword", true, 1024),
	S("newPassword", true, 1024),
	{ 0 },
};
static const struct field user_fields[] = { LIST("sshKeys", 8192, 64), { 0 } };
static const struct field host_fields[] = { S("name", true, 256), { 0 } };
static const struct field adapter_fields[] = {
	{ .name = "mode",
	  .kind = FIELD_STRING,
	  .required = true,
	  .most = 16,
	  .choices = "dhcp static" },
	S("address", false, 64),
	S("netmask", false, 64),
	S("gateway", false, 64),
	S("vlan", false, 16),
	S("mtu", false, 16),
	{ .name = "confirmSeconds", .kind = FIELD_NUMBER, .most = 600 },
	{ 0 },
};
static const struct field dns_fields[] = {
	S("primary", true, 64),
	S("alternate", true, 64),
	S("search", true, 1024),
	{ 0 },
};
static const struct field ntp_fields[] = { LIST("servers", 256, 16), { 0 } };
static const struct field configuration_fields[] = {
	S("httpProxy", true, 2048),
	S("httpsProxy", true, 2048),
	S("noProxy", true, 8192),
	LIST("caCerts", 262144, 32),
	{ 0 },
};
static const struct field link_fields[] = { S("token", true, 4096), { 0 } };
static const struct field upload_fields[] = {
	S("name", true, 200),
	{ .name = "sizeBytes", .kind = FIELD_NUMBER, .required = true, .most = LIMIT_UPLOAD_BYTES },
	S("sha256", true, 64),
	{ 0 },
};

const struct route api_routes[] = {
	{ "GET", "/v1/ping", api_ping, ROUTE_PUBLIC, NULL, 0 },
	{ "GET", "/v1/public", api_public, ROUTE_PUBLIC, NULL, 0 },
	{ "GET", "/v1/openapi.json", files_openapi, ROUTE_PUBLIC, NULL, 0 },

	{ "POST", USERS "/login", api_login, ROUTE_PUBLIC, login_fields, 0 },
	{ "POST", USERS "/logout", api_logout, 0, NULL, 0 },
	{ "POST", USERS "/password/reset", api_reset_password, 0, password_fields, 0 },
	{ "POST", USERS "/token/renewal", api_renew, 0, NULL, 0 },
	{ "GET", USERS "/sessions", api_list_sessions, 0, NULL, 0 },
	{ "GET", USERS "/sessions/current", api_get_session, 0, NULL, 0 },
	{ "DELETE", USERS "/sessions/{}", api_revoke_session, 0, NULL, 0 },
	{ "GET", "/v1/users/current", api_get_user, CHECK, NULL, 0 },
	{ "PATCH", "/v1/users/current", api_patch_user, CHECK, user_fields, LIMIT_KEYS_BYTES },

	{ "GET", HOST, snapshot_answer, CHECK, NULL, 0 },
	{ "PATCH", HOST, api_patch_host, 0, host_fields, 0 },
	{ "POST", HOST "/actions/reboot", api_reboot, 0, NULL, 0 },
	{ "POST", HOST "/actions/shutdown", api_shutdown, 0, NULL, 0 },
	{ "POST", HOST "/actions/reset", api_reset, 0, NULL, 0 },

	{ "GET", HOST "/adapters", api_list_adapters, 0, NULL, 0 },
	{ "GET", HOST "/adapters/{}", api_get_adapter, 0, NULL, 0 },
	{ "PUT", HOST "/adapters/{}", api_put_adapter, 0, adapter_fields, 0 },
	{ "GET", HOST "/network-change", api_get_change, 0, NULL, 0 },
	{ "POST", HOST "/network-change/{}/confirm", api_confirm_change, 0, NULL, 0 },
	{ "POST", HOST "/network-change/{}/revert", api_revert_change, 0, NULL, 0 },
	{ "GET", HOST "/dns", api_get_dns, 0, NULL, 0 },
	{ "PUT", HOST "/dns", api_put_dns, 0, dns_fields, 0 },
	{ "GET", HOST "/ntp", api_get_ntp, 0, NULL, 0 },
	{ "PUT", HOST "/ntp", api_put_ntp, 0, ntp_fields, 0 },
	{ "GET", HOST "/configurations", api_get_configurations, 0, NULL, 0 },
	{ "PUT", HOST "/configurations", api_put_configurations, 0, configuration_fields,
	  LIMIT_CONFIG_BYTES },
	{ "GET", HOST "/configurations/status", api_get_configurations_status, 0, NULL, 0 },

	{ "GET", HOST "/content", api_list_content, 0, NULL, 0 },
	{ "DELETE", HOST "/content/{}", api_delete_content, 0, NULL, 0 },
	{ "POST", HOST "/content/uploads", api_begin_upload, 0, upload_fields, 0 },
	{ "GET", HOST "/content/uploads/{}", api_get_upload, 0, NULL, 0 },
	{ "PUT", HOST "/content/uploads/{}", api_put_chunk, ROUTE_UPLOAD, NULL, 0 },
	{ "DELETE", HOST "/content/uploads/{}", api_cancel_upload, 0, NULL, 0 },
	{ "POST", HOST "/content/uploads/{}/finish", api_finish_upload, 0, NULL, 0 },
	{ "POST", HOST "/actions/upload-content", api_upload_content, ROUTE_UPLOAD, NULL, 0 },
	{ "GET", HOST "/actions/content/signing-public-key", api_signing_key, CHECK, NULL, 0 },
	{ "GET", HOST "/uploaded-content/details", api_uploaded_content, 0, NULL, 0 },

	{ "POST", HOST "/generate-logs", api_generate_logs, 0, NULL, 0 },
	{ "GET", HOST "/generate-logs-status", api_logs_status, 0, NULL, 0 },
	{ "GET", HOST "/download-logs", api_download_logs, 0, NULL, 0 },
	{ "GET", HOST "/error-logs", api_error_logs, CHECK, NULL, 0 },
	{ "GET", HOST "/logs", api_logs, CHECK, NULL, 0 },
	{ "GET", HOST "/logs/sources", api_log_sources, 0, NULL, 0 },
	{ "GET", HOST "/logs/follow", api_follow_logs, 0, NULL, 0 },
	{ "GET", HOST "/audits", api_audits, CHECK, NULL, 0 },
	{ "GET", HOST "/audits/filters", api_audit_filters, 0, NULL, 0 },
	{ "GET", HOST "/audits/download", api_download_audits, CHECK, NULL, 0 },

	{ "GET", LOOK "/ping", api_ping_host, CHECK, NULL, 0 },
	{ "GET", LOOK "/traceroute", api_traceroute, CHECK, NULL, 0 },
	{ "GET", LOOK "/lookup", api_lookup, CHECK, NULL, 0 },
	{ "GET", LOOK "/connect", api_connect, CHECK, NULL, 0 },

	{ "GET", "/v1/edge-mgmt/settings", api_settings, CHECK, NULL, 0 },
	{ "GET", "/v1/edge-mgmt/events", events_answer, CHECK, NULL, 0 },
	{ "POST", HOST "/link/generate-token", api_generate_link_token, CHECK, NULL, 0 },
	{ "GET", HOST "/link/token", api_get_link_token, CHECK, NULL, 0 },
	{ "POST", HOST "/link/stop-token", api_stop_link_token, CHECK, NULL, 0 },
	{ "POST", HOST "/link", api_link, CHECK, link_fields, 0 },
	{ "GET", HOST "/link/status", api_link_status, CHECK, NULL, 0 },
	{ "POST", HOST "/unlink", api_unlink, CHECK, NULL, 0 },
	{ "GET", "/v1/edge-mgmt/cluster", api_not_yet, CHECK, NULL, 0 },
	{ "POST", "/v1/edge-mgmt/cluster", api_not_yet, CHECK, NULL, 0 },
	{ "GET", "/v1/edge-mgmt/cluster/readiness", api_readiness, CHECK, NULL, 0 },
};
const size_t n_api_routes = ARRAY_SIZE(api_routes);

json_t *api_value(struct exchange *x, sd_bus_message *m)
{
	json_t *value = host_json(m);

	if (!value)
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
	return value;
}

void api_answer_renamed(struct exchange *x, sd_bus_message *m, const struct host_key *keys)
{
	json_t *facts = api_value(x, m);

	if (!facts)
		return;
	answer_json(x, 200, host_renamed(facts, keys));
	json_decref(facts);
}

void api_done(struct exchange *x, sd_bus_message *m)
{
	(void)m;
	answer_empty(x, 204);
}

void api_set_time(json_t *object, const char *key, json_int_t seconds)
{
	char text[32];

	(void)json_object_set_new(
		object, key,
		json_string(http_time_text(seconds > 0 ? (uint64_t)seconds : 0, text)));
}

bool api_query_number(struct exchange *x, const char *name, uint64_t least, uint64_t most,
		      uint64_t fallback, uint64_t *ret)
{
	const char *value = exchange_query(x, name);
	char message[120];

	*ret = fallback;
	if (!value)
		return true;
	if (http_number(value, most, ret) && *ret >= least)
		return true;
	snprintf(message, sizeof(message), "%s must be a whole number from %ju to %ju", name,
		 (uintmax_t)least, (uintmax_t)most);
	fail_bad_request(x, message);
	return false;
}
