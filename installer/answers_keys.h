/* SPDX-License-Identifier: Apache-2.0 */
/* answers_keys - the keys of the installation itself and what each may be set to. Pure. */
#ifndef PALETTE_ANSWERS_KEYS_H
#define PALETTE_ANSWERS_KEYS_H

#include <stdbool.h>

#include "lib/fail.h"

/* -ENOENT without a message: no such key; -EINVAL: the key may not be set to @value. */
int answers_key_check(const char *key, const char *value, struct fail *why);

bool answers_key_is_known(const char *key);

#endif
