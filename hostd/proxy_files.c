/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy's record and the files made from it. Pure; the values were checked by proxy_check.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "proxy_check.h"

#define HEAD   "# Written by palette-hostd; changes here are overwritten.\n"
#define ALWAYS "localhost,127.0.0.1,::1"

const char *const proxy_file_paths[PROXY_FILES] = {
	[PROXY_FILE_PROFILE] = "profile.d/palette-proxy.sh",
	[PROXY_FILE_ENVIRONMENT] = "environment.d/10-palette-proxy.conf",
	[PROXY_FILE_SYSTEM] = "systemd/system.conf.d/10-palette-proxy.conf",
	[PROXY_FILE_PAM] = "environment",
};

char *proxy_record(const struct proxy_settings *proxy)
{
	autofree char *text = NULL;
	autofclose FILE *f = NULL;
	size_t bytes;

	f = open_memstream(&text, &bytes);
	if (!f)
		return NULL;
	fprintf(f, HEAD "http = %s\nhttps = %s\nno-proxy = %s\n", proxy->http, proxy->https,
		proxy->no_proxy);
	for (size_t i = 0; i < proxy->n_ca; i++) {
		autofree char *line =
			base64_encode((const unsigned char *)proxy->ca[i], strlen(proxy->ca[i]));

		fprintf(f, "ca = %s\n", line ? line : "");
	}
	/* Only now: closing may move the text. */
	if (fclose(take_ptr(f)) != 0)
		return NULL;
	return take_ptr(text);
}

int proxy_read(char *text, struct proxy_settings *ret, struct fail *why)
{
	const char *http = "", *https = "", *no_proxy = "", *ca[PROXY_CA_MAX];
	struct keyvalue kv = keyvalue_of(text);
	size_t n_ca = 0;

	while (keyvalue_next(&kv)) {
		if (!kv.key)
			return fail_with(why, EINVAL, "line %u of the proxy's settings is damaged",
					 kv.line);
		if (strcmp(kv.key, "http") == 0)
			http = kv.value;
		else if (strcmp(kv.key, "https") == 0)
			https = kv.value;
		else if (strcmp(kv.key, "no-proxy") == 0)
			no_proxy = kv.value;
		else if (strcmp(kv.key, "ca") == 0 && n_ca < PROXY_CA_MAX)
			ca[n_ca++] = kv.value;
	}
	return proxy_check(http, https, no_proxy, ca, n_ca, ret, why);
}

/* '%' starts a specifier in systemd's files. */
static void put_value(FILE *f, enum proxy_file file, const char *value)
{
	for (; *value; value++) {
		if (*value == '%' && file == PROXY_FILE_SYSTEM)
			fputc('%', f);
		fputc(*value, f);
	}
}

static void put_variable(FILE *f, enum proxy_file file, const char *name, const char *prefix,
			 const char *value)
{
	if (file == PROXY_FILE_SYSTEM)
		fprintf(f, " \"%s=%s", name, prefix);
	else if (file == PROXY_FILE_PROFILE)
		fprintf(f, "export %s='%s", name, prefix);
	else
		fprintf(f, "%s=%s", name, prefix);
	put_value(f, file, value);
	fputs(file == PROXY_FILE_SYSTEM ? "\"" : file == PROXY_FILE_PROFILE ? "'\n" : "\n", f);
}

/* Programs read one spelling or the other: curl takes http_proxy in lower case only. */
static void put_both(FILE *f, enum proxy_file file, const char *lower, const char *upper,
		     const char *prefix, const char *value)
{
	put_variable(f, file, lower, prefix, value);
	put_variable(f, file, upper, prefix, value);
}

char *proxy_file_text(const struct proxy_settings *proxy, enum proxy_file file)
{
	autofree char *text = NULL;
	autofclose FILE *f = NULL;
	size_t bytes;

	f = open_memstream(&text, &bytes);
	if (!f)
		return NULL;
	if (file != PROXY_FILE_PAM || proxy->http[0] || proxy->https[0])
		fputs(HEAD, f);
	if (file == PROXY_FILE_SYSTEM)
		fputs("[Manager]\nDefaultEnvironment=", f);
	if (proxy->http[0])
		put_both(f, file, "http_proxy", "HTTP_PROXY", "", proxy->http);
	if (proxy->https[0])
		put_both(f, file, "https_proxy", "HTTPS_PROXY", "", proxy->https);
	if (proxy->http[0] || proxy->https[0])
		put_both(f, file, "no_proxy", "NO_PROXY", proxy->no_proxy[0] ? ALWAYS "," : ALWAYS,
			 proxy->no_proxy);
	if (file == PROXY_FILE_SYSTEM)
		fputc('\n', f);
	/* Only now: closing may move the text. */
	if (fclose(take_ptr(f)) != 0)
		return NULL;
	return take_ptr(text);
}
