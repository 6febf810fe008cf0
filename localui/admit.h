/* SPDX-License-Identifier: Apache-2.0 */
/* admit - what is decided of a request by its head alone. */
#ifndef PALETTE_LOCALUI_ADMIT_H
#define PALETTE_LOCALUI_ADMIT_H

#include "exchange.h"

/*
 * Finds the route and the token and checks method, length, type and where the request comes from.
 * False: it is answered.
 */
bool admit(struct exchange *x, const char *method, const char *url);

#endif
