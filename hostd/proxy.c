/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "refuse.h"

#define RECORD	   "/etc/palette/proxy.conf"
#define UNFINISHED "/etc/palette/proxy.unfinished" /* where a factory reset keeps it too */
#define CA_DIR	   "/usr/local/share/ca-certificates"
#define CA_BUNDLE  "/etc/ssl/certs/ca-certificates.crt"
#define CA_PREFIX  "palette-proxy-"
#define PEM_END	   "-----END CERTIFICATE-----"

const char *proxy_state_name(enum proxy_state state)
{
	static const char *const names[] = {
		[PROXY_NOT_CONFIGURED] = "Not Configured",
		[PROXY_IN_PROGRESS] = "In Progress",
		[PROXY_CONFIGURED] = "Configured",
		[PROXY_FAILED] = "Failed",
	};

	return names[state];
}

int proxy_stored(const struct site *site, struct proxy_settings *ret, struct fail *why)
{
	autofree char *text = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = site_read(site, RECORD, &text, why);
	return r < 0 ? r : proxy_read(text, ret, why);
}

int proxy_store(const struct site *site, const struct proxy_settings *proxy, struct fail *why)
{
	autofree char *text = NULL;
	int r;

	if (proxy_is_empty(proxy))
		return site_remove(site, RECORD, why);
	text = proxy_record(proxy);
	if (!text)
		return fail_errno(why, ENOMEM, "store the proxy");
	/* An endpoint may have a password in it. */
	r = site_write_changed(site, RECORD, text, strlen(text), 0600, why);
	return r;
}

/*
 * openssl takes the certificate apart, says whether it has run out, and for one that is its own
 * trust anchor whether it is valid already.
 */
static int check_one(const char *pem, size_t bytes, unsigned number, struct fail *why)
{
	static const char *const parse[] = { "openssl", "x509", "-noout", NULL };
	static const char *const ends[] = { "openssl", "x509", "-noout", "-checkend", "0", NULL };
	static const char *const date[] = { "openssl", "x509", "-noout", "-dates", NULL };
	static const char *const verify[] = { "openssl",  "verify",	"-partial_chain",
					      "-trusted", "/dev/stdin", "/dev/stdin",
					      NULL };
	char when[256] = "", said[1024] = "";
	struct fail ours = { 0 };

	if (proc_run_input(parse, pem, bytes, NULL, 0, &ours) < 0)
		return refuse(why, FIELD_CA, NULL, "certificate %u is no X.509 certificate",
			      number);
	(void)proc_run_input(date, pem, bytes, when, sizeof(when), &ours);
	for (char *p = when; (p = strchr(p, '\n')) != NULL;)
		*p = p[1] ? ' ' : '\0';
	if (proc_run_input(ends, pem, bytes, NULL, 0, &ours) < 0)
		return refuse(why, FIELD_CA, NULL, "certificate %u has run out (%s)", number, when);
	(void)proc_run_input(verify, pem, bytes, said, sizeof(said), &ours);
	if (strstr(said, "not yet valid"))
		return refuse(why, FIELD_CA, NULL, "certificate %u is not valid yet (%s)", number,
			      when);
	return 0;
}

int proxy_check_certificates(const struct proxy_settings *proxy, struct fail *why)
{
	unsigned number = 1;

	for (size_t i = 0; i < proxy->n_ca; i++) {
		const char *p = proxy->ca[i];

		/* One entry may be a chain. */
		for (const char *end; (end = strstr(p, PEM_END)) != NULL; number++) {
			size_t bytes = (size_t)(end - p) + strlen(PEM_END);
			int r = check_one(p, bytes, number, why);

			if (r < 0)
				return r;
			p += bytes;
		}
	}
	return 0;
}

/* An apply that runs, or that was cut or failed: then nobody knows what its files came to. */
struct apply {
	const struct site *site;
	bool marked; /* UNFINISHED is there */
};

static int mark(struct apply *apply, struct fail *why)
{
	int r = apply->marked ? 0 : site_write(apply->site, UNFINISHED, "", 0, 0644, why);

	apply->marked = r == 0;
	return r;
}

/* @text NULL: it is not to be there. 1: it was changed. */
static int put_file(struct apply *apply, const char *path, const char *text, struct fail *why)
{
	const struct site *site = apply->site;
	autofree char *now = NULL;
	int r;

	if (text) {
		r = site_read(site, path, &now, why);
		if (r < 0 || strcmp(now, text) == 0)
			return r;
	} else if (access(site_path(site, path).s, F_OK) < 0) {
		return 0;
	}
	r = mark(apply, why);
	if (r < 0)
		return r;
	r = text ? site_write(site, path, text, strlen(text), 0644, why)
		 : site_remove(site, path, why);
	return r < 0 ? r : 1;
}

/* Debian's own state of a file of ours is that it is not there, or empty. */
static int write_files(struct apply *apply, const struct proxy_settings *proxy, struct fail *why)
{
	bool none = !proxy->http[0] && !proxy->https[0];

	for (int i = 0; i < PROXY_FILES; i++) {
		autofree char *text = proxy_file_text(proxy, (enum proxy_file)i);
		char path[128];
		int r;

		if (!text)
			return fail_errno(why, ENOMEM, "set up the proxy");
		snprintf(path, sizeof(path), "/etc/%s", proxy_file_paths[i]);
		r = put_file(apply, path, none && *text ? NULL : text, why);
		if (r < 0)
			return r;
	}
	return 0;
}

static int remove_other_certificates(struct apply *apply, size_t n_ca, bool *changed,
				     struct fail *why)
{
	autoclosedir DIR *dir = opendir(site_path(apply->site, CA_DIR).s);
	struct dirent *entry;
	int r = 0;

	while (r >= 0 && dir && (entry = readdir(dir)) != NULL) {
		char path[320];

		if (strncmp(entry->d_name, CA_PREFIX, strlen(CA_PREFIX)) != 0 ||
		    strtoul(entry->d_name + strlen(CA_PREFIX), NULL, 10) < n_ca)
			continue;
		snprintf(path, sizeof(path), CA_DIR "/%s", entry->d_name);
		r = put_file(apply, path, NULL, why);
		*changed |= r > 0;
	}
	return r < 0 ? r : 0;
}

/* Without --fresh a certificate that was removed stays in the bundle. */
static int run_update_ca(const struct site *site, struct fail *why)
{
	struct site_path certs = site_path(site, "/usr/share/ca-certificates");
	struct site_path local = site_path(site, CA_DIR);
	struct site_path conf = site_path(site, "/etc/ca-certificates.conf");
	struct site_path etc = site_path(site, "/etc/ssl/certs");
	struct site_path hooks = site_path(site, "/etc/ca-certificates/update.d");
	const char *const own[] = { "update-ca-certificates", "--fresh", NULL };
	const char *const other[] = { "update-ca-certificates",
				      "--certsdir",
				      certs.s,
				      "--localcertsdir",
				      local.s,
				      "--certsconf",
				      conf.s,
				      "--etccertsdir",
				      etc.s,
				      "--hooksdir",
				      hooks.s,
				      NULL };

	int r;

	/* What a cut left is appended to. */
	r = site_remove(site, CA_BUNDLE ".new", why);
	if (r >= 0)
		r = proc_run(*site->root ? other : own, NULL, 0, why);
	/* Its tool does not: after a cut the bundle would be empty, and every certificate refused. */
	return r < 0 ? r : file_flush(site_path(site, CA_BUNDLE).s, why);
}

static int update_trust_store(struct apply *apply, const struct proxy_settings *proxy, bool changed,
			      struct fail *why)
{
	int r;

	for (size_t i = 0; i < proxy->n_ca; i++) {
		char path[128];

		snprintf(path, sizeof(path), CA_DIR "/" CA_PREFIX "%zu.crt", i);
		r = put_file(apply, path, proxy->ca[i], why);
		if (r < 0)
			return r;
		changed |= r > 0;
	}
	r = remove_other_certificates(apply, proxy->n_ca, &changed, why);
	return r < 0 || !changed ? r : run_update_ca(apply->site, why);
}

/* New processes of systemd get the new environment; those that use a proxy are restarted. */
static int restart_services(struct fail *why)
{
	int r = site_call("reload systemd", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
			  "org.freedesktop.systemd1.Manager", "Reload", why, "");

	return r < 0 ? r : site_try_restart_unit("palette-localui.service", why);
}

int proxy_apply(const struct site *site, struct fail *why)
{
	bool unfinished = access(site_path(site, UNFINISHED).s, F_OK) == 0;
	struct apply apply = { .site = site, .marked = unfinished };
	struct proxy_settings proxy;
	int r;

	r = proxy_stored(site, &proxy, why);
	if (r == 0)
		r = write_files(&apply, &proxy, why);
	if (r == 0)
		r = update_trust_store(&apply, &proxy, unfinished, why);
	proxy_done(&proxy);
	if (r < 0 || !apply.marked)
		return r;
	r = restart_services(why);
	if (r == 0)
		r = site_remove(site, UNFINISHED, why);
	return r < 0 ? r : 1;
}
