/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - answers and their headers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "lib/log.h"

void headers_common(struct MHD_Response *response)
{
	static const struct {
		const char *name, *value;
	} headers[] = {
		{ "Content-Security-Policy",
		  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
		  "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
		  "form-action 'self'; frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		(void)MHD_add_response_header(response, headers[i].name, headers[i].value);
	if (!MHD_get_response_header(response, "Cache-Control"))
		(void)MHD_add_response_header(response, "Cache-Control", "no-store");
}

struct MHD_Response *response_of_json(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	struct MHD_Response *response = NULL;

	json_decref(json);
	if (text)
		response = MHD_create_response_from_buffer_with_free_callback(strlen(text), text,
									      free);
	if (response)
		(void)MHD_add_response_header(response, "Content-Type", "application/json");
	else
		free(text);
	return response;
}

void answer_json(struct exchange *x, unsigned status, json_t *json)
{
	struct MHD_Response *response = response_of_json(json);

	if (response)
		answer(x, status, response);
	else
		fail_memory(x);
}

void answer_empty(struct exchange *x, unsigned status)
{
	struct MHD_Response *response = MHD_create_response_from_buffer_static(0, "");

	if (response)
		answer(x, status, response);
	else
		fail_memory(x);
}

void answer_cookie(struct MHD_Response *response, const struct server *s, const char *token,
		   uint64_t seconds)
{
	char text[320];

	snprintf(text, sizeof(text),
		 "%s=%s; Path=/; Max-Age=%ju; HttpOnly; Secure; SameSite=Strict", s->cookie, token,
		 (uintmax_t)seconds);
	(void)MHD_add_response_header(response, "Set-Cookie", text);
	explicit_bzero(text, sizeof(text));
}

static json_t *error_json(const struct exchange *x, const struct refusal *refusal,
			  const char *message)
{
	json_t *details = json_object();
	char ref[24];

	snprintf(ref, sizeof(ref), "%ju", (uintmax_t)x->ref);
	if (refusal->field)
		(void)json_object_set_new(details, "field", json_string(refusal->field));
	if (refusal->retry_after_s)
		(void)json_object_set_new(details, "retryAfterSeconds",
					  json_integer(refusal->retry_after_s));
	return json_pack("{s:s, s:s, s:o, s:s}", "code", refusal->code, "message", message,
			 "details", details, "ref", ref);
}

void fail_answer(struct exchange *x, struct refusal refusal, const char *fmt, ...)
{
	struct MHD_Response *response;
	char message[600], seconds[16];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	/* What a body had in it may be in the message; of a server's own failure the log has more. */
	if (refusal.status >= 500)
		log_warn("request %ju: %u %s", (uintmax_t)x->ref, refusal.status, message);
	response = response_of_json(error_json(x, &refusal, message));
	if (!response) {
		fail_memory(x);
		return;
	}
	if (refusal.retry_after_s) {
		snprintf(seconds, sizeof(seconds), "%u", refusal.retry_after_s);
		(void)MHD_add_response_header(response, "Retry-After", seconds);
	}
	if (refusal.allow)
		(void)MHD_add_response_header(response, "Allow", refusal.allow);
	if (refusal.status == 401 && x->by_cookie)
		answer_cookie(response, x->server, "", 0);
	answer(x, refusal.status, response);
}

void fail_bad_request(struct exchange *x, const char *message)
{
	fail_answer(x, (struct refusal){ .status = 400, .code = "BadRequest" }, "%s", message);
}

void fail_not_found(struct exchange *x)
{
	fail_answer(x, (struct refusal){ .status = 404, .code = "NotFound" },
		    "There is no such thing");
}

void fail_memory(struct exchange *x)
{
	/* Static: there may be no memory for anything else. */
	static const char text[] =
		"{\"code\":\"Failed\",\"message\":\"The server is out of memory; "
		"try again\",\"details\":{},\"ref\":\"\"}";
	struct MHD_Response *response =
		MHD_create_response_from_buffer_static(sizeof(text) - 1, text);

	if (!response)
		abort(); /* systemd starts it again */
	(void)MHD_add_response_header(response, "Content-Type", "application/json");
	answer(x, 500, response);
}
