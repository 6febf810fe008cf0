/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guestinfo - user-data that vSphere gives a virtual machine: guestinfo.userdata.
 *
 * open-vm-tools' vmware-rpctool asks for it. It is not in the initrd but in the OS image, which is
 * mounted from the medium for the question; on machines that are no VMware's nothing is done.
 */
#ifndef PALETTE_GUESTINFO_H
#define PALETTE_GUESTINFO_H

#include <stddef.h>

#include "lib/fail.h"
#include "probe.h"

/*
 * 1: @ret is the text, decoded by guestinfo.userdata.encoding; caller frees. 0: there is none, or
 * nobody to ask; @unasked: why it could not be asked for on a machine that may have one (else code 0).
 * A failure is one of the encoding. Of a recorded machine, ROOT/guestinfo/userdata and
 * userdata.encoding are what it would say.
 */
int guestinfo_read(const struct probe_options *probe, const struct machine *machine, char **ret,
		   size_t *ret_bytes, struct fail *unasked, struct fail *why);

#endif
