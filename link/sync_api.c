/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_api.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "lib/cleanup.h"
#include "lib/log.h"

#define ANSWER_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct sync_api {
	sd_event *event;
	CURLM *multi;
	sd_event_source *timer, *finished;
	struct curl_slist *headers;
	struct call *first;
	char socket[128];
};

struct call {
	struct call *next;
	CURL *easy;
	char *sent, *text;
	size_t bytes;
	sync_api_done done;
	void *arg;
};

static void call_free(struct sync_api *api, struct call *call)
{
	struct call **at = &api->first;

	while (*at && *at != call)
		at = &(*at)->next;
	if (*at)
		*at = call->next;
	if (call->easy) {
		(void)curl_multi_remove_handle(api->multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	free(call->sent);
	free(call->text);
	free(call);
}

static void finish(struct sync_api *api, struct call *call, CURLcode result)
{
	sync_api_done done = call->done;
	json_t *body = NULL;
	void *arg = call->arg;
	long status = 0;

	if (result == CURLE_OK)
		(void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	else
		log_debug("Syncthing's API: %s", curl_easy_strerror(result));
	if (call->bytes)
		body = json_loadb(call->text, call->bytes, JSON_DECODE_ANY, NULL);
	if (status >= 400)
		log_warn("Syncthing's API answers %ld: %.*s", status,
			 call->bytes < 200 ? (int)call->bytes : 200, call->text ? call->text : "");
	call_free(api, call);
	/* It may free the API: nothing of ours after this. */
	if (done)
		done(status, body, arg);
	json_decref(body);
}

/* One at a time and from the loop, so that whoever is told may change everything. */
static int on_finished(sd_event_source *source, void *arg)
{
	struct sync_api *api = arg;
	CURLMsg *message;
	int left = 0;

	while ((message = curl_multi_info_read(api->multi, &left)) != NULL) {
		struct call *call = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
		if (left == 0)
			(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		finish(api, call, message->data.result);
		return 0;
	}
	return sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static void act(struct sync_api *api, curl_socket_t fd, int events)
{
	int running;

	(void)curl_multi_socket_action(api->multi, fd, events, &running);
	(void)sd_event_source_set_enabled(api->finished, SD_EVENT_ON);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	act(arg, fd,
	    ((events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
		    ((events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
		    ((events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0));
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	act(arg, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
	struct sync_api *api = arg;
	sd_event_source *source = of_socket;
	uint32_t events =
		(what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(source);
		return 0;
	}
	if (source)
		return sd_event_source_set_io_events(source, events) < 0 ? -1 : 0;
	if (sd_event_add_io(api->event, &source, fd, events, on_io, api) < 0)
		return -1;
	(void)curl_multi_assign(api->multi, fd, source);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct sync_api *api = arg;

	(void)multi;
	if (ms < 0)
		return sd_event_source_set_enabled(api->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_source_set_time_relative(api->timer, (uint64_t)ms * 1000) < 0)
		return -1;
	return sd_event_source_set_enabled(api->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

static int prepare(struct sync_api *api)
{
	int r = sd_event_add_time_relative(api->event, &api->timer, CLOCK_MONOTONIC, 0, 0, on_time,
					   api);

	if (r >= 0)
		r = sd_event_source_set_enabled(api->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_defer(api->event, &api->finished, on_finished, api);
	if (r >= 0)
		r = sd_event_source_set_enabled(api->finished, SD_EVENT_OFF);
	api->multi = curl_multi_init();
	if (r < 0 || !api->multi)
		return r < 0 ? r : -ENOMEM;
	(void)curl_multi_setopt(api->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	(void)curl_multi_setopt(api->multi, CURLMOPT_SOCKETDATA, api);
	(void)curl_multi_setopt(api->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	(void)curl_multi_setopt(api->multi, CURLMOPT_TIMERDATA, api);
	return 0;
}

int sync_api_new(sd_event *event, const char *socket, const char *key, struct sync_api **ret,
		 struct fail *why)
{
	struct sync_api *api = calloc(1, sizeof(*api));
	char header[128];
	int r;

	if (!api)
		return fail_errno(why, ENOMEM, "prepare for Syncthing");
	api->event = event;
	snprintf(api->socket, sizeof(api->socket), "%s", socket);
	snprintf(header, sizeof(header), "X-API-Key: %s", key);
	api->headers = curl_slist_append(NULL, header);
	/* It must not wait for a "100 Continue" that is not sent. */
	if (api->headers)
		(void)curl_slist_append(api->headers, "Expect:");
	r = api->headers ? prepare(api) : -ENOMEM;
	if (r < 0) {
		sync_api_free(api);
		return fail_errno(why, -r, "prepare for Syncthing");
	}
	*ret = api;
	return 0;
}

void sync_api_free(struct sync_api *api)
{
	if (!api)
		return;
	while (api->first)
		call_free(api, api->first);
	curl_multi_cleanup(api->multi);
	sd_event_source_disable_unref(api->timer);
	sd_event_source_disable_unref(api->finished);
	curl_slist_free_all(api->headers);
	free(api);
}

static size_t take(char *data, size_t size, size_t n, void *arg)
{
	struct call *call = arg;
	size_t bytes = size * n;
	char *more;

	if (bytes > ANSWER_BYTES_MAX - call->bytes)
		return 0;
	more = realloc(call->text, call->bytes + bytes);
	if (!more)
		return 0;
	memcpy(more + call->bytes, data, bytes);
	call->text = more;
	call->bytes += bytes;
	return bytes;
}

void sync_api_ask(struct sync_api *api, const char *method, const char *path, json_t *body,
		  unsigned seconds, sync_api_done done, void *arg)
{
	struct call *call = calloc(1, sizeof(*call));
	char url[512];

	if (call)
		call->easy = curl_easy_init();
	if (!call || !call->easy) {
		free(call);
		json_decref(body);
		log_error("Syncthing's API: out of memory");
		return;
	}
	call->done = done;
	call->arg = arg;
	call->sent = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	snprintf(url, sizeof(url), "http://syncthing%s", path);
	(void)curl_easy_setopt(call->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(call->easy, CURLOPT_UNIX_SOCKET_PATH, api->socket);
	(void)curl_easy_setopt(call->easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, api->headers);
	(void)curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
	(void)curl_easy_setopt(call->easy, CURLOPT_TIMEOUT, (long)seconds);
	(void)curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	(void)curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	if (call->sent)
		(void)curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->sent);
	call->next = api->first;
	api->first = call;
	(void)curl_multi_add_handle(api->multi, call->easy);
}
