/* SPDX-License-Identifier: Apache-2.0 */
#include "api_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "hostd.h"
#include "lib/cleanup.h"
#include "stats.h"

/* Of a table of strings and a table of numbers, all under their keys. */
struct text_field {
	const char *key, *value;
};

struct number_field {
	const char *key;
	uint64_t value;
};

static int append_texts(sd_bus_message *m, const struct text_field *fields, size_t n)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = api_string(m, fields[i].key, fields[i].value);
	return r;
}

static int append_numbers(sd_bus_message *m, const struct number_field *fields, size_t n)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = api_u64(m, fields[i].key, fields[i].value);
	return r;
}

/* An entry @key whose value is an array of dictionaries; the caller appends them. */
static int open_table(sd_bus_message *m, const char *key)
{
	int r = sd_bus_message_open_container(m, 'e', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "aa{sv}");
	return r < 0 ? r : sd_bus_message_open_container(m, 'a', "a{sv}");
}

static int close_table(sd_bus_message *m)
{
	int r = 0;

	for (int depth = 0; r >= 0 && depth < 3; depth++)
		r = sd_bus_message_close_container(m);
	return r;
}

static int append_partition(sd_bus_message *m, const struct stats_partition *part)
{
	const struct text_field texts[] = { { "name", part->name },
					    { "label", part->label },
					    { "filesystem", part->filesystem },
					    { "mount", part->mount } };
	const struct number_field numbers[] = { { "size", part->size_bytes },
						{ "total", part->total_bytes },
						{ "used", part->used_bytes },
						{ "free", part->free_bytes } };
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	if (r >= 0)
		r = append_texts(m, texts, ARRAY_SIZE(texts));
	if (r >= 0)
		r = append_numbers(m, numbers, ARRAY_SIZE(numbers));
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_disk(sd_bus_message *m, const struct stats_disk *disk)
{
	char path[40];
	const struct text_field texts[] = { { "name", disk->name },
					    { "path", path },
					    { "vendor", disk->vendor },
					    { "model", disk->model },
					    { "serial", disk->serial } };
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	if (r >= 0)
		r = append_texts(m, texts, ARRAY_SIZE(texts));
	if (r >= 0)
		r = api_u64(m, "size", disk->size_bytes);
	if (r >= 0)
		r = api_bool(m, "rotational", disk->rotational);
	if (r >= 0)
		r = api_bool(m, "removable", disk->removable);
	if (r >= 0)
		r = open_table(m, "partitions");
	for (size_t i = 0; r >= 0 && i < disk->n_partitions; i++)
		r = append_partition(m, &disk->partitions[i]);
	if (r >= 0)
		r = close_table(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_gpu(sd_bus_message *m, const struct stats_gpu *gpu)
{
	const struct text_field texts[] = { { "address", gpu->address },
					    { "vendor", gpu->vendor },
					    { "model", gpu->model },
					    { "driver", gpu->driver } };
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	if (r >= 0)
		r = append_texts(m, texts, ARRAY_SIZE(texts));
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_load(sd_bus_message *m, const double load[3])
{
	return sd_bus_message_append(m, "{sv}", "load", "ad", 3, load[0], load[1], load[2]);
}

static int append_facts(sd_bus_message *m, const struct stats *s)
{
	const struct text_field texts[] = { { "arch", s->arch },
					    { "os", s->os },
					    { "kernel", s->kernel },
					    { "firmware", s->firmware },
					    { "secure-boot", s->secure_boot },
					    { "virtualization", s->virtualization },
					    { "cpu-model", s->cpu_model } };
	const struct number_field numbers[] = { { "uptime", s->uptime_s },
						{ "cpu-busy", s->cpu_busy },
						{ "cpu-total", s->cpu_total },
						{ "memory-total", s->memory_total },
						{ "memory-available", s->memory_available },
						{ "swap-total", s->swap_total },
						{ "swap-free", s->swap_free } };
	int r = append_texts(m, texts, ARRAY_SIZE(texts));

	if (r >= 0)
		r = append_numbers(m, numbers, ARRAY_SIZE(numbers));
	if (r >= 0)
		r = api_u32(m, "cpu-count", s->cpu_count);
	if (r >= 0)
		r = api_u32(m, "cpu-cores", s->cpu_cores);
	return r < 0 ? r : append_load(m, s->load);
}

int method_stats(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	autofree struct stats *stats = calloc(1, sizeof(*stats));
	autobusmessage sd_bus_message *reply = NULL;
	const struct hostd *h = userdata;
	int r;

	(void)error;
	if (!stats)
		return -ENOMEM;
	r = api_list_begin(m, userdata, "{sv}", &reply);
	if (!reply)
		return r;
	stats_read(&h->site, stats);
	if (r >= 0)
		r = append_facts(reply, stats);
	if (r >= 0)
		r = open_table(reply, "disks");
	for (size_t i = 0; r >= 0 && i < stats->n_disks; i++)
		r = append_disk(reply, &stats->disks[i]);
	if (r >= 0)
		r = close_table(reply);
	if (r >= 0)
		r = open_table(reply, "gpus");
	for (size_t i = 0; r >= 0 && i < stats->n_gpus; i++)
		r = append_gpu(reply, &stats->gpus[i]);
	if (r >= 0)
		r = close_table(reply);
	return api_dict_send(reply, r);
}
