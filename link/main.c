/* SPDX-License-Identifier: Apache-2.0 */
/* palette-linkd - links between hosts: tokens, trust, heartbeats. Unprivileged. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "hostd/keyvalue.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/protect.h"
#include "linkd.h"

#define CONFIG_MAX 65536
#define UI_PORT	   5080

static const char usage[] =
	"usage: palette-linkd [--root DIR] [--token-seconds N] [--verbose]\n"
	"\n"
	"The service internal.palette.Link1 on the system bus (link/link.xml).\n"
	"\n"
	"  --root DIR         before the path of every file it reads or writes (tests)\n"
	"  --token-seconds N  life of a token, 1 to 120 (default: 120; tests)\n"
	"  --verbose          says more\n";

static int parse_options(int argc, char **argv, struct config *config)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "token-seconds", required_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		if (c == 'h')
			return fputs(usage, stdout) < 0 ? 1 : 0;
		if (c == 'r')
			config->root = optarg;
		else if (c == 'v')
			log_set_level(LOG_LEVEL_DEBUG);
		else if (c != 't' ||
			 !keyvalue_number(optarg, 1, ISSUER_INTERVAL_S, &config->token_s))
			return 2;
	}
	return optind == argc ? -1 : 2;
}

static int read_config(struct linkd *l, struct fail *why)
{
	struct path path = linkd_path(l, LINKD_CONFIG);
	autofree char *text = NULL;
	struct keyvalue kv;
	size_t bytes;
	int r = file_read(path.s, CONFIG_MAX, &text, &bytes, why);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	kv = keyvalue_of(text);
	while (keyvalue_next(&kv))
		if (!kv.key || strcmp(kv.key, "sync-port") != 0 ||
		    !keyvalue_number(kv.value, 1, 65535, &l->config.sync_port))
			return fail_with(why, EINVAL,
					 "%s, line %u: only \"sync-port = 1 to 65535\" is known",
					 path.s, kv.line);
	return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *linkd)
{
	struct linkd *l = linkd;
	uint64_t now = linkd_now_ms();

	(void)source;
	(void)usec;
	leader_tick(l, now);
	follower_tick(l, now);
	store_tick(l, now);
	linkd_news(l);
	/* A host that is not linked sleeps. */
	if (linkd_follows(l) || l->n_followers || l->issuer.on || l->n_goodbyes || l->store_at_ms ||
	    l->joining.status == JOIN_IN_PROGRESS)
		linkd_wake(l);
	return 0;
}

static int on_news(sd_event_source *source, void *linkd)
{
	struct linkd *l = linkd;

	(void)source;
	(void)sd_bus_emit_signal(l->bus, LINKD_PATH, LINKD_NAME, "Changed", "");
	return 0;
}

static void on_sync(void *linkd)
{
	struct linkd *l = linkd;

	if (linkd_follows(l))
		follower_content_changed(l);
	else
		leader_content_changed(l);
	linkd_news(l);
}

static int start_loop(struct linkd *l, struct fail *why)
{
	int r = sd_event_new(&l->event);

	if (r >= 0)
		r = sd_event_add_signal(l->event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_event_add_signal(l->event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_event_set_watchdog(l->event, true);
	if (r >= 0)
		r = sd_bus_open_system(&l->bus);
	if (r >= 0)
		r = sd_bus_attach_event(l->bus, l->event, SD_EVENT_PRIORITY_NORMAL);
	/* Without the bus there is nobody to work for; systemd starts it again. */
	if (r >= 0)
		r = sd_bus_set_exit_on_disconnect(l->bus, true);
	if (r >= 0)
		r = sd_event_add_time_relative(l->event, &l->tick, CLOCK_BOOTTIME, 0, 50000,
					       on_tick, l);
	if (r >= 0)
		r = sd_event_add_defer(l->event, &l->news, on_news, l);
	if (r >= 0)
		r = sd_event_source_set_enabled(l->news, SD_EVENT_OFF);
	return r < 0 ? fail_errno(why, -r, "start the event loop on the system bus") : 0;
}

static int start(struct linkd *l, struct fail *why)
{
	struct path key = linkd_path(l, LINKD_STATE "/identity.pem");
	bool made = false;
	int r = read_config(l, why);

	l->self.ui_port = UI_PORT;
	l->self.sync_port = l->config.sync_port;
	(void)gethostname(l->self.name, sizeof(l->self.name) - 1);
	if (r == 0)
		r = identity_load(&l->identity, key.s, &made, why);
	if (r == 0)
		r = store_load(l, why);
	if (r == 0)
		r = start_loop(l, why);
	if (r < 0)
		return r;
	l->channels = (struct channels){
		.event = l->event, .identity = &l->identity, .on_request = leader_request, .arg = l
	};
	r = sync_new(l->event, l->bus, l->config.root, (uint16_t)l->config.sync_port, on_sync, l,
		     &l->sync, why);
	if (r == 0)
		r = door_start(l, why);
	if (r == 0)
		r = host_start(l, why);
	if (r == 0)
		r = api_start(l, why);
	if (r < 0)
		return r;
	sync_own(l->sync, l->identity.id);
	linkd_tell_sync(l);
	log_info("%s key, SHA-256 %s", made ? "new" : "known", l->identity.id);
	(void)sd_notify(0, "READY=1");
	return 0;
}

static void stop(struct linkd *l)
{
	door_stop(l);
	channels_stop(&l->channels);
	sync_free(l->sync);
	reach_done(&l->leader.reach);
	while (l->n_followers)
		linked_free(l->followers[--l->n_followers]);
	sd_event_source_unref(l->tick);
	sd_event_source_unref(l->news);
	sd_bus_flush_close_unref(l->bus);
	sd_event_unref(l->event);
	identity_done(&l->identity);
	issuer_stop(&l->issuer);
}

int main(int argc, char **argv)
{
	static struct linkd l = {
		.config = { .root = "", .sync_port = SYNC_PORT, .token_s = ISSUER_INTERVAL_S },
		.door_fd = -1,
		.door_client = -1,
	};
	struct fail why = { 0 };
	int r = parse_options(argc, argv, &l.config);

	if (r >= 0) {
		if (r == 2)
			fputs(usage, stderr);
		return r;
	}
	umask(077);
	protect_memory();
	signal(SIGPIPE, SIG_IGN);
	r = start(&l, &why);
	if (r < 0) {
		log_error("%s", why.msg);
		return 1;
	}
	r = sd_event_loop(l.event);
	(void)sd_notify(0, "STOPPING=1");
	stop(&l);
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	return r < 0;
}
