/* SPDX-License-Identifier: Apache-2.0 */
/* bus - releasing what sd-bus and sd-event give. */
#ifndef PALETTE_BUS_H
#define PALETTE_BUS_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

static inline void cleanup_bus(sd_bus **bus)
{
	sd_bus_flush_close_unref(*bus);
}

static inline void cleanup_bus_message(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}

static inline void cleanup_bus_creds(sd_bus_creds **creds)
{
	sd_bus_creds_unref(*creds);
}

static inline void cleanup_bus_error(sd_bus_error *error)
{
	sd_bus_error_free(error);
}

#define autobus	       __attribute__((cleanup(cleanup_bus)))
#define autobusmessage __attribute__((cleanup(cleanup_bus_message)))
#define autobuscreds   __attribute__((cleanup(cleanup_bus_creds)))
#define autobuserror   __attribute__((cleanup(cleanup_bus_error)))

#endif
