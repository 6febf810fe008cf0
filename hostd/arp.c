/* SPDX-License-Identifier: Apache-2.0 */
#include "arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/monotonic.h"

#define PROBES	     3
#define TAG_BYTES    4
#define FRAME_MAX    2048
#define VLAN_ID_MASK 0x0fff

/* A request for the address from nobody (sender 0.0.0.0), so that no cache learns it. */
static size_t make_probe(const struct arp_probe *probe, const uint8_t own[6], uint8_t *frame)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, ARPOP_REQUEST };
	uint32_t target = htonl(probe->address);
	uint8_t *p = frame;

	memset(p, 0xff, 6);
	memcpy(p + 6, own, 6);
	p += 12;
	if (probe->vlan) {
		const uint8_t tag[TAG_BYTES] = { 0x81, 0, (uint8_t)(probe->vlan >> 8),
						 (uint8_t)probe->vlan };

		memcpy(p, tag, TAG_BYTES);
		p += TAG_BYTES;
	}
	*p++ = ETHERTYPE_ARP >> 8;
	*p++ = ETHERTYPE_ARP & 0xff;
	memcpy(p, head, 8);
	memcpy(p + 8, own, 6);
	memset(p + 14, 0, 10); /* sender 0.0.0.0, target MAC unknown */
	memcpy(p + 24, &target, 4);
	p += 28;
	/* The shortest frame of Ethernet. */
	while (p - frame < 60)
		*p++ = 0;
	return (size_t)(p - frame);
}

/* The ARP packet in @frame when it came with our tag; the kernel may have taken the tag out. */
static const uint8_t *find_arp(const uint8_t *frame, size_t n, unsigned tag, unsigned vlan)
{
	size_t at = 12;

	if (n < 14 + 28)
		return NULL;
	if (frame[at] == 0x81 && frame[at + 1] == 0) {
		tag = ((unsigned)frame[at + 2] << 8 | frame[at + 3]) & VLAN_ID_MASK;
		at += TAG_BYTES;
	}
	if (tag != vlan || n < at + 2 + 28)
		return NULL;
	return frame[at] == ETHERTYPE_ARP >> 8 && frame[at + 1] == (ETHERTYPE_ARP & 0xff)
		       ? frame + at + 2
		       : NULL;
}

/* RFC 5227 2.1.1: somebody sends from the address, or probes for it at the same time. */
static bool is_conflict(const uint8_t *arp, uint32_t address, const uint8_t own[6])
{
	static const uint8_t nobody[4] = { 0 };
	uint32_t wanted = htonl(address);

	if (memcmp(arp + 8, own, 6) == 0)
		return false;
	if (memcmp(arp + 14, &wanted, 4) == 0)
		return true;
	return arp[7] == ARPOP_REQUEST && memcmp(arp + 14, nobody, 4) == 0 &&
	       memcmp(arp + 24, &wanted, 4) == 0;
}

/* One frame; its VLAN into @ret_tag where the kernel took it out. */
static ssize_t receive(int fd, uint8_t *frame, unsigned *ret_tag)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov = { .iov_base = frame, .iov_len = FRAME_MAX };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	*ret_tag = 0;
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			*ret_tag = aux.tp_vlan_tci & VLAN_ID_MASK;
	}
	return n;
}

/* Listens until @until_ms. 1: a conflict, @mac has whose. */
static int listen_until(int fd, const struct arp_probe *probe, const uint8_t own[6],
			uint64_t until_ms, char *mac)
{
	for (uint64_t now = monotonic_ms(); now < until_ms; now = monotonic_ms()) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		uint8_t frame[FRAME_MAX];
		const uint8_t *arp;
		unsigned tag;
		ssize_t n;

		if (poll(&wait, 1, (int)(until_ms - now)) <= 0)
			continue;
		n = receive(fd, frame, &tag);
		arp = n < 0 ? NULL : find_arp(frame, (size_t)n, tag, probe->vlan);
		if (!arp || !is_conflict(arp, probe->address, own))
			continue;
		snprintf(mac, 18, "%02x:%02x:%02x:%02x:%02x:%02x", arp[8], arp[9], arp[10], arp[11],
			 arp[12], arp[13]);
		return 1;
	}
	return 0;
}

static int open_packet_socket(const struct arp_probe *probe, uint8_t own[6], struct fail *why)
{
	/* Frames of a VLAN that has no interface yet reach sockets for all protocols only. */
	int protocol = htons(probe->vlan ? ETH_P_ALL : ETH_P_ARP), one = 1;
	autoclose int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct packet_mreq all = { .mr_type = PACKET_MR_PROMISC };
	struct ifreq request = { 0 };

	if (fd < 0)
		return fail_errno(why, errno, "open a packet socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", probe->adapter);
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return fail_errno(why, errno, "read the MAC of %s", probe->adapter);
	memcpy(own, request.ifr_hwaddr.sa_data, 6);
	address.sll_protocol = (unsigned short)protocol;
	address.sll_ifindex = (int)if_nametoindex(probe->adapter);
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(why, errno, "listen on %s", probe->adapter);
	/* Adapters that filter VLANs drop what has the tag of none that was set up. Ends with the socket. */
	all.mr_ifindex = address.sll_ifindex;
	if (probe->vlan && setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0)
		return fail_errno(why, errno, "listen on %s for all VLANs", probe->adapter);
	return take_fd(&fd);
}

/* What the kernel says to a frame for a link that is down, without carrier, or gone. */
static bool is_unplugged(int code)
{
	return code == ENETDOWN || code == ENETUNREACH || code == ENXIO || code == ENOBUFS;
}

int arp_is_taken(const struct arp_probe *probe, char *mac, struct fail *why)
{
	uint8_t own[6], frame[64 + TAG_BYTES];
	autoclose int fd = open_packet_socket(probe, own, why);
	size_t bytes;

	mac[0] = '\0';
	if (fd < 0)
		return fd;
	bytes = make_probe(probe, own, frame);
	for (int i = 0; i < PROBES; i++) {
		if (send(fd, frame, bytes, 0) < 0 && !is_unplugged(errno))
			return fail_errno(why, errno, "ask on %s who has the address",
					  probe->adapter);
		if (listen_until(fd, probe, own, monotonic_ms() + probe->interval_ms, mac))
			return 1;
	}
	return 0;
}
