/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "keyvalue.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* The value of "KEY: value" or "KEY=value" in one line of /proc or os-release. NULL: another line. */
static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0)
		return NULL;
	line += n + strspn(line + n, " \t");
	if (*line != ':' && *line != '=')
		return NULL;
	line++;
	return line + strspn(line, " \t\"");
}

static void copy_value(char *buf, size_t size, const char *value)
{
	snprintf(buf, size, "%.*s", (int)strcspn(value, "\"\n"), value);
}

/* Calls @visit for each line. */
static void each_line(const struct site *site, const char *path,
		      void (*visit)(const char *line, struct stats *ret), struct stats *ret)
{
	autofree char *text = NULL;

	if (site_read(site, path, &text, NULL) < 0)
		return;
	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		visit(line, ret);
	}
}

static void memory_line(const char *line, struct stats *ret)
{
	const struct {
		const char *key;
		uint64_t *value;
	} keys[] = { { "MemTotal", &ret->memory_total },
		     { "MemAvailable", &ret->memory_available },
		     { "SwapTotal", &ret->swap_total },
		     { "SwapFree", &ret->swap_free } };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = value_of(line, keys[i].key);

		if (value)
			*keys[i].value = strtoull(value, NULL, 10) * 1024;
	}
}

/* The kernel's list has a paragraph for each logical processor, those of one package together. */
static void cpu_line(const char *line, struct stats *ret)
{
	const char *value;

	if (value_of(line, "processor"))
		ret->cpu_count++;
	value = value_of(line, "model name");
	if (value && !ret->cpu_model[0])
		copy_value(ret->cpu_model, sizeof(ret->cpu_model), value);
}

/* Cores of a package times packages. */
static unsigned count_cores(const struct site *site, unsigned count)
{
	autofree char *text = NULL;
	unsigned packages = 0, cores = 0;
	char *save = NULL;

	if (site_read(site, "/proc/cpuinfo", &text, NULL) < 0)
		return count;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *package = value_of(line, "physical id");
		const char *per = value_of(line, "cpu cores");

		if (package && strtoul(package, NULL, 10) + 1 > packages)
			packages = (unsigned)strtoul(package, NULL, 10) + 1;
		if (per)
			cores = (unsigned)strtoul(per, NULL, 10);
	}
	return cores && packages && cores * packages <= count ? cores * packages : count;
}

/* "cpu  user nice system idle iowait irq softirq steal": idle and waiting for disks is not busy. */
static void read_ticks(const struct site *site, struct stats *ret)
{
	uint64_t t[8] = { 0 };
	char line[256], *at = line + strlen("cpu ");

	(void)file_read_line(site_path(site, "/proc/stat").s, line, sizeof(line));
	if (strncmp(line, "cpu ", strlen("cpu ")) != 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		t[i] = strtoull(at, &at, 10);
		ret->cpu_total += t[i];
	}
	ret->cpu_busy = ret->cpu_total - t[3] - t[4];
}

static void read_load(const struct site *site, struct stats *ret)
{
	char line[128], *at = line;

	(void)file_read_line(site_path(site, "/proc/loadavg").s, line, sizeof(line));
	for (size_t i = 0; i < ARRAY_SIZE(ret->load); i++)
		ret->load[i] = strtod(at, &at);
	(void)file_read_line(site_path(site, "/proc/uptime").s, line, sizeof(line));
	ret->uptime_s = strtoull(line, NULL, 10);
}

static void os_line(const char *line, struct stats *ret)
{
	const char *value = value_of(line, "PRETTY_NAME");

	if (value)
		copy_value(ret->os, sizeof(ret->os), value);
}

static void read_firmware(const struct site *site, struct stats *ret)
{
	bool uefi = access(site_path(site, "/sys/firmware/efi").s, F_OK) == 0;
	autofree char *value = NULL;
	size_t n = 0;

	snprintf(ret->firmware, sizeof(ret->firmware), "%s", uefi ? "UEFI" : "BIOS");
	snprintf(ret->secure_boot, sizeof(ret->secure_boot), "unsupported");
	/* Four bytes of attributes, then the variable's one. */
	if (file_read(site_path(site, SECURE_BOOT).s, 64, &value, &n, NULL) == 0 && n == 5)
		snprintf(ret->secure_boot, sizeof(ret->secure_boot), "%s",
			 value[4] == 1 ? "enabled" : "disabled");
}

/* What the processor says of a hypervisor under it; it says nothing of one that hides. */
static const char *virtualization(void)
{
#if defined(__x86_64__) || defined(__i386__)
	static const struct {
		const char *signature, *name;
	} known[] = { { "KVMKVMKVM", "KVM" },	     { "VMwareVMware", "VMware" },
		      { "Microsoft Hv", "Hyper-V" }, { "TCGTCGTCGTCG", "QEMU" },
		      { "XenVMMXenVMM", "Xen" },     { "VBoxVBoxVBox", "VirtualBox" },
		      { "bhyve bhyve ", "bhyve" },   { "ACRNACRNACRN", "ACRN" } };
	char signature[13] = "";
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1U << 31))
		return "none";
	__cpuid(0x40000000, a, b, c, d);
	memcpy(signature, &b, 4);
	memcpy(signature + 4, &c, 4);
	memcpy(signature + 8, &d, 4);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(signature, known[i].signature) == 0)
			return known[i].name;
	return "other";
#else
	return "unknown";
#endif
}

void stats_read(const struct site *site, struct stats *ret)
{
	struct utsname kernel;

	read_load(site, ret);
	read_ticks(site, ret);
	each_line(site, "/proc/meminfo", memory_line, ret);
	each_line(site, "/proc/cpuinfo", cpu_line, ret);
	ret->cpu_cores = count_cores(site, ret->cpu_count);
	each_line(site, "/etc/os-release", os_line, ret);
	if (uname(&kernel) == 0) {
		snprintf(ret->kernel, sizeof(ret->kernel), "%.95s", kernel.release);
		snprintf(ret->arch, sizeof(ret->arch), "%.31s", kernel.machine);
	}
	read_firmware(site, ret);
	ret->virtualization = virtualization();
	stats_read_disks(site, ret);
	stats_read_gpus(site, ret);
}
