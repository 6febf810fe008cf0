/* SPDX-License-Identifier: Apache-2.0 */
#include "guestinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "answers.h"
#include "hostd/encode.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/proc.h"
#include "manifest.h"
#include "medium.h"

#define OS_DIR	   "/run/palette/os"
#define TEXT_BYTES (2 * ANSWERS_BYTES_MAX) /* base64 of the largest text, and more */

/* The value of guestinfo.@name into @buf; "" where there is none. */
static int ask_tool(const char *name, char *buf, size_t size, struct fail *why)
{
	autofree char *question = xasprintf("info-get guestinfo.%s", name);
	const char *const argv[] = { "chroot", OS_DIR, "/usr/bin/vmware-rpctool", question, NULL };
	int status, r = proc_run_answer(argv, &status, buf, size, why);

	if (r < 0)
		return r;
	/* "No value found", or no hypervisor that answers: the tool's words are all there is. */
	if (status != 0) {
		log_info("guestinfo.%s: none (%d: %.80s)", name, status, buf);
		buf[0] = '\0';
	}
	return 0;
}

static int ask_file(const char *root, const char *name, char *buf, size_t size)
{
	autofree char *path = xasprintf("%s/guestinfo/%s", root, name);
	autofree char *text = NULL;

	buf[0] = '\0';
	/* More than fits is cut, as the tool's words are: guestinfo_read() sees to it. */
	if (file_read(path, 2 * size, &text, NULL, NULL) == 0)
		snprintf(buf, size, "%s", text);
	return 0;
}

static int mount_os(const char *source, struct fail *why)
{
	autofree char *image = xasprintf("%s/" MANIFEST_OS, source);
	const char *const loop[] = { "modprobe", "loop", NULL };
	const char *const argv[] = { "mount", "-t",   "squashfs", "-o", "ro,loop,nosuid,nodev",
				     image,   OS_DIR, NULL };

	(void)mkdir(OS_DIR, 0700);
	(void)proc_run(loop, NULL, 0, NULL);
	return proc_run(argv, NULL, 0, why);
}

/*
 * The tool is run from the OS image, as root and before anything else is taken of the medium. Where the
 * installer has a key, the image must be what the key's owner has signed; without one a digest would
 * prove nothing.
 */
static int check_os(const struct probe_options *probe, struct fail *why)
{
	struct meter meter = { 0 };
	struct manifest manifest;
	struct medium medium = { .source = probe->source, .manifest = &manifest, .meter = &meter };
	int r = medium_open(probe, &manifest, why);

	return r < 0 || !manifest.signed_by[0] ? r : medium_check_file(&medium, MANIFEST_OS, why);
}

static int ask_both(const struct probe_options *probe, char *text, char *encoding, size_t size,
		    struct fail *why)
{
	const char *const argv[] = { "umount", "-d", OS_DIR, NULL };
	int r = check_os(probe, why);

	if (r < 0)
		return r;
	if (strcmp(probe->root, "/") != 0) {
		(void)ask_file(probe->root, "userdata", text, TEXT_BYTES);
		return ask_file(probe->root, "userdata.encoding", encoding, size);
	}
	r = mount_os(probe->source, why);
	if (r < 0)
		return r;
	r = ask_tool("userdata", text, TEXT_BYTES, why);
	encoding[0] = '\0';
	if (r == 0 && text[0])
		r = ask_tool("userdata.encoding", encoding, size, why);
	(void)proc_run(argv, NULL, 0, NULL);
	return r;
}

static int check_size(const char *what, size_t bytes, struct fail *why)
{
	if (bytes < TEXT_BYTES - 1)
		return 0;
	return fail_with(why, EFBIG, "%s has more than %zu bytes", what, (size_t)TEXT_BYTES - 2);
}

static int gunzip(const unsigned char *data, size_t n, char *text, size_t *bytes, struct fail *why)
{
	const char *const argv[] = { "gunzip", "-c", NULL };
	int r;

	/* A NUL in it does not end it: what is behind one must not be passed over. */
	memset(text, 0, TEXT_BYTES);
	r = proc_run_input(argv, data, n, text, TEXT_BYTES, why);
	*bytes = TEXT_BYTES;
	while (*bytes > 0 && !text[*bytes - 1])
		(*bytes)--;
	return r < 0 ? r : check_size("what is unpacked of it", *bytes, why);
}

/* @text becomes what it stands for. */
static int decode(const char *encoding, char *text, size_t *bytes, struct fail *why)
{
	static const char *const base64[] = { "base64", "b64", "gzip+base64", "gz+b64" };
	autofree unsigned char *data = NULL;
	size_t n = 0, kind = 0;

	*bytes = strlen(text);
	if (!encoding[0])
		return 0;
	while (kind < ARRAY_SIZE(base64) && strcmp(encoding, base64[kind]) != 0)
		kind++;
	if (kind == ARRAY_SIZE(base64))
		return fail_with(why, EINVAL,
				 "its encoding \"%.40s\" is none of base64 and gzip+base64",
				 encoding);
	data = base64_decode(text, *bytes, &n);
	if (!data)
		return fail_with(why, EINVAL, "it is not base64, as its encoding says");
	if (kind >= 2)
		return gunzip(data, n, text, bytes, why);
	memcpy(text, data, n);
	text[n] = '\0';
	*bytes = n;
	return 0;
}

int guestinfo_read(const struct probe_options *probe, const struct machine *machine, char **ret,
		   size_t *ret_bytes, struct fail *unasked, struct fail *why)
{
	autofree char *text = xcalloc(1, TEXT_BYTES);
	char encoding[64] = "";
	int r;

	*unasked = (struct fail){ 0 };
	if (strncmp(machine->vendor, "VMware", 6) != 0 || !probe->source)
		return 0;
	/* Not a reason to refuse: most machines have none, and a person may be waiting. */
	if (ask_both(probe, text, encoding, sizeof(encoding), unasked) < 0)
		(void)fail_wrap(unasked, "guestinfo.userdata cannot be asked for");
	if (!text[0])
		return 0;
	encoding[strcspn(encoding, "\r\n")] = '\0';
	r = check_size("it", strlen(text), why);
	if (r == 0)
		r = decode(encoding, text, ret_bytes, why);
	if (r < 0)
		return why ? fail_wrap(why, "guestinfo.userdata") : r;
	*ret = take_ptr(text);
	return 1;
}
