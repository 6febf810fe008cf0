/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host - what the screens ask of palette-hostd (hostd/hostd.xml).
 *
 * Behind it is the bus (host_bus_new), or in the tests a host that is only pretended. No rule is
 * checked here. Each call returns 0 or a negative code of enum host_code; @why is a sentence for a
 * person. A call gets the credentials of this process or, after login, those of its session.
 */
#ifndef PALETTE_TUI_HOST_H
#define PALETTE_TUI_HOST_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define HOST_ADAPTERS_MAX  64
#define HOST_ADDRESSES_MAX 8
#define HOST_TEXT_BYTES	   256 /* of one thing typed or shown */
#define HOST_ERROR_BYTES   500
#define HOST_CHANGE_BYTES  40
#define HOST_LIST_MAX	   8 /* name servers, domains, keys, rules */

/* The codes hostd's errors come back as, negative. Anything else: it failed. */
enum host_code {
	HOST_GONE = ENOTCONN, /* it does not answer: not started yet, or being restarted */
	HOST_REFUSED = EDOM,  /* the input breaks a rule; the message begins with the field */
	HOST_DENIED = EACCES,
	HOST_NO_SESSION = EKEYEXPIRED,
	HOST_BAD_LOGIN = EKEYREJECTED,
	HOST_BLOCKED = EKEYREVOKED,
	HOST_BUSY = EBUSY,
	HOST_EXISTS = EEXIST,
	HOST_NOT_FOUND = ENODEV,
	HOST_FAILED = EIO,
};

/* What host->news() says has changed. */
enum host_news {
	HOST_NEWS_HOST = 1 << 0,
	HOST_NEWS_ADAPTERS = 1 << 1,
	HOST_NEWS_DNS = 1 << 2,
	HOST_NEWS_CHANGE = 1 << 3, /* a change that waited has ended */
	HOST_NEWS_BACK = 1 << 4,   /* it answers again */
	HOST_NEWS_LOST = 1 << 5,   /* it does not answer now; in each answer until it is back */
};
#define HOST_NEWS_ALL                                                                              \
	(HOST_NEWS_HOST | HOST_NEWS_ADAPTERS | HOST_NEWS_DNS | HOST_NEWS_CHANGE | HOST_NEWS_BACK)

struct host_list {
	char items[HOST_LIST_MAX][HOST_TEXT_BYTES];
	size_t n;
};

struct host_public {
	char hostname[HOST_TEXT_BYTES];
	char version[HOST_TEXT_BYTES];
	bool has_account;
	char settings_error
		[HOST_ERROR_BYTES]; /* of the settings file: "settings.conf, line 14: ..." */
};

struct host_info {
	char hostname[HOST_TEXT_BYTES];
	char default_hostname[HOST_TEXT_BYTES];
	char product_uuid[HOST_TEXT_BYTES];
	char serial[HOST_TEXT_BYTES];
	char vendor[HOST_TEXT_BYTES];
	char model[HOST_TEXT_BYTES];
	char version[HOST_TEXT_BYTES];
	char slot[8]; /* "" not started from one */
	char copied_from
		[HOST_TEXT_BYTES]; /* this start made it a copy of that product UUID; "" not */
	struct host_list ssh_fingerprints;
	bool ssh_running;
	uint32_t localui_port;
	char localui_fingerprint[HOST_TEXT_BYTES]; /* "" none yet */
};

/* As typed, and as hostd takes and gives them. */
struct host_settings {
	char mode[16]; /* "dhcp" or "static" */
	char address[HOST_TEXT_BYTES];
	char netmask[HOST_TEXT_BYTES];
	char gateway[HOST_TEXT_BYTES];
	char vlan[HOST_TEXT_BYTES];
	char mtu[HOST_TEXT_BYTES];
};

struct host_adapter {
	char name[32];
	char mac[32];
	char driver[64];
	char link[8]; /* "up", "down", "off" */
	char mode[16];
	uint32_t speed_mbit; /* 0: unknown */
	uint32_t vlan;	     /* 0: none */
	uint32_t mtu, mtu_min, mtu_max;
	char addresses[HOST_ADDRESSES_MAX][64]; /* with prefix */
	size_t n_addresses;
	struct host_list link_local; /* fe80::/10, with prefix; not shown */
	char gateway[64];
	uint64_t lease_s; /* 0: none */
	bool is_default;  /* has the default route */
	struct host_settings settings;
	char pending[HOST_CHANGE_BYTES]; /* the change that waits to be confirmed; "" none */
};

struct host_adapters {
	struct host_adapter items[HOST_ADAPTERS_MAX];
	size_t n;
};

struct host_dns {
	char primary[HOST_TEXT_BYTES];
	char alternate[HOST_TEXT_BYTES];
	char search[2 * HOST_TEXT_BYTES];
	struct host_list servers, domains; /* in force */
	bool by_dhcp;			   /* what is in force came with a lease */
};

struct host_pending {
	char change[HOST_CHANGE_BYTES]; /* "" none waits */
	char adapter[32];
	uint32_t remaining_s;
};

struct host {
	/* Takes in what came since the last call, without waiting; bits of enum host_news. */
	unsigned (*news)(struct host *h);
	int (*facts)(struct host *h, struct host_public *ret, struct fail *why);
	/* The session is kept for the calls that follow, until logout. @origin: "tty1" and the like. */
	int (*login)(struct host *h, const char *user, const char *password, const char *origin,
		     struct fail *why);
	void (*logout)(struct host *h);
	int (*password_rules)(struct host *h, struct host_list *ret, struct fail *why);
	int (*create_account)(struct host *h, const char *user, const char *password,
			      struct fail *why);
	int (*info)(struct host *h, struct host_info *ret, struct fail *why);
	int (*set_hostname)(struct host *h, const char *name, struct fail *why);
	int (*power_off)(struct host *h, struct fail *why);
	int (*adapters)(struct host *h, struct host_adapters *ret, struct fail *why);
	/* @change gets the change's id; "" when it is for good (@confirm_s 0). */
	int (*set_adapter)(struct host *h, const char *name, const struct host_settings *settings,
			   uint32_t confirm_s, char change[HOST_CHANGE_BYTES], struct fail *why);
	/* What the switch on the adapter's cable says of itself; "" where nothing was heard. */
	int (*neighbour)(struct host *h, const char *name, char text[HOST_TEXT_BYTES],
			 struct fail *why);
	/* Returns when the light has blinked for @seconds. */
	int (*blink)(struct host *h, const char *name, uint32_t seconds, struct fail *why);
	int (*confirm)(struct host *h, const char *change, struct fail *why);
	int (*revert)(struct host *h, const char *change, struct fail *why);
	int (*pending)(struct host *h, struct host_pending *ret, struct fail *why);
	int (*dns)(struct host *h, struct host_dns *ret, struct fail *why);
	int (*set_dns)(struct host *h, const char *primary, const char *alternate,
		       const char *search, struct fail *why);
	void (*done)(struct host *h); /* frees it */
};

/* On the system bus. Connects when it is first asked something, and again after a loss. */
struct host *host_bus_new(void);

#endif
