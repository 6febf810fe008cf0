/* SPDX-License-Identifier: Apache-2.0 */
/* userdata_meta.c - NoCloud's meta-data: the name of the host, and what is not read. */
#include "userdata.h"

#include <errno.h>
#include <string.h>

#include "userdata_parts.h"
#include "userdata_tree.h"

struct reading {
	struct userdata data;
	struct userdata_names not_read;
};

static int take_one(const struct userdata_leaf *leaf, void *arg, struct fail *why)
{
	struct reading *in = arg;

	if (!leaf->value || !*leaf->value || strcmp(leaf->path, "instance-id") == 0)
		return 0;
	if (strcmp(leaf->path, "local-hostname") == 0)
		return userdata_add_pair(&in->data, leaf, "hostname", leaf->value, why);
	userdata_names_add(&in->not_read, leaf->path, strcspn(leaf->path, "/"), leaf->lines[0]);
	return 0;
}

int userdata_parse_meta(const char *text, size_t bytes, struct userdata *ret, struct fail *not_read,
			struct fail *why)
{
	struct reading in = { 0 };
	int r = userdata_tree(text, bytes, take_one, &in, why);

	if (r < 0) {
		userdata_done(&in.data);
		return r;
	}
	if (in.not_read.n)
		(void)userdata_names_fail(&in.not_read, ENOTSUP, "not read", not_read);
	*ret = in.data;
	return 0;
}
