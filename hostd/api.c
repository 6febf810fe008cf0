/* SPDX-License-Identifier: Apache-2.0 */
#include "api.h"

int api_string(sd_bus_message *m, const char *key, const char *value)
{
	return sd_bus_message_append(m, "{sv}", key, "s", value);
}

int api_bool(sd_bus_message *m, const char *key, bool value)
{
	return sd_bus_message_append(m, "{sv}", key, "b", (int)value);
}

int api_u32(sd_bus_message *m, const char *key, uint32_t value)
{
	return sd_bus_message_append(m, "{sv}", key, "u", value);
}

int api_u64(sd_bus_message *m, const char *key, uint64_t value)
{
	return sd_bus_message_append(m, "{sv}", key, "t", value);
}

static int append_strings(sd_bus_message *m, const char *first, size_t stride, size_t n)
{
	int r = sd_bus_message_open_container(m, 'a', "s");

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = sd_bus_message_append(m, "s", first + i * stride);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int api_strings(sd_bus_message *m, const char *key, const char *first, size_t stride, size_t n)
{
	int r = sd_bus_message_open_container(m, 'e', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "as");
	if (r >= 0)
		r = append_strings(m, first, stride, n);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int api_dict_begin(sd_bus_message *m, sd_bus_message **ret)
{
	int r = sd_bus_message_new_method_return(m, ret);

	return r < 0 ? r : sd_bus_message_open_container(*ret, 'a', "{sv}");
}

int api_dict_send(sd_bus_message *reply, int result)
{
	if (result >= 0)
		result = sd_bus_message_close_container(reply);
	return result < 0 ? result : sd_bus_send(NULL, reply, NULL);
}

int api_send_strings(sd_bus_message *m, const char *first, size_t stride, size_t n)
{
	autobusmessage sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(m, &reply);

	if (r >= 0)
		r = append_strings(reply, first, stride, n);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}
