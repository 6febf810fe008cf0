/* SPDX-License-Identifier: Apache-2.0 */
/* palette-localui - the host's own page and API over HTTPS; asks palette-hostd for everything. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>

#include "events.h"
#include "exchange.h"
#include "files.h"
#include "host.h"
#include "hostd/keyvalue.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/protect.h"
#include "link_door.h"
#include "snapshot.h"

#define CONFIG_MAX 65536

static const char usage[] =
	"usage: palette-localui [--check] [--config FILE] [--certificate FILE] [--key FILE]\n"
	"                       [--files DIR] [--api FILE] [--address ADDRESS] [--link SOCKET] "
	"[--port N] [--verbose]\n"
	"\n"
	"The page and the API of this host on https://HOST:5080; asks palette-hostd on the system "
	"bus.\n"
	"\n"
	"  --check             read settings, certificate and files, say what is wrong, and end\n"
	"  --config FILE       settings (default: /etc/palette/localui.conf): port = N\n"
	"  --certificate FILE  PEM, chain behind it (default: /run/palette-tls/cert.pem)\n"
	"  --key FILE          PEM (default: /run/palette-tls/key.pem)\n"
	"  --files DIR         the page (default: /usr/share/palette-localui/web)\n"
	"  --api FILE          the API's description (default: "
	"/usr/share/palette-localui/openapi.json)\n"
	"  --address ADDRESS   listen there only (default: everywhere)\n"
	"  --link SOCKET       palette-linkd's door (default: /run/palette-link/door)\n"
	"  --port N            instead of the settings' port; 0: any, which is printed\n"
	"  --verbose           says more\n"
	"\n"
	"SIGHUP reads certificate and key again.\n";

struct options {
	bool check, port_given;
	unsigned port;
};

static int parse_options(int argc, char **argv, struct config *config, struct options *ret)
{
	static const struct option table[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "config", required_argument, NULL, 'f' },
		{ "certificate", required_argument, NULL, 't' },
		{ "key", required_argument, NULL, 'k' },
		{ "files", required_argument, NULL, 'd' },
		{ "api", required_argument, NULL, 'a' },
		{ "address", required_argument, NULL, 'l' },
		{ "link", required_argument, NULL, 'i' },
		{ "port", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char **const strings[] = {
		['f'] = &config->file,	['t'] = &config->certificate, ['k'] = &config->key,
		['d'] = &config->files, ['a'] = &config->api,	      ['l'] = &config->address,
		['i'] = &config->link,
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", table, NULL)) >= 0) {
		if (c == 'h')
			return fputs(usage, stdout) < 0 ? 1 : 0;
		if (c == 'c')
			ret->check = true;
		else if (c == 'v')
			log_set_level(LOG_LEVEL_DEBUG);
		else if (c == 'p' && keyvalue_number(optarg, 0, 65535, &ret->port))
			ret->port_given = true;
		else if (c < (int)ARRAY_SIZE(strings) && strings[c])
			*strings[c] = optarg;
		else
			return 2;
	}
	return optind == argc ? -1 : 2;
}

static int read_config(struct server *s, const struct options *options, struct fail *why)
{
	autofree char *text = NULL;
	size_t bytes;
	int r = file_read(s->config.file, CONFIG_MAX, &text, &bytes, why);

	s->config.port = CONFIG_PORT;
	if (r == 0) {
		r = config_read(text, &s->config.port, why);
		if (r < 0)
			return fail_wrap(why, "%s", s->config.file);
	} else if (r != -ENOENT) {
		return r;
	}
	if (options->port_given)
		s->config.port = options->port;
	return 0;
}

/*
 * Names the cookie, so that two hosts behind one name do not log each other out. The certificate may
 * be the same on several hosts; the machine's id is not, and tells nothing in this form.
 */
static void make_host_id(struct server *s)
{
	static const sd_id128_t palette =
		SD_ID128_MAKE(6b, 1d, 2c, 90, 51, 8e, 4f, 03, a7, 44, 0d, 5e, 91, c8, 2f, 37);
	char text[SD_ID128_STRING_MAX];
	sd_id128_t id;
	size_t n = 0;

	if (sd_id128_get_machine_app_specific(palette, &id) == 0) {
		snprintf(s->host_id, sizeof(s->host_id), "%.12s", sd_id128_to_string(id, text));
	} else {
		for (const char *at = s->tls->fingerprint; *at && n < 12; at++)
			if (*at != ':')
				s->host_id[n++] = *at;
		s->host_id[n] = '\0';
	}
	snprintf(s->cookie, sizeof(s->cookie), "palette-session-%s", s->host_id);
}

static int load(struct server *s, const struct options *options, struct fail *why)
{
	int r = read_config(s, options, why);

	if (r == 0)
		r = tls_load(&s->tls, s->config.certificate, s->config.key, why);
	if (r == 0)
		r = files_load(&s->files, s->config.files, s->config.api, why);
	if (r == 0)
		make_host_id(s);
	return r;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *server)
{
	struct server *s = server;
	struct fail why = { 0 };

	(void)source;
	(void)info;
	if (tls_load(&s->tls, s->config.certificate, s->config.key, &why) < 0) {
		log_error("the certificate stays as it was: %s", why.msg);
		return 0;
	}
	tls_serve(s->tls);
	log_info("certificate read again: SHA-256 %s", s->tls->fingerprint);
	return 0;
}

static int start_loop(struct server *s, struct fail *why)
{
	int r = sd_event_new(&s->event);

	if (r >= 0)
		r = sd_event_add_signal(s->event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_event_add_signal(s->event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = sd_event_add_signal(s->event, NULL, SIGHUP | SD_EVENT_SIGNAL_PROCMASK,
					on_hangup, s);
	if (r >= 0)
		r = sd_event_set_watchdog(s->event, true);
	return r < 0 ? fail_errno(why, -r, "start the event loop") : 0;
}

static int start(struct server *s, struct fail *why)
{
	int r = start_loop(s, why);

	if (r < 0)
		return r;
	tls_serve(s->tls);
	r = http_start(s, why);
	if (r == 0)
		r = accept_start(s, why);
	if (r < 0)
		return r;
	host_start(s);
	log_info("https on port %u, SHA-256 %s", s->port, s->tls->fingerprint);
	if (!s->config.port) {
		printf("%u\n", s->port);
		fflush(stdout);
	}
	return 0;
}

static void stop(struct server *s)
{
	s->stopping = true;
	accept_stop(s);
	link_door_stop(s);
	exchange_abort_all(s);
	events_stop(s);
	host_stop(s);
	http_stop(s);
	snapshot_done(s);
	files_free(s->files);
	tls_free(s->tls);
	sd_event_unref(s->event);
}

int main(int argc, char **argv)
{
	static struct server s = {
		.config = { .file = CONFIG_FILE,
			    .certificate = "/run/palette-tls/cert.pem",
			    .key = "/run/palette-tls/key.pem",
			    .files = "/usr/share/palette-localui/web",
			    .api = "/usr/share/palette-localui/openapi.json",
			    .link = "/run/palette-link/door" },
		.listen_fd = -1,
		.link_fd = -1,
	};
	struct options options = { 0 };
	struct fail why = { 0 };
	int r = parse_options(argc, argv, &s.config, &options);

	if (r >= 0) {
		if (r == 2)
			fputs(usage, stderr);
		return r;
	}
	protect_memory();
	signal(SIGPIPE, SIG_IGN);
	r = load(&s, &options, &why);
	if (r == 0 && options.check)
		return printf("port %u, SHA-256 %s\n", s.config.port, s.tls->fingerprint) < 0;
	if (r == 0)
		r = start(&s, &why);
	if (r < 0) {
		log_error("%s", why.msg);
		return 1;
	}
	r = sd_event_loop(s.event);
	(void)sd_notify(0, "STOPPING=1");
	stop(&s);
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	return r < 0;
}
