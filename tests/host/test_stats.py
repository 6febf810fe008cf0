# SPDX-License-Identifier: Apache-2.0
"""Host.Stats, from a recorded /proc and sysfs."""
import os

import pytest
from harness import LOCALUI_UID

CPUINFO = "".join(f"processor\t: {i}\nmodel name\t: Example CPU @ 2.00GHz\nphysical id\t: {i // 4}\n"
                  f"cpu cores\t: 2\n\n" for i in range(8))
MOUNTS = """21 1 254:0 / / ro,relatime - squashfs /dev/dm-0 ro
22 21 8:5 /state/var /var rw,relatime - ext4 /dev/sda5 rw
23 21 8:5 / /data rw,relatime - ext4 /dev/sda5 rw
24 21 8:17 / /mnt/a\\040b rw - vfat /dev/sdb1 rw
25 21 0:22 / /run rw - tmpfs tmpfs rw
"""


@pytest.fixture
def machine(make_host):
    host = make_host
    host.write("proc/loadavg", "0.10 1.25 2.00 1/100 200\n")
    host.write("proc/uptime", "1234.56 99.0\n")
    host.write("proc/stat", "cpu  10 20 30 400 50 6 7 8 0 0\ncpu0 1 1 1 1\n")
    host.write("proc/meminfo", "MemTotal:       2048 kB\nMemFree:  1 kB\nMemAvailable:   1024 kB\nSwapTotal: 0 kB\n")
    host.write("proc/cpuinfo", CPUINFO)
    host.write("proc/self/mountinfo", MOUNTS)
    host.write("etc/os-release", 'PRETTY_NAME="Example OS 13"\nID=x\n')
    disk = "sys/block/sda"
    for path, text in (("size", "2097152"), ("dev", "8:0"), ("removable", "0"), ("queue/rotational", "1"),
                       ("device/vendor", "ATA     "), ("device/model", "BIG DISK  "),
                       ("sda1/partition", "1"), ("sda1/size", "2048"), ("sda1/dev", "8:1"),
                       ("sda3/partition", "3"), ("sda3/size", "8192"), ("sda3/dev", "8:3"),
                       ("sda3/uevent", "PARTN=3\nPARTNAME=palette-system-a\n"), ("sda3/holders/dm-0/dev", "254:0"),
                       ("sda5/partition", "5"), ("sda5/size", "1048576"), ("sda5/dev", "8:5"),
                       ("sda10/partition", "10"), ("sda10/size", "1"), ("sda10/dev", "8:10")):
        host.write(f"{disk}/{path}", text + "\n")
    (host.root / disk / "device/vpd_pg80").write_bytes(b"\0\x80\0\x0c    SERIAL-1  ")
    for name in ("loop0", "sr0", "dm-0", "zram0"):
        host.write(f"sys/block/{name}/size", "2048\n")
    host.write("sys/block/sdc/size", "0\n")
    for path, text in (("class", "0x030000"), ("vendor", "0x15ad"), ("device", "0x0405"),
                       ("modalias", "pci:v0000FFFFd0000FFFFsvx")):
        host.write(f"sys/bus/pci/devices/0000:00:0f.0/{path}", text + "\n")
    os.symlink("../../drivers/vmwgfx", host.root / "sys/bus/pci/devices/0000:00:0f.0/driver")
    host.write("sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n")
    (host.root / "data").mkdir(exist_ok=True)
    host.start()
    return host


def test_load_memory_and_processors(machine):
    facts = machine.call("Host", "Stats", "")
    assert list(facts["load"]) == [0.1, 1.25, 2.0] and facts["uptime"] == 1234
    assert (facts["cpu-busy"], facts["cpu-total"]) == (81, 531)
    assert (facts["memory-total"], facts["memory-available"], facts["swap-total"]) == (2048 * 1024, 1024 * 1024, 0)
    assert (facts["cpu-model"], facts["cpu-count"], facts["cpu-cores"]) == ("Example CPU @ 2.00GHz", 8, 4)
    assert (facts["os"], facts["kernel"], facts["arch"]) == (
        "Example OS 13", os.uname().release, os.uname().machine)
    assert facts["virtualization"]


def test_disks_with_what_is_mounted_of_them(machine):
    disk, = machine.call("Host", "Stats", "")["disks"]
    assert (disk["name"], disk["path"], disk["vendor"], disk["model"], disk["serial"], disk["size"]) == (
        "sda", "/dev/sda", "ATA", "BIG DISK", "SERIAL-1", 1024**3)
    assert disk["rotational"] and not disk["removable"]
    assert [(part["name"], part["label"], part["mount"], part["filesystem"], part["size"])
            for part in disk["partitions"]] == [
        ("sda1", "", "", "", 2048 * 512), ("sda3", "palette-system-a", "/", "squashfs", 8192 * 512),
        ("sda5", "", "/data", "ext4", 2**29), ("sda10", "", "", "", 512)]
    data = disk["partitions"][2]
    fs = os.statvfs(machine.root / "data")
    assert data["total"] == fs.f_blocks * fs.f_frsize
    assert abs(data["used"] - (fs.f_blocks - fs.f_bfree) * fs.f_frsize) < 2**28
    assert disk["partitions"][0]["total"] == 0


def test_gpus(machine):
    gpu, = machine.call("Host", "Stats", "")["gpus"]
    assert (gpu["address"], gpu["vendor"], gpu["model"], gpu["driver"]) == (
        "0000:00:0f.0", "0x15ad", "0x0405", "vmwgfx")


@pytest.mark.parametrize("value, want", [(None, ("BIOS", "unsupported")), (b"\6\0\0\0\1", ("UEFI", "enabled")),
                                         (b"\6\0\0\0\0", ("UEFI", "disabled")), (b"\6", ("UEFI", "unsupported"))])
def test_firmware_and_secure_boot(machine, value, want):
    if value:
        variables = machine.root / "sys/firmware/efi/efivars"
        variables.mkdir(parents=True)
        (variables / "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c").write_bytes(value)
    facts = machine.call("Host", "Stats", "")
    assert (facts["firmware"], facts["secure-boot"]) == want


def test_a_machine_that_tells_nothing_has_an_answer(host):
    facts = host.call("Host", "Stats", "")
    assert facts["disks"] == [] and facts["gpus"] == [] and facts["memory-total"] == 0


def test_stats_need_a_right(host):
    status, text = host.call_as(LOCALUI_UID, "internal.palette.Host1.Host", "Stats", "s", "")
    assert status != 0 and "without a login" in text
