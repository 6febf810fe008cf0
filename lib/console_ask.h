/* SPDX-License-Identifier: Apache-2.0 */
/* console_ask - asks palette-console for a shell, a login or a repaint (docs/FORMATS.md). */
#ifndef PALETTE_CONSOLE_ASK_H
#define PALETTE_CONSOLE_ASK_H

#include "fail.h"

/* @socket: what PALETTE_CONSOLE_SOCKET says; @request: "shell", "login" or "repaint". */
int console_ask(const char *socket, const char *request, struct fail *why);

#endif
