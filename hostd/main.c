/* SPDX-License-Identifier: Apache-2.0 */
/* palette-hostd - the one privileged service: accounts, names, network, power. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "api_proxy.h"
#include "archive.h"
#include "audit.h"
#include "hostd.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/protect.h"
#include "lib/utf8.h"
#include "monitor.h"
#include "request.h"

#define POLICY_FILE   "/etc/palette/policy.conf"
#define SESSIONS_FILE HOSTD_RUN "/sessions"

static const char usage[] =
	"usage: palette-hostd [--root DIR] [--adapter-kind KIND] [--probe-ms N] [--verbose]\n"
	"\n"
	"The service internal.palette.Host1 on the system bus (hostd/hostd.xml).\n"
	"\n"
	"  --root DIR           before the path of every file it reads or writes (tests)\n"
	"  --adapter-kind KIND  takes links of this kind for adapters too, e.g. veth (tests)\n"
	"  --probe-ms N         time between two ARP probes, 10 to 5000 (default: 1000)\n"
	"  --verbose            says more\n";

uint64_t hostd_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t hostd_now_s(void)
{
	return hostd_now_ms() / 1000;
}

void hostd_random(void *buf, size_t bytes)
{
	/* Up to 256 bytes come whole once the kernel has seeded itself, which it waits for. */
	while (getrandom(buf, bytes, 0) != (ssize_t)bytes)
		if (errno != EINTR)
			abort();
}

void hostd_emit(struct hostd *h, const char *interface, const char *signal_name)
{
	int r = sd_bus_emit_signal(h->bus, HOSTD_PATH, interface, signal_name, "");

	if (r < 0)
		log_warn("emit %s: %s", signal_name, strerror(-r));
}

void hostd_save_sessions(struct hostd *h)
{
	autofree char *text = session_save(&h->sessions, hostd_now_s());
	struct fail why = { 0 };

	if (text && site_write(&h->site, SESSIONS_FILE, text, strlen(text), 0600, &why) < 0)
		log_warn("sessions will not survive a restart: %s", why.msg);
}

void hostd_session_ended(const char *id, void *hostd)
{
	struct hostd *h = hostd;

	(void)sd_bus_emit_signal(h->bus, HOSTD_PATH, HOSTD_ACCESS, "SessionEnded", "s", id);
	request_end_streams(h, id);
	hostd_save_sessions(h);
}

static void load_files(struct hostd *h)
{
	autofree char *policy = NULL, *sessions = NULL;
	struct fail why = { 0 };

	policy_default(&h->policy);
	if (site_read(&h->site, POLICY_FILE, &policy, &why) < 0 ||
	    policy_read(policy, &h->policy, &why) < 0)
		log_error("the default policy is used: %s: %s", POLICY_FILE, why.msg);
	if (site_read(&h->site, SESSIONS_FILE, &sessions, &why) == 0)
		session_load(&h->sessions, sessions, hostd_now_s());
}

static int add_interfaces(struct hostd *h)
{
	static const struct {
		const char *name;
		const sd_bus_vtable *vtable;
	} interfaces[] = {
		{ HOSTD_ACCESS, hostd_access_vtable },	 { HOSTD_ACCOUNTS, hostd_accounts_vtable },
		{ HOSTD_HOST, hostd_host_vtable },	 { HOSTD_NETWORK, hostd_network_vtable },
		{ HOSTD_CONTENT, hostd_content_vtable }, { HOSTD_DIAGNOSE, hostd_diagnose_vtable },
		{ HOSTD_LOGS, hostd_logs_vtable },	 { HOSTD_AUDIT, hostd_audit_vtable },
		{ HOSTD_SYNC, hostd_sync_vtable },	 { HOSTD_LINK, hostd_link_vtable },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(interfaces); i++)
		r = sd_bus_add_object_vtable(h->bus, NULL, HOSTD_PATH, interfaces[i].name,
					     interfaces[i].vtable, h);
	return r;
}

static void after_start(int result, const struct fail *why, void *arg)
{
	struct hostd *h = arg;
	struct audit_event event = { .actor = "hostd",
				     .from = "local",
				     .action = "apply-settings-file",
				     .object = SETTINGS_FILE,
				     .result = result < 0 ? "failed" : "ok",
				     .reason = result < 0 ? why->msg : "" };

	h->starting = false;
	snprintf(h->settings_error, sizeof(h->settings_error), "%s", event.reason);
	utf8_clean(h->settings_error); /* it may quote the file */
	request_run_waiting(h);
	monitor_dns(h);
	if (result != 0)
		audit(&h->site, event);
	hostd_emit(h, HOSTD_HOST, "Changed");
	/* One that waited brings the new proxy into force itself. */
	if (h->jobs.running[JOB_PROXY] == 0)
		proxy_begin_apply(h);
	(void)sd_notify(0, "READY=1");
}

static int start(struct hostd *h, struct fail *why)
{
	int r = sd_event_new(&h->event);

	if (r >= 0)
		r = sd_event_add_signal(h->event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_event_add_signal(h->event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_bus_open_system(&h->bus);
	if (r >= 0)
		r = sd_bus_attach_event(h->bus, h->event, SD_EVENT_PRIORITY_NORMAL);
	/* Without the bus there is nobody to work for; systemd starts it again. */
	if (r >= 0)
		r = sd_bus_set_exit_on_disconnect(h->bus, true);
	if (r >= 0)
		r = add_interfaces(h);
	if (r < 0)
		return fail_errno(why, -r, "connect to the system bus");
	r = content_start(h);
	if (r < 0)
		return fail_errno(why, -r, "start a timer");
	r = monitor_start(h, why);
	if (r < 0)
		return r;
	/* Before the name: whoever finds the service finds it in order, or waits its turn. */
	h->starting = true;
	r = job_start(&h->jobs, h->event, JOB_NETWORK, hostd_start_work, after_start, h, why);
	if (r < 0)
		return r;
	r = sd_bus_request_name(h->bus, HOSTD_BUS_NAME, 0);
	return r < 0 ? fail_errno(why, -r, "take the bus name %s", HOSTD_BUS_NAME) : 0;
}

/* Nothing of the environment decides what a privileged child runs, but where the bus is. */
static void clean_environment(void)
{
	static const char *const keep[] = { "DBUS_SYSTEM_BUS_ADDRESS", "NOTIFY_SOCKET" };
	char kept[ARRAY_SIZE(keep)][256] = { "" };

	for (size_t i = 0; i < ARRAY_SIZE(keep); i++)
		snprintf(kept[i], sizeof(kept[i]), "%s", getenv(keep[i]) ? getenv(keep[i]) : "");
	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	for (size_t i = 0; i < ARRAY_SIZE(keep); i++)
		if (kept[i][0])
			setenv(keep[i], kept[i], 1);
}

static int parse_options(int argc, char **argv, struct site *site)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "adapter-kind", required_argument, NULL, 'k' },
		{ "probe-ms", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (c == 'r')
			site->root = optarg;
		else if (c == 'k')
			site->adapter_kind = optarg;
		else if (c == 'v')
			log_set_level(LOG_LEVEL_DEBUG);
		else if (c == 'h')
			return fputs(usage, stdout) < 0 ? 1 : 0;
		else if (c != 'p' || !keyvalue_number(optarg, 10, 5000, &site->probe_ms))
			return 2;
	}
	return optind == argc ? -1 : 2;
}

int main(int argc, char **argv)
{
	static struct hostd h = { .site = { .root = "", .adapter_kind = "", .probe_ms = 1000 } };
	struct fail why = { 0 };
	int r = parse_options(argc, argv, &h.site);

	if (r >= 0) {
		if (r == 2)
			fputs(usage, stderr);
		return r;
	}
	umask(022);
	clean_environment();
	protect_memory();
	load_files(&h);
	archive_tidy(&h.site);
	if (start(&h, &why) < 0) {
		log_error("%s", why.msg);
		return 1;
	}
	r = sd_event_loop(h.event);
	(void)sd_notify(0, "STOPPING=1");
	hostd_save_sessions(&h);
	sd_bus_flush_close_unref(h.bus);
	sd_event_unref(h.event);
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	return r != 0;
}
