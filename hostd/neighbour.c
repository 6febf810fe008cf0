/* SPDX-License-Identifier: Apache-2.0 */
#include "neighbour.h"
#include "lib/utf8.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-varlink.h>

#include "refuse.h"

#define SOCKET	     "/run/systemd/netif/io.systemd.Network"
#define METHOD	     "io.systemd.Network.GetLLDPNeighbors"
#define TIMEOUT_USEC (UINT64_C(5) * 1000 * 1000)
#define FIELD_SHOWN  80
#define autovarlink  __attribute__((cleanup(cleanup_varlink)))
#define autojson     __attribute__((cleanup(cleanup_json)))

static void cleanup_varlink(sd_varlink **link)
{
	sd_varlink_flush_close_unref(*link);
}

static void cleanup_json(sd_json_variant **json)
{
	sd_json_variant_unref(*json);
}

static const char *text_of(sd_json_variant *neighbour, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(neighbour, key);

	return value && sd_json_variant_is_string(value) ? sd_json_variant_string(value) : "";
}

static void describe(sd_json_variant *neighbour, char buf[NEIGHBOUR_BYTES])
{
	const char *name = text_of(neighbour, "SystemName");
	const char *port = text_of(neighbour, "PortID");
	const char *more = text_of(neighbour, "PortDescription");

	if (!*name)
		name = text_of(neighbour, "ChassisID");
	snprintf(buf, NEIGHBOUR_BYTES, "%.*s%s%.*s%s%.*s%s", FIELD_SHOWN, name,
		 *port ? ", port " : "", FIELD_SHOWN, port, *more ? " (" : "", FIELD_SHOWN / 2,
		 more, *more ? ")" : "");
	/* It is a stranger's, may be cut inside a character, and stands in one line. */
	utf8_clean(buf);
	for (char *c = buf; (c = strpbrk(c, "\n\t"));)
		*c = ' ';
}

int neighbour_read(const struct site *site, const char *adapter, char buf[NEIGHBOUR_BYTES],
		   struct fail *why)
{
	sd_json_variant *reply = NULL, *links, *rows;
	autovarlink sd_varlink *link = NULL;
	autojson sd_json_variant *question = NULL;
	const char *error = NULL;
	int r = sd_varlink_connect_address(&link, site_path(site, SOCKET).s);

	buf[0] = '\0';
	if (r >= 0)
		r = sd_varlink_set_relative_timeout(link, TIMEOUT_USEC);
	if (r >= 0)
		r = sd_json_buildo(&question, SD_JSON_BUILD_PAIR_STRING("InterfaceName", adapter));
	if (r >= 0)
		r = sd_varlink_call(link, METHOD, question, &reply, &error);
	if (r < 0)
		return fail_errno(why, -r, "ask systemd-networkd for the neighbour of %s", adapter);
	if (error)
		return fail_with(why, EIO, "ask systemd-networkd for the neighbour of %s: %s",
				 adapter, error);
	links = sd_json_variant_by_key(reply, "Neighbors");
	rows = links && sd_json_variant_elements(links) > 0
		       ? sd_json_variant_by_key(sd_json_variant_by_index(links, 0), "Neighbors")
		       : NULL;
	/* The other end of a cable is one; of several behind a dumb switch the first is shown. */
	if (rows && sd_json_variant_elements(rows) > 0)
		describe(sd_json_variant_by_index(rows, 0), buf);
	return 0;
}
