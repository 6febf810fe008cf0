/* SPDX-License-Identifier: Apache-2.0 */
/* palette-link - linked hosts from the command line; asks palette-linkd. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "hostd/bus.h"
#include "lib/cleanup.h"
#include "localui/host.h"

#define LINK_NAME    "internal.palette.Link1"
#define LINK_PATH    "/internal/palette/Link1"
#define TOKEN_MAX    2048
#define POLL_NS	     200000000L
#define JOIN_SECONDS 30

static const char usage[] =
	"usage: palette-link status [--json]\n"
	"       palette-link token [--address ADDRESS] [--stop] [--json]\n"
	"       palette-link join\n"
	"       palette-link unlink [HOST]\n"
	"\n"
	"  status   this host's role and its linked hosts\n"
	"  token    generates tokens until --stop and prints the one of now: paste it on each "
	"follower\n"
	"  join     links this host to the leader whose token is typed or comes on stdin\n"
	"  unlink   a follower: from its leader; a leader: HOST, its name, address or id\n"
	"\n"
	"For root and members of palette-admin. Exit status: 0 done, 1 refused or failed, 2 "
	"usage.\n";

struct options {
	const char *address;
	bool json, stop;
};

static int call(sd_bus *bus, const char *member, sd_bus_message **reply, const char *types, ...)
{
	autobuserror sd_bus_error error = SD_BUS_ERROR_NULL;
	autobusmessage sd_bus_message *m = NULL;
	const char *text;
	va_list args;
	int r = sd_bus_message_new_method_call(bus, &m, LINK_NAME, LINK_PATH, LINK_NAME, member);

	va_start(args, types);
	if (r >= 0)
		r = sd_bus_message_appendv(m, types, args);
	va_end(args);
	if (r >= 0)
		r = sd_bus_message_sensitive(m);
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, &error, reply);
	if (r >= 0)
		return 0;
	text = error.message ? error.message : strerror(-r);
	/* The field in front is for forms. */
	if (strncmp(text, "token: ", 7) == 0)
		text += 7;
	fprintf(stderr, "palette-link: %s\n", text);
	return -1;
}

static int print_json(json_t *value)
{
	int r = json_dumpf(value, stdout, JSON_INDENT(2));

	json_decref(value);
	return r < 0 || puts("") < 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void print_peer(const json_t *peer)
{
	const char *health = text_of(peer, "health-reason"),
		   *pending = text_of(peer, "status-reason"),
		   *content = text_of(peer, "content-reason");
	json_int_t seen = json_integer_value(json_object_get(peer, "last-seen"));
	time_t when = (time_t)seen;
	char date[32] = "never";
	struct tm tm;

	if (seen && localtime_r(&when, &tm))
		(void)strftime(date, sizeof(date), "%F %T", &tm);
	printf("%-20s %-15s %-8s %s, %s, %s; last seen %s\n", text_of(peer, "name"),
	       text_of(peer, "address"), text_of(peer, "role"), text_of(peer, "status"),
	       text_of(peer, "content"), text_of(peer, "health"), date);
	if (*pending)
		printf("\t%s: %s\n", text_of(peer, "status"), pending);
	if (*content)
		printf("\t%s: %s\n", text_of(peer, "content"), content);
	if (*health)
		printf("\t%s: %s\n", text_of(peer, "health"), health);
	printf("\tid %s\n", text_of(peer, "id"));
}

static int status(sd_bus *bus, const struct options *options)
{
	autobusmessage sd_bus_message *reply = NULL;
	json_t *facts, *peers, *peer;
	size_t i;

	if (call(bus, "Status", &reply, "") < 0)
		return 1;
	facts = host_json(reply);
	peers = host_json(reply);
	if (options->json) {
		(void)json_object_set_new(facts, "peers", peers);
		return print_json(facts);
	}
	printf("%s: %s%s\n", text_of(facts, "name"),
	       strcmp(text_of(facts, "role"), "none") == 0 ? "not linked" : text_of(facts, "role"),
	       json_is_true(json_object_get(facts, "generating")) ? ", generates tokens" : "");
	if (*text_of(facts, "error"))
		printf("%s: %s\n", text_of(facts, "status"), text_of(facts, "error"));
	if (*text_of(facts, "warning"))
		printf("%s\n", text_of(facts, "warning"));
	json_array_foreach(peers, i, peer) print_peer(peer);
	json_decref(facts);
	json_decref(peers);
	return 0;
}

static int token(sd_bus *bus, const struct options *options)
{
	autobusmessage sd_bus_message *reply = NULL;
	json_t *facts;

	if (options->stop)
		return call(bus, "StopTokens", &reply, "ss", "", "") < 0;
	if (call(bus, "GenerateToken", &reply, "sss", "", "", options->address) < 0)
		return 1;
	facts = host_json(reply);
	if (options->json)
		return print_json(facts);
	printf("%s\n", text_of(facts, "token"));
	fprintf(stderr,
		"Good for %lld s more, at %s; then a new one is made. \"palette-link token "
		"--stop\" ends it.\n",
		(long long)json_integer_value(json_object_get(facts, "remaining")),
		text_of(facts, "address"));
	json_decref(facts);
	return 0;
}

static void on_interrupt(int signo)
{
	(void)signo;
}

/* Without an echo where a person types, who may interrupt it; whole stdin else. */
static bool read_token(char buf[TOKEN_MAX])
{
	struct sigaction usual, ours = { .sa_handler = on_interrupt };
	struct termios before, hidden;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	bool good;

	if (is_terminal) {
		/* Without SA_RESTART the reading ends, and the terminal gets its echo back. */
		(void)sigaction(SIGINT, &ours, &usual);
		hidden = before;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		fputs("Token: ", stderr);
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	good = fgets(buf, TOKEN_MAX, stdin) != NULL;
	if (is_terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)sigaction(SIGINT, &usual, NULL);
		fputc('\n', stderr);
	}
	return good;
}

static int wait_for_end(sd_bus *bus)
{
	for (int i = 0; i < JOIN_SECONDS * 5; i++) {
		autobusmessage sd_bus_message *reply = NULL;
		json_t *facts;
		bool waits, good;

		if (call(bus, "Status", &reply, "") < 0)
			return 1;
		facts = host_json(reply);
		waits = strcmp(text_of(facts, "status"), "InProgress") == 0;
		good = strcmp(text_of(facts, "role"), "follower") == 0;
		if (!waits && !good)
			fprintf(stderr, "palette-link: %s\n", text_of(facts, "error"));
		json_decref(facts);
		if (!waits)
			return !good;
		(void)nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
	fprintf(stderr, "palette-link: no end after %d s; see \"palette-link status\"\n",
		JOIN_SECONDS);
	return 1;
}

static int join(sd_bus *bus)
{
	autobusmessage sd_bus_message *reply = NULL;
	char buf[TOKEN_MAX] = "";
	int r;

	if (!read_token(buf)) {
		fputs("palette-link: no token came on stdin\n", stderr);
		return 1;
	}
	r = call(bus, "Join", &reply, "sss", "", "", buf);
	explicit_bzero(buf, sizeof(buf));
	if (r == 0)
		r = wait_for_end(bus);
	else
		r = 1;
	if (r == 0)
		puts("linked");
	return r;
}

static int run(sd_bus *bus, const char *command, const char *peer, const struct options *options)
{
	autobusmessage sd_bus_message *reply = NULL;

	if (strcmp(command, "status") == 0)
		return status(bus, options);
	if (strcmp(command, "token") == 0)
		return token(bus, options);
	if (strcmp(command, "join") == 0)
		return join(bus);
	return call(bus, "Unlink", &reply, "sss", "", "", peer) < 0;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "stop", no_argument, NULL, 's' },
		{ "address", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	static const char *const commands[] = { "status", "token", "join", "unlink" };
	struct options options = { .address = "" };
	const char *command = NULL;
	autobus sd_bus *bus = NULL;
	int c, r;

	while ((c = getopt_long(argc, argv, "h", table, NULL)) >= 0) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		if (c == 'j')
			options.json = true;
		else if (c == 's')
			options.stop = true;
		else if (c == 'a')
			options.address = optarg;
		else
			command = usage; /* none of the commands */
	}
	for (size_t i = 0; !command && optind < argc && i < ARRAY_SIZE(commands); i++)
		if (strcmp(argv[optind], commands[i]) == 0)
			command = commands[i];
	if (!command || command == usage ||
	    argc - optind > (strcmp(command, "unlink") == 0 ? 2 : 1)) {
		fputs(usage, stderr);
		return 2;
	}
	r = sd_bus_open_system(&bus);
	if (r < 0) {
		fprintf(stderr, "palette-link: connect to the system bus: %s\n", strerror(-r));
		return 1;
	}
	return run(bus, command, optind + 1 < argc ? argv[optind + 1] : "", &options);
}
