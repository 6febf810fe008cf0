/* SPDX-License-Identifier: Apache-2.0 */
#include "turns.h"

void turns_init(struct turns *turns)
{
	*turns = (struct turns){ .reading = false };
	pthread_mutex_init(&turns->lock, NULL);
	pthread_cond_init(&turns->changed, NULL);
}

void turns_done(struct turns *turns)
{
	pthread_cond_destroy(&turns->changed);
	pthread_mutex_destroy(&turns->lock);
}

static bool may_read(const struct turns *turns, size_t who)
{
	if (turns->reading)
		return false;
	for (size_t i = 0; i < TURNS_MAX; i++)
		if (i != who && turns->of[i].wants && turns->of[i].file < turns->of[who].file)
			return false;
	return true;
}

bool turns_begin(struct turns *turns, size_t who, size_t file)
{
	bool begun;

	pthread_mutex_lock(&turns->lock);
	turns->of[who].wants = true;
	turns->of[who].file = file;
	while (!turns->stopped && !may_read(turns, who))
		pthread_cond_wait(&turns->changed, &turns->lock);
	begun = !turns->stopped;
	turns->reading |= begun;
	pthread_mutex_unlock(&turns->lock);
	return begun;
}

void turns_end(struct turns *turns, size_t who, bool more)
{
	pthread_mutex_lock(&turns->lock);
	turns->reading = false;
	turns->of[who].wants = more;
	pthread_cond_broadcast(&turns->changed);
	pthread_mutex_unlock(&turns->lock);
}

void turns_leave(struct turns *turns, size_t who)
{
	pthread_mutex_lock(&turns->lock);
	turns->of[who].wants = false;
	pthread_cond_broadcast(&turns->changed);
	pthread_mutex_unlock(&turns->lock);
}

void turns_stop(struct turns *turns)
{
	pthread_mutex_lock(&turns->lock);
	turns->stopped = true;
	pthread_cond_broadcast(&turns->changed);
	pthread_mutex_unlock(&turns->lock);
}
