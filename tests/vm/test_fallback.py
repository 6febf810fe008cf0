"""The other slot boots when one does not reach its goal."""

import esp
import flows


MIB = 1 << 20


def damage_superblock(disk):
    start, _ = esp.partitions(disk)["palette-system-a"]
    esp.flip(disk, start, 4096)


def damage_most(disk, iso):
    """All of slot a but its beginning and its tables: systemd starts, and then reads nothing."""
    start, _ = esp.partitions(disk)["palette-system-a"]
    _, size = esp.payload(iso, "/palette/os.img")
    esp.flip(disk, start + 3 * MIB, (size - 40 * MIB) // 65536, 65536)


def set_goal_within(disk, seconds, work):
    """A shorter time to reach the goal than the 900 s of the product."""
    config = esp.read(disk, "/boot/grub/grub.cfg")
    assert b"palette.goal-within=900" in config
    esp.write(disk, "/boot/grub/grub.cfg",
              config.replace(b"goal-within=900", b"goal-within=%d" % seconds), work)


def test_a_damaged_kernel_is_passed_over_at_once(installed, work, start):
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    kernel = bytearray(esp.read(disk, "/palette/a/vmlinuz"))
    kernel[:1024] = bytes(1024)
    esp.write(disk, "/palette/a/vmlinuz", bytes(kernel), work)
    machine = start(disks=[disk], shell=True)
    # Nobody is there: for somebody who chooses an entry by hand, GRUB waits with its error.
    machine.wait(flows.CONSOLE)
    machine.shell.ready()
    # Until the goal is reached: test_system.py sees it stopped.
    assert machine.shell.check("cat /sys/class/watchdog/watchdog0/state") == "active"
    flows.check_runs(machine, "b")


def test_a_damaged_slot_is_given_up_after_three_attempts(installed, work, start):
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    damage_superblock(disk)
    machine = start(disks=[disk], shell=True)
    for _ in range(3):
        flows.disk_menu(machine)
        machine.wait("could not start from slot a")
        machine.wait("restarts in")
        machine.type("r")
        machine.forget()
    machine.wait(flows.DISK_MENU)
    machine.wait(r"\*Palette Edge \(fallback\)")
    machine.type("enter")
    machine.wait(flows.CONSOLE)
    machine.shell.ready()
    flows.check_runs(machine, "b")
    assert flows.slots(machine.shell)["tries"] == {"a": 3, "b": 1}
    machine.shell.check("for i in $(seq 120); do "
                        "palette-slot status | grep -q 'tries b   0' && exit 0; sleep 1; done; "
                        "exit 1", 200)
    # Good marks the running slot alone: the damaged one is not tried again.
    assert flows.slots(machine.shell)["tries"] == {"a": 3, "b": 0}
    assert flows.slots(machine.shell)["next"] == "b"


def test_a_system_that_stands_still_is_restarted_and_given_up(installed, work, start, iso):
    """Its files are I/O errors, so nothing of it can restart the machine: the watchdog does."""
    disk = esp.raw_copy(installed("bios").disk, work / "disk.img")
    damage_most(disk, iso)
    set_goal_within(disk, 20, work)
    machine = start(disks=[disk], shell=True)
    for _ in range(3):
        machine.wait(flows.DISK_MENU)
        machine.wait(r"\*Palette Edge +[|\n]")
        machine.type("enter")
        machine.forget()
    machine.wait(flows.DISK_MENU)
    machine.wait(r"\*Palette Edge \(fallback\)")
