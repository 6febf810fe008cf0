/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_demo - the content's engine without the link daemon around it, for the tests.
 *
 * usage: sync_demo ROOT PORT. Commands on stdin: "set leader|follower|off [NAME ADDRESS PORT DEVICE]...",
 * "expect MANIFEST". Prints a line of JSON whenever something is another one.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link/sync.h"

static struct sync *engine;

static void print(void *arg)
{
	const struct sync_status *s = sync_status(engine);
	json_t *line = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:s}", "device",
				 sync_device_id(engine), "manifest", sync_manifest(engine), "has",
				 s->manifest, "synced", s->synced, "done",
				 (json_int_t)s->done_bytes, "total", (json_int_t)s->total_bytes,
				 "left", (json_int_t)s->seconds_left, "trouble", s->trouble);
	char *text = json_dumps(line, JSON_COMPACT);

	(void)arg;
	puts(text);
	fflush(stdout);
	free(text);
	json_decref(line);
}

static void obey(char *line)
{
	static const char *const roles[] = { "off", "leader", "follower" };
	struct sync_peer peers[SYNC_PEERS_MAX];
	const char *word = strtok(line, " \n");
	size_t n = 0, role = 0;

	memset(peers, 0, sizeof(peers));
	if (word && strcmp(word, "expect") == 0)
		sync_expect(engine, strtok(NULL, " \n"));
	if (!word || strcmp(word, "set") != 0)
		return;
	word = strtok(NULL, " \n");
	while (role < 2 && word && strcmp(word, roles[role]) != 0)
		role++;
	for (; n < SYNC_PEERS_MAX && (word = strtok(NULL, " \n")) != NULL; n++) {
		const char *address = strtok(NULL, " \n"), *port = strtok(NULL, " \n"),
			   *device = strtok(NULL, " \n");

		if (!address || !port || !device)
			return;
		snprintf(peers[n].name, sizeof(peers[n].name), "%s", word);
		snprintf(peers[n].address, sizeof(peers[n].address), "%s", address);
		peers[n].port = (uint16_t)strtoul(port, NULL, 10);
		snprintf(peers[n].device, sizeof(peers[n].device), "%s",
			 strcmp(device, "-") == 0 ? "" : device);
	}
	sync_set(engine, (enum sync_role)role, peers, n);
}

static int on_stdin(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	static char buf[16384];
	static size_t used;
	ssize_t got = read(fd, buf + used, sizeof(buf) - used - 1);
	char *end;

	(void)events;
	(void)arg;
	if (got <= 0)
		return sd_event_exit(sd_event_source_get_event(source), 0);
	used += (size_t)got;
	buf[used] = '\0';
	while ((end = strchr(buf, '\n')) != NULL) {
		*end = '\0';
		obey(buf);
		used -= (size_t)(end + 1 - buf);
		memmove(buf, end + 1, used + 1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct fail why = { 0 };
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	int r;

	if (argc != 3)
		return 2;
	r = sd_event_new(&event);
	if (r >= 0)
		r = sd_bus_open_system(&bus);
	if (r >= 0)
		r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sync_new(event, bus, argv[1], (uint16_t)atoi(argv[2]), print, NULL, &engine,
			     &why);
	if (r >= 0)
		r = sd_event_add_io(event, NULL, STDIN_FILENO, 1, on_stdin, NULL);
	if (r >= 0)
		r = sd_event_loop(event);
	sync_free(engine);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(event);
	if (r < 0)
		fprintf(stderr, "sync_demo: %s %s\n", strerror(-r), why.msg);
	return r < 0;
}
