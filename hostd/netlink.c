/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ethtool.h"
#include "lib/cleanup.h"

#define BUF_BYTES 32768

static void cleanup_socket(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
}

#define autosocket __attribute__((cleanup(cleanup_socket)))

static struct link *by_index(struct links *links, int index)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->rows[i].index == index)
			return &links->rows[i];
	return NULL;
}

static void mac_text(const struct nlattr *attr, char *buf, size_t size)
{
	const unsigned char *m = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) == 6)
		snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
			 m[5]);
}

static int on_vlan_data(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_VLAN_ID)
		link->vlan = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int on_link_info(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		snprintf(link->kind, sizeof(link->kind), "%s", mnl_attr_get_str(attr));
	else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && strcmp(link->kind, "vlan") == 0)
		mnl_attr_parse_nested(attr, on_vlan_data, link);
	return MNL_CB_OK;
}

static int on_link_attribute(const struct nlattr *attr, void *arg)
{
	struct link *link = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		snprintf(link->name, sizeof(link->name), "%s", mnl_attr_get_str(attr));
		break;
	case IFLA_ADDRESS:
		if (!link->mac[0])
			mac_text(attr, link->mac, sizeof(link->mac));
		break;
	case IFLA_PERM_ADDRESS:
		mac_text(attr, link->mac, sizeof(link->mac));
		break;
	case IFLA_MTU:
		link->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_MIN_MTU:
		link->mtu_min = mnl_attr_get_u32(attr);
		break;
	case IFLA_MAX_MTU:
		link->mtu_max = mnl_attr_get_u32(attr);
		break;
	case IFLA_CARRIER:
		link->carrier = mnl_attr_get_u8(attr) != 0;
		break;
	case IFLA_MASTER:
		link->enslaved = true;
		break;
	case IFLA_LINK:
		link->parent = (int)mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, on_link_info, link);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct links *links = arg;
	struct link *link = &links->rows[links->n];

	if (links->n == LINKS_MAX)
		return MNL_CB_OK;
	memset(link, 0, sizeof(*link));
	link->index = info->ifi_index;
	link->ethernet = info->ifi_type == ARPHRD_ETHER && !(info->ifi_flags & IFF_LOOPBACK);
	link->up = info->ifi_flags & IFF_UP;
	mnl_attr_parse(nlh, sizeof(*info), on_link_attribute, link);
	if (link->name[0])
		links->n++;
	return MNL_CB_OK;
}

struct address_attributes {
	const void *address;
	size_t bytes;
	uint32_t valid_s;
};

static int on_address_attribute(const struct nlattr *attr, void *arg)
{
	struct address_attributes *found = arg;
	const struct ifa_cacheinfo *cache;

	switch (mnl_attr_get_type(attr)) {
	case IFA_LOCAL: /* on a point-to-point link IFA_ADDRESS is the other end */
	case IFA_ADDRESS:
		if (found->address && mnl_attr_get_type(attr) == IFA_ADDRESS)
			break;
		found->address = mnl_attr_get_payload(attr);
		found->bytes = mnl_attr_get_payload_len(attr);
		break;
	case IFA_CACHEINFO:
		cache = mnl_attr_get_payload(attr);
		if (mnl_attr_get_payload_len(attr) >= sizeof(*cache))
			found->valid_s = cache->ifa_valid == UINT32_MAX ? 0 : cache->ifa_valid;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_address(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
	struct link *link = by_index(arg, (int)info->ifa_index);
	struct address_attributes found = { 0 };
	struct link_address *address;
	char text[INET6_ADDRSTRLEN];

	mnl_attr_parse(nlh, sizeof(*info), on_address_attribute, &found);
	if (!link || link->n_addresses == LINK_ADDRESSES_MAX || !found.address ||
	    found.bytes != (info->ifa_family == AF_INET ? 4 : 16) ||
	    !inet_ntop(info->ifa_family, found.address, text, sizeof(text)))
		return MNL_CB_OK;
	address = &link->addresses[link->n_addresses++];
	*address = (struct link_address){ .family = info->ifa_family, .valid_s = found.valid_s };
	snprintf(address->text, sizeof(address->text), "%s/%u", text, info->ifa_prefixlen);
	if (info->ifa_family == AF_INET) {
		memcpy(&address->ipv4, found.address, 4);
		address->ipv4 = ntohl(address->ipv4);
	}
	return MNL_CB_OK;
}

struct route_attributes {
	char gateway[64];
	int index;
	uint32_t metric;
};

static int on_route_attribute(const struct nlattr *attr, void *arg)
{
	struct route_attributes *route = arg;

	if (mnl_attr_get_type(attr) == RTA_GATEWAY && mnl_attr_get_payload_len(attr) == 4)
		inet_ntop(AF_INET, mnl_attr_get_payload(attr), route->gateway,
			  sizeof(route->gateway));
	else if (mnl_attr_get_type(attr) == RTA_OIF)
		route->index = (int)mnl_attr_get_u32(attr);
	else if (mnl_attr_get_type(attr) == RTA_PRIORITY)
		route->metric = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(nlh);
	struct route_attributes route = { 0 };
	struct link *link;

	if (info->rtm_dst_len != 0 || info->rtm_table != RT_TABLE_MAIN ||
	    info->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*info), on_route_attribute, &route);
	link = by_index(arg, route.index);
	if (link && route.gateway[0] && (!link->gateway[0] || route.metric < link->metric)) {
		memcpy(link->gateway, route.gateway, sizeof(link->gateway));
		link->metric = route.metric;
	}
	return MNL_CB_OK;
}

/* Sends @nlh and hands each answer to @on_message. 0 or -errno. */
static int talk(struct mnl_socket *nl, struct nlmsghdr *nlh, mnl_cb_t on_message, void *arg)
{
	char buf[BUF_BYTES];
	ssize_t n;
	int r = 1;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (r > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = mnl_cb_run(buf, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(nl),
			       on_message, arg);
	}
	return r < 0 ? -errno : 0;
}

static int dump(struct mnl_socket *nl, uint16_t type, int family, size_t header_bytes,
		mnl_cb_t on_message, void *arg)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	unsigned char *header;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = type;
	header = mnl_nlmsg_put_extra_header(nlh, header_bytes);
	header[0] = (unsigned char)family; /* the first byte of all three headers */
	return talk(nl, nlh, on_message, arg);
}

/* IPv4 before IPv6, else the kernel's order. */
static void sort_addresses(struct link *link)
{
	struct link_address sorted[LINK_ADDRESSES_MAX];
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < link->n_addresses; i++)
			if ((link->addresses[i].family == AF_INET) == (pass == 0))
				sorted[n++] = link->addresses[i];
	memcpy(link->addresses, sorted, n * sizeof(sorted[0]));
}

static struct mnl_socket *open_socket(unsigned groups, struct fail *why)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (nl && mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID) < 0) {
		fail_errno(why, errno, "bind a netlink socket");
		mnl_socket_close(nl);
		return NULL;
	}
	if (!nl)
		fail_errno(why, errno, "open a netlink socket");
	return nl;
}

int links_read(struct links *ret, struct fail *why)
{
	autosocket struct mnl_socket *nl = open_socket(0, why);
	int r;

	ret->n = 0;
	if (!nl)
		return -EIO;
	r = dump(nl, RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), on_link, ret);
	if (r == 0)
		r = dump(nl, RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg), on_address, ret);
	if (r == 0)
		r = dump(nl, RTM_GETROUTE, AF_INET, sizeof(struct rtmsg), on_route, ret);
	if (r < 0)
		return fail_errno(why, -r, "list the network adapters");
	for (size_t i = 0; i < ret->n; i++) {
		sort_addresses(&ret->rows[i]);
		ethtool_read(&ret->rows[i]);
	}
	return 0;
}

const struct link *links_find(const struct links *links, const char *name)
{
	for (size_t i = 0; i < links->n; i++)
		if (strcmp(links->rows[i].name, name) == 0)
			return &links->rows[i];
	return NULL;
}

/*
 * udev renames adapters while a machine starts: settings of "eth1" would be nobody's a moment later.
 * Its record of a device is there when it is through with it. No udev: names stay.
 */
static bool named_for_good(const struct link *link)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/udev/data/n%d", link->index);
	return access(path, F_OK) == 0 || access("/run/udev/data", F_OK) != 0;
}

bool link_is_adapter(const struct link *link, const char *also_kind)
{
	if (!link->ethernet || link->enslaved)
		return false;
	/* In the tests' network namespaces there is no udev, whatever this machine has. */
	if (!*also_kind && !named_for_good(link))
		return false;
	return !link->kind[0] || (*also_kind && strcmp(link->kind, also_kind) == 0);
}

int netlink_watch(struct fail *why)
{
	struct mnl_socket *nl = open_socket(
		RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE, why);
	int fd;

	if (!nl)
		return -EIO;
	fd = fcntl(mnl_socket_get_fd(nl), F_DUPFD_CLOEXEC, 3);
	mnl_socket_close(nl);
	return fd < 0 ? fail_errno(why, errno, "watch the network adapters") : fd;
}

bool netlink_drain(int fd)
{
	char buf[BUF_BYTES];
	bool any = false;

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		/* ENOBUFS: there was more than the socket holds, so there is news all the more. */
		if (n <= 0 && !(n < 0 && errno == ENOBUFS))
			return any;
		any = true;
	}
}

int link_delete(const char *name, struct fail *why)
{
	autosocket struct mnl_socket *nl = open_socket(0, why);
	struct ifinfomsg *info;
	struct nlmsghdr *nlh;
	char buf[256];
	int r;

	if (!nl)
		return -EIO;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_DELLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	r = talk(nl, nlh, NULL, NULL);
	return r < 0 && r != -ENODEV ? fail_errno(why, -r, "remove %s", name) : 0;
}
