/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "hostd/encode.h"
#include "lib/cleanup.h"

int token_is_hex(const char *text, unsigned digits)
{
	return strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

char *token_encode(const struct token *token)
{
	json_t *json = json_pack("{s:i, s:s, s:i, s:s, s:I, s:s}", "version", TOKEN_VERSION,
				 "address", token->address, "port", (int)token->port, "password",
				 token->password, "expires", (json_int_t)token->expires_s,
				 "certificate", token->certificate);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL, *encoded = NULL;

	if (text) {
		encoded = base64_encode((const unsigned char *)text, strlen(text));
		explicit_bzero(text, strlen(text));
		free(text);
	}
	json_decref(json);
	return encoded;
}

static int damaged(struct fail *why, const char *what)
{
	return fail_with(why, EINVAL,
			 "token: %s; copy it anew from the leader's page, whole, and paste it once",
			 what);
}

static int read_fields(const json_t *json, struct token *ret, struct fail *why)
{
	const char *address = json_string_value(json_object_get(json, "address"));
	const char *password = json_string_value(json_object_get(json, "password"));
	const char *certificate = json_string_value(json_object_get(json, "certificate"));
	json_int_t port = json_integer_value(json_object_get(json, "port"));
	json_int_t expires = json_integer_value(json_object_get(json, "expires"));
	struct in_addr in;

	if (!address || inet_pton(AF_INET, address, &in) != 1 || port < 1 || port > 65535)
		return damaged(why, "it names no leader to link to");
	if (!password || !token_is_hex(password, TOKEN_PASSWORD_BYTES - 1) || !certificate ||
	    !token_is_hex(certificate, TOKEN_ID_BYTES - 1) || expires < 0)
		return damaged(why, "a part of it is missing or damaged");
	snprintf(ret->address, sizeof(ret->address), "%s", address);
	snprintf(ret->password, sizeof(ret->password), "%s", password);
	snprintf(ret->certificate, sizeof(ret->certificate), "%s", certificate);
	ret->port = (unsigned)port;
	ret->expires_s = (uint64_t)expires;
	return 0;
}

int token_decode(const char *text, struct token *ret, struct fail *why)
{
	size_t length = strnlen(text, TOKEN_TEXT_BYTES + 1), bytes = 0;
	autofree unsigned char *plain = NULL;
	json_int_t version;
	json_t *json;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (length == strspn(text, " \t\r\n"))
		return damaged(why, "nothing was pasted");
	if (length > TOKEN_TEXT_BYTES)
		return fail_with(why, EINVAL,
				 "token: it has more than %u characters, which none has; copy it "
				 "anew from the leader's page",
				 TOKEN_TEXT_BYTES);
	plain = base64_decode(text, length, &bytes);
	if (!plain)
		return damaged(why, "this is no Base64 text, or its end is missing");
	json = json_loadb((const char *)plain, bytes, JSON_REJECT_DUPLICATES, NULL);
	explicit_bzero(plain, bytes);
	if (!json_is_object(json)) {
		json_decref(json);
		return damaged(why, "this is no token of a leader");
	}
	version = json_integer_value(json_object_get(json, "version"));
	if (version == TOKEN_VERSION)
		r = read_fields(json, ret, why);
	else
		r = fail_with(why, EPROTO,
			      "token: it has version %lld, this host knows version %d; install "
			      "the same version of Palette Edge on both hosts",
			      (long long)version, TOKEN_VERSION);
	json_decref(json);
	return r;
}
