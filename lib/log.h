/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - one line per event, to stderr or a file.
 *
 * For main, screens and PID 1: code below them returns a struct fail instead of logging it. Lines
 * carry the seconds since boot. Never pass a secret.
 */
#ifndef PALETTE_LOG_H
#define PALETTE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above @level are dropped. Initially LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Appends to @path from now on, instead of stderr; NULL: stderr again. 0 or -errno. */
int log_open(const char *path);

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
