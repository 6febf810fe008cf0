/* SPDX-License-Identifier: Apache-2.0 */
/* api_diagnostics.c - can this host reach another? */
#include "api.h"

static void got_text(struct exchange *x, sd_bus_message *m)
{
	const char *text, *endpoint = exchange_query(x, "endpoint");
	int32_t status;

	if (sd_bus_message_read(m, "si", &text, &status) < 0) {
		fail_answer(x, (struct refusal){ .status = 500, .code = "Failed" },
			    "The host service's answer cannot be read");
		return;
	}
	answer_json(x, 200,
		    json_pack("{s:s, s:b, s:s}", "endpoint", endpoint ? endpoint : "", "success",
			      status == 0, "output", text));
}

static void look(struct exchange *x, const char *member)
{
	const char *endpoint = exchange_query(x, "endpoint");
	sd_bus_message *m;

	if (!endpoint || !*endpoint) {
		fail_bad_request(x, "endpoint is missing: a host name or an address");
		return;
	}
	m = host_message(x, HOST_DIAG, member);
	host_send(x, m, m ? sd_bus_message_append(m, "ss", x->token, endpoint) : 0,
		  LIMIT_LONG_CALL_SECONDS, got_text);
}

void api_ping_host(struct exchange *x)
{
	look(x, "Ping");
}

void api_traceroute(struct exchange *x)
{
	look(x, "Traceroute");
}

void api_lookup(struct exchange *x)
{
	look(x, "Lookup");
}

void api_connect(struct exchange *x)
{
	look(x, "Connect");
}
