/* SPDX-License-Identifier: Apache-2.0 */
#include "info.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "encode.h"
#include "keyvalue.h"
#include "lib/cleanup.h"
#include "lib/cmdline.h"
#include "lib/dmi.h"
#include "lib/file.h"
#include "lib/utf8.h"

static void read_dmi(const struct site *site, const char *name, char *buf, size_t size)
{
	size_t n;

	(void)file_read_line(site_pathf(site, "/sys/class/dmi/id/%s", name).s, buf, size);
	/* Erased flash reads as 0xff, and the bus takes no string that is not UTF-8. */
	utf8_clean(buf);
	n = strlen(buf);
	while (n > 0 && buf[n - 1] == ' ')
		buf[--n] = '\0';
	if (dmi_is_filler(buf))
		buf[0] = '\0';
}

/* The value of @key, without quotes around it; "" where there is none. */
static void read_value(const struct site *site, const char *path, const char *key, char *buf,
		       size_t size)
{
	autofree char *text = NULL;
	struct keyvalue kv;

	buf[0] = '\0';
	if (site_read(site, path, &text, NULL) < 0)
		return;
	kv = keyvalue_of(text);
	while (keyvalue_next(&kv)) {
		if (!kv.key || strcmp(kv.key, key) != 0)
			continue;
		kv.value += strspn(kv.value, "\"'");
		snprintf(buf, size, "%.*s", (int)strcspn(kv.value, "\"'"), kv.value);
	}
}

static void sha256(const unsigned char *data, size_t bytes, uint8_t digest[32])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, bytes, data);
	sha256_digest(&ctx, 32, digest);
}

/* "ssh-ed25519 SHA256:..." as ssh-keygen -l shows it. */
static bool ssh_fingerprint(const struct site *site, const char *file, char *buf, size_t size)
{
	autofree char *text = NULL, *coded = NULL;
	autofree unsigned char *blob = NULL;
	uint8_t digest[32];
	char path[300];
	size_t type, n;
	char *data;

	snprintf(path, sizeof(path), "/etc/ssh/%s", file);
	if (site_read(site, path, &text, NULL) < 0)
		return false;
	type = strcspn(text, " ");
	data = text + type + strspn(text + type, " ");
	blob = base64_decode(data, strcspn(data, " \n"), &n);
	if (!blob)
		return false;
	sha256(blob, n, digest);
	coded = base64_encode(digest, sizeof(digest));
	if (!coded)
		return false;
	coded[strcspn(coded, "=")] = '\0';
	snprintf(buf, size, "%.*s SHA256:%s", (int)type, text, coded);
	return true;
}

static void read_ssh(const struct site *site, struct info *ret)
{
	/* In the order ssh prefers them. */
	static const char *const files[SSH_KEYS_MAX] = { "ssh_host_ed25519_key.pub",
							 "ssh_host_ecdsa_key.pub",
							 "ssh_host_rsa_key.pub" };
	char text[16];
	unsigned pid;

	for (size_t i = 0; i < ARRAY_SIZE(files) && files[i]; i++)
		ret->n_ssh_fingerprints += ssh_fingerprint(
			site, files[i], ret->ssh_fingerprints[ret->n_ssh_fingerprints],
			sizeof(ret->ssh_fingerprints[0]));
	(void)file_read_line(site_path(site, "/run/sshd.pid").s, text, sizeof(text));
	ret->ssh_running = keyvalue_number(text, 1, INT_MAX, &pid) &&
			   (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static void read_certificate(const struct site *site, struct info *ret)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	autofree unsigned char *der = NULL;
	autofree char *text = NULL;
	uint8_t digest[32];
	char *at, *end;
	size_t n;

	if (site_read(site, LOCALUI_CERT, &text, NULL) < 0)
		return;
	at = strstr(text, begin);
	end = at ? strstr(at, "-----END") : NULL;
	der = end ? base64_decode(at + strlen(begin), (size_t)(end - at) - strlen(begin), &n)
		  : NULL;
	if (!der)
		return;
	sha256(der, n, digest);
	hex_encode_colons(digest, sizeof(digest), ret->localui_fingerprint);
}

/* palette-init says what it started; Debian's own number is for roots that were not started by it. */
static void read_version(const struct site *site, struct info *ret)
{
	read_value(site, "/run/palette/boot.conf", "version", ret->version, sizeof(ret->version));
	if (!ret->version[0])
		read_value(site, "/etc/os-release", "IMAGE_VERSION", ret->version,
			   sizeof(ret->version));
	if (!ret->version[0])
		read_value(site, "/etc/os-release", "VERSION_ID", ret->version,
			   sizeof(ret->version));
}

static uint64_t boot_time(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return real.tv_sec > boot.tv_sec ? (uint64_t)(real.tv_sec - boot.tv_sec) : 0;
}

static unsigned read_port(const struct site *site, const char *path, const char *key)
{
	char text[16];
	unsigned port;

	read_value(site, path, key, text, sizeof(text));
	return keyvalue_number(text, 1, 65535, &port) ? port : 0;
}

unsigned info_localui_port(const struct site *site)
{
	unsigned port = read_port(site, LOCALUI_CONF, "port");

	return port ? port : LOCALUI_PORT;
}

/* A port of the settings file, and the file of the service that uses it. */
struct port_setting {
	const char *setting, *file, *key;
	const char *owed; /* is there until all that reads the file has read it */
	int (*restart)(struct fail *why);
};

/* What failed, or was cut, is done again at the next start: the file is right by then. */
static int apply_port(const struct site *site, const struct port_setting *port, unsigned now,
		      struct fail *why)
{
	unsigned wanted = read_port(site, SETTINGS_FILE, port->setting);
	bool is_owed = access(site_path(site, port->owed).s, F_OK) == 0;
	char text[64];
	int n, r = 0;

	if (!wanted || (wanted == now && !is_owed))
		return 0;
	n = snprintf(text, sizeof(text), "# From settings.conf.\n%s = %u\n", port->key, wanted);
	if (!is_owed)
		r = site_write(site, port->owed, "", 0, 0600, why);
	if (r == 0)
		r = site_write_changed(site, port->file, text, (size_t)n, 0644, why);
	if (r >= 0)
		r = port->restart(why);
	if (r == 0)
		r = site_remove(site, port->owed, why);
	return r < 0 ? r : 0;
}

/* A reload has the Local UI read its certificate alone. */
static int restart_localui(struct fail *why)
{
	int r = site_restart_unit("palette-firewall.service", why);

	return r < 0 ? r : site_try_restart_unit("palette-localui.service", why);
}

int info_apply_localui_port(const struct site *site, struct fail *why)
{
	static const struct port_setting port = { "localui-port", LOCALUI_CONF, "port",
						  "/run/palette-hostd/localui-port-owed",
						  restart_localui };

	return apply_port(site, &port, info_localui_port(site), why);
}

static int restart_linkd(struct fail *why)
{
	return site_try_restart_unit("palette-linkd.service", why);
}

int info_apply_sync_port(const struct site *site, struct fail *why)
{
	static const struct port_setting port = { "sync-port", LINK_CONF, "sync-port",
						  "/run/palette-hostd/sync-port-owed",
						  restart_linkd };

	return apply_port(site, &port, read_port(site, LINK_CONF, "sync-port"), why);
}

void info_read(const struct site *site, struct info *ret)
{
	char line[CMDLINE_BYTES_MAX];

	memset(ret, 0, sizeof(*ret));
	read_dmi(site, "product_uuid", ret->product_uuid, sizeof(ret->product_uuid));
	read_dmi(site, "product_serial", ret->serial, sizeof(ret->serial));
	read_dmi(site, "sys_vendor", ret->vendor, sizeof(ret->vendor));
	read_dmi(site, "product_name", ret->model, sizeof(ret->model));
	read_version(site, ret);
	(void)file_read_line(site_path(site, "/proc/cmdline").s, line, sizeof(line));
	(void)cmdline_get(line, "palette.slot", ret->slot, sizeof(ret->slot));
	read_ssh(site, ret);
	read_certificate(site, ret);
	ret->localui_port = info_localui_port(site);
	(void)file_read_line(site_path(site, COPIED_FROM_FILE).s, ret->copied_from,
			     sizeof(ret->copied_from));
	utf8_clean(ret->copied_from);
	ret->reset_requested = access(site_path(site, RESET_REQUEST_FILE).s, F_OK) == 0;
	ret->boot_time_s = boot_time();
}
