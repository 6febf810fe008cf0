/* SPDX-License-Identifier: Apache-2.0 */
/* api - building a{sv} answers. All return 0 or more, or a negative errno. */
#ifndef PALETTE_API_H
#define PALETTE_API_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"

int api_string(sd_bus_message *m, const char *key, const char *value);
int api_bool(sd_bus_message *m, const char *key, bool value);
int api_u32(sd_bus_message *m, const char *key, uint32_t value);
int api_u64(sd_bus_message *m, const char *key, uint64_t value);
/* @n strings, one every @stride bytes from @first: for arrays of char arrays. */
int api_strings(sd_bus_message *m, const char *key, const char *first, size_t stride, size_t n);

/* A reply to @m with an open dictionary. */
int api_dict_begin(sd_bus_message *m, sd_bus_message **ret);

/* Closes and sends it where @result is good. */
int api_dict_send(sd_bus_message *reply, int result);

/*
 * Begins a method that answers at once: reads the session, admits the caller and opens an array of
 * @type in a reply to @m. 0; or what the method returns, and then *@ret is NULL.
 */
int api_list_begin(sd_bus_message *m, void *hostd, const char *type, sd_bus_message **ret);

/* A reply of @m with an array of strings, as api_strings(). */
int api_send_strings(sd_bus_message *m, const char *first, size_t stride, size_t n);

#endif
