/* SPDX-License-Identifier: Apache-2.0 */
/* internal.palette.Host1.Network: DNS, time servers, proxy; adapters are in api_adapters.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "api_adapters.h"
#include "api_proxy.h"
#include "lib/cleanup.h"
#include "names.h"
#include "net_check.h"
#include "netlink.h"
#include "preset.h"
#include "refuse.h"
#include "request.h"

struct names_data {
	struct site site;
	struct dns_settings dns;
	struct network_change trial; /* "" none */
	struct ntp_settings ntp;
};

/* Whether what is in force came with a lease. */
static bool is_by_dhcp(const struct dns_settings *own)
{
	autofree struct links *links = calloc(1, sizeof(*links));

	if (own->primary || !links || links_read(links, NULL) < 0)
		return false;
	for (size_t i = 0; i < links->n; i++)
		for (size_t j = 0; j < links->rows[i].n_addresses; j++)
			if (links->rows[i].addresses[j].ipv4 && links->rows[i].addresses[j].valid_s)
				return true;
	return false;
}

static int method_get_dns(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	char primary[16] = "", alternate[16] = "";
	struct dns_in_force force;
	struct hostd *h = userdata;
	struct dns_settings dns;
	struct fail why = { 0 };
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	if (dns_read(&h->site, &dns, &why) < 0)
		return answer_fail(m, &why);
	dns_read_in_force(&h->site, &force);
	if (dns.primary)
		ipv4_text(dns.primary, primary);
	if (dns.alternate)
		ipv4_text(dns.alternate, alternate);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = api_string(reply, "primary", primary);
	if (r >= 0)
		r = api_string(reply, "alternate", alternate);
	if (r >= 0)
		r = api_string(reply, "search", dns.search);
	if (r >= 0)
		r = api_strings(reply, "servers", force.servers[0], sizeof(force.servers[0]),
				force.n_servers);
	if (r >= 0)
		r = api_strings(reply, "domains", force.domains[0], sizeof(force.domains[0]),
				force.n_domains);
	if (r >= 0)
		r = api_bool(reply, "by-dhcp", is_by_dhcp(&dns));
	return api_dict_send(reply, r);
}

static int work_dns(void *arg, struct fail *why)
{
	struct names_data *data = arg;

	const struct network_change *trial = data->trial.adapter[0] ? &data->trial : NULL;

	return preset_settle(&data->site, "dns", dns_apply(&data->site, &data->dns, trial, why));
}

static void after_dns(struct request *request, int result)
{
	if (result >= 0)
		hostd_emit(request->h, HOSTD_NETWORK, "DnsChanged");
}

static int method_set_dns(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *token, *primary, *alternate, *search;
	struct names_data *data;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	int r = sd_bus_message_read(m, "ssss", &token, &primary, &alternate, &search);

	(void)error;
	if (r < 0)
		return r;
	request = request_new(h, m, token, "set-dns", primary, NULL, &r);
	if (!request)
		return r;
	request->after = after_dns;
	data = request_data(request, sizeof(*data));
	if (!data) {
		fail_errno(&why, ENOMEM, "set DNS");
		return request_fail(request, &why);
	}
	data->site = h->site;
	data->trial = h->pending.change;
	r = dns_check(primary, alternate, search, &data->dns, &why);
	/* It writes networkd's files: not beside a change of an adapter. */
	return request_run(request, r, &why, JOB_NETWORK, work_dns);
}

static int method_get_ntp(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autobusmessage sd_bus_message *reply = NULL;
	struct hostd *h = userdata;
	struct ntp_settings ntp;
	struct caller caller;
	int r = caller_admit_read(h, m, &caller);

	(void)error;
	if (r != 0)
		return r;
	ntp_read(&h->site, &ntp);
	r = api_dict_begin(m, &reply);
	if (r >= 0)
		r = api_strings(reply, "servers", ntp.servers[0], sizeof(ntp.servers[0]), ntp.n);
	if (r >= 0)
		r = api_bool(reply, "synchronized", ntp_is_synchronized(&h->site));
	return api_dict_send(reply, r);
}

static int work_ntp(void *arg, struct fail *why)
{
	struct names_data *data = arg;

	return preset_settle(&data->site, "ntp", ntp_apply(&data->site, &data->ntp, why));
}

static int method_set_ntp(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autofree char **servers = NULL;
	struct names_data *data;
	struct hostd *h = userdata;
	struct fail why = { 0 };
	struct request *request;
	const char *token;
	size_t n = 0;
	int r = sd_bus_message_read(m, "s", &token);

	(void)error;
	if (r >= 0)
		r = sd_bus_message_read_strv(m, &servers);
	if (r < 0)
		return r;
	while (servers && servers[n])
		n++;
	request = request_new(h, m, token, "set-ntp", n ? servers[0] : "", NULL, &r);
	data = request ? request_data(request, sizeof(*data)) : NULL;
	if (data) {
		data->site = h->site;
		r = ntp_check((const char *const *)servers, n, &data->ntp, &why);
	} else if (request) {
		r = fail_errno(&why, ENOMEM, "set the time servers");
	}
	for (size_t i = 0; i < n; i++)
		free(servers[i]);
	return request ? request_run(request, r, &why, JOB_NAMES, work_ntp) : r;
}

#define SECRET (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

const sd_bus_vtable hostd_network_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("ListAdapters", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("aa{sv}", adapters), method_list_adapters, SECRET),
	SD_BUS_METHOD_WITH_ARGS("GetAdapter", SD_BUS_ARGS("s", session, "s", name),
				SD_BUS_RESULT("a{sv}", adapter), method_get_adapter, SECRET),
	SD_BUS_METHOD_WITH_ARGS(
		"SetAdapter",
		SD_BUS_ARGS("s", session, "s", name, "a{ss}", settings, "u", confirm_seconds),
		SD_BUS_RESULT("s", change), method_set_adapter, SECRET),
	SD_BUS_METHOD_WITH_ARGS("Neighbour", SD_BUS_ARGS("s", session, "s", name),
				SD_BUS_RESULT("s", text), method_neighbour, SECRET),
	SD_BUS_METHOD_WITH_ARGS("Blink", SD_BUS_ARGS("s", session, "s", name, "u", seconds),
				SD_BUS_NO_RESULT, method_blink, SECRET),
	SD_BUS_METHOD_WITH_ARGS("Confirm", SD_BUS_ARGS("s", session, "s", change), SD_BUS_NO_RESULT,
				method_confirm, SECRET),
	SD_BUS_METHOD_WITH_ARGS("Revert", SD_BUS_ARGS("s", session, "s", change), SD_BUS_NO_RESULT,
				method_revert, SECRET),
	SD_BUS_METHOD_WITH_ARGS("PendingChange", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("a{sv}", facts), method_pending_change, SECRET),
	SD_BUS_METHOD_WITH_ARGS("GetDns", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_get_dns, SECRET),
	SD_BUS_METHOD_WITH_ARGS(
		"SetDns", SD_BUS_ARGS("s", session, "s", primary, "s", alternate, "s", search),
		SD_BUS_NO_RESULT, method_set_dns, SECRET),
	SD_BUS_METHOD_WITH_ARGS("GetNtp", SD_BUS_ARGS("s", session), SD_BUS_RESULT("a{sv}", facts),
				method_get_ntp, SECRET),
	SD_BUS_METHOD_WITH_ARGS("SetNtp", SD_BUS_ARGS("s", session, "as", servers),
				SD_BUS_NO_RESULT, method_set_ntp, SECRET),
	SD_BUS_METHOD_WITH_ARGS("GetProxy", SD_BUS_ARGS("s", session),
				SD_BUS_RESULT("a{sv}", facts), method_get_proxy, SECRET),
	SD_BUS_METHOD_WITH_ARGS("SetProxy",
				SD_BUS_ARGS("s", session, "s", http, "s", https, "s", no_proxy,
					    "as", ca_certificates),
				SD_BUS_NO_RESULT, method_set_proxy, SECRET),
	SD_BUS_SIGNAL("AdaptersChanged", "", 0),
	SD_BUS_SIGNAL("DnsChanged", "", 0),
	SD_BUS_SIGNAL_WITH_ARGS("ProxyChanged", SD_BUS_ARGS("s", state), 0),
	SD_BUS_SIGNAL_WITH_ARGS("ChangeEnded", SD_BUS_ARGS("s", change, "s", outcome), 0),
	SD_BUS_VTABLE_END,
};
