/* SPDX-License-Identifier: Apache-2.0 */
/* api - the handlers of the route table in api.c. */
#ifndef PALETTE_LOCALUI_API_H
#define PALETTE_LOCALUI_API_H

#include "exchange.h"
#include "host.h"

/* api_users.c */
void api_login(struct exchange *x);
void api_logout(struct exchange *x);
void api_reset_password(struct exchange *x);
void api_renew(struct exchange *x);
void api_list_sessions(struct exchange *x);
void api_get_session(struct exchange *x);
void api_revoke_session(struct exchange *x);
void api_get_user(struct exchange *x);
void api_patch_user(struct exchange *x);

/* api_host.c */
void api_ping(struct exchange *x);
void api_public(struct exchange *x);
void api_patch_host(struct exchange *x);
void api_reboot(struct exchange *x);
void api_shutdown(struct exchange *x);
void api_reset(struct exchange *x);
void api_settings(struct exchange *x);
void api_readiness(struct exchange *x);
void api_not_yet(struct exchange *x);

/* api_network.c */
void api_list_adapters(struct exchange *x);
void api_get_adapter(struct exchange *x);
void api_put_adapter(struct exchange *x);
void api_get_change(struct exchange *x);
void api_confirm_change(struct exchange *x);
void api_revert_change(struct exchange *x);
void api_get_dns(struct exchange *x);
void api_put_dns(struct exchange *x);
void api_get_ntp(struct exchange *x);
void api_put_ntp(struct exchange *x);
void api_get_configurations(struct exchange *x);
void api_put_configurations(struct exchange *x);
void api_get_configurations_status(struct exchange *x);

/* api_content.c */
void api_list_content(struct exchange *x);
void api_delete_content(struct exchange *x);
void api_begin_upload(struct exchange *x);
void api_get_upload(struct exchange *x);
void api_put_chunk(struct exchange *x);
void api_cancel_upload(struct exchange *x);
void api_finish_upload(struct exchange *x);
void api_signing_key(struct exchange *x);
void api_uploaded_content(struct exchange *x);

/* api_form.c */
void api_upload_content(struct exchange *x);

/* api_logs.c */
void api_generate_logs(struct exchange *x);
void api_logs_status(struct exchange *x);
void api_download_logs(struct exchange *x);
void api_error_logs(struct exchange *x);
void api_logs(struct exchange *x);
void api_log_sources(struct exchange *x);
void api_follow_logs(struct exchange *x);
void api_audits(struct exchange *x);
void api_audit_filters(struct exchange *x);
void api_download_audits(struct exchange *x);

/* api_link.c */
void api_generate_link_token(struct exchange *x);
void api_get_link_token(struct exchange *x);
void api_stop_link_token(struct exchange *x);
void api_link(struct exchange *x);
void api_link_status(struct exchange *x);
void api_unlink(struct exchange *x);

/* api_diagnostics.c */
void api_ping_host(struct exchange *x);
void api_traceroute(struct exchange *x);
void api_lookup(struct exchange *x);
void api_connect(struct exchange *x);

/* Rows of the host service as the API has them. */
json_t *api_log_entry(const json_t *row);
json_t *api_session_json(const json_t *facts);
json_t *api_content_json(const json_t *facts);
/* LinkStatus of openapi.json, and "tried", from the answer of palette-linkd. NULL: the exchange is answered. */
json_t *api_link_json(struct exchange *x, sd_bus_message *m);

/* Steps of an upload, api_content.c. The descriptor is the caller's; -1: the exchange is answered. */
bool api_may_upload(struct exchange *x);
void api_send_begin(struct exchange *x, const char *name, uint64_t size, const char *sha256,
		    host_reply reply);
int api_read_begun(struct exchange *x, sd_bus_message *m, const char **id, uint64_t *offset);
void api_send_finish(struct exchange *x, const char *id, host_reply reply);

/* The reply's one value as JSON; NULL: the exchange is answered. */
json_t *api_value(struct exchange *x, sd_bus_message *m);
/* Answers 200 with the reply's one value under the API's names; @keys as host_renamed() takes them. */
void api_answer_renamed(struct exchange *x, sd_bus_message *m, const struct host_key *keys);
/* Answers 204, whatever the reply holds. */
void api_done(struct exchange *x, sd_bus_message *m);
/* The next field is @seconds since 1970 as a date. */
void api_set_time(json_t *object, const char *key, json_int_t seconds);

/* A query parameter that is a number in a range. False: it is not, and the exchange is answered. */
bool api_query_number(struct exchange *x, const char *name, uint64_t least, uint64_t most,
		      uint64_t fallback, uint64_t *ret);

#endif
