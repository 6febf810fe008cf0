/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy_check - the HTTP proxy's settings: checks, our record, and the files made from it. Pure.
 *
 * Whether a certificate is valid X.509 and within its dates is asked of openssl by proxy.c.
 */
#ifndef PALETTE_PROXY_CHECK_H
#define PALETTE_PROXY_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/fail.h"

#define PROXY_ENDPOINT_BYTES 512
#define PROXY_NO_PROXY_BYTES 2048
#define PROXY_CA_MAX	     16
#define PROXY_CA_BYTES	     65536 /* all certificates, as PEM */

struct proxy_settings {
	char http[PROXY_ENDPOINT_BYTES]; /* "http://host:port"; "" none */
	char https[PROXY_ENDPOINT_BYTES];
	char no_proxy[PROXY_NO_PROXY_BYTES]; /* items with one comma between them */
	char *ca[PROXY_CA_MAX]; /* each the PEM text of one certificate or several; owned */
	size_t n_ca;
};

/* As typed: base64 of PEM, or PEM itself. @ret is set on success only; proxy_done() it. */
int proxy_check(const char *http, const char *https, const char *no_proxy, const char *const ca[],
		size_t n_ca, struct proxy_settings *ret, struct fail *why);

void proxy_done(struct proxy_settings *proxy);

bool proxy_is_empty(const struct proxy_settings *proxy);

/* Our record of it; caller frees. NULL: out of memory. The certificates are one base64 line each. */
char *proxy_record(const struct proxy_settings *proxy);

/* Reads a record; @text is changed. */
int proxy_read(char *text, struct proxy_settings *ret, struct fail *why);

enum proxy_file {
	PROXY_FILE_PROFILE,	/* login shells: /etc/profile.d */
	PROXY_FILE_ENVIRONMENT, /* users' services: /etc/environment.d */
	PROXY_FILE_SYSTEM,	/* the system's services: /etc/systemd/system.conf.d */
	PROXY_FILE_PAM,		/* commands over SSH: /etc/environment, by pam_env */
	PROXY_FILES
};

/* Where it belongs, under /etc. */
extern const char *const proxy_file_paths[PROXY_FILES];

/*
 * The text of one of them; caller frees. NULL: out of memory. The one of PAM is empty where there is no
 * proxy, as Debian has it; the others are to be removed then.
 */
char *proxy_file_text(const struct proxy_settings *proxy, enum proxy_file file);

/* "http://user:***@host:port" for logs and refusals: what stands between '//' and '@' is a secret. */
char *proxy_masked(const char *endpoint, char *buf, size_t size);

#endif
