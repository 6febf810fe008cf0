#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""services.py - stands for hostnamed, networkd, systemd and logind on a private bus.

usage: services.py ROOT        (DBUS_SYSTEM_BUS_ADDRESS says which bus)

Every call is a line in ROOT/calls. A file ROOT/fail-MEMBER makes that member fail with its text, a file
ROOT/job-result gives the jobs of started units that end.
"""
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

ROOT = sys.argv[1]


def called(member, *args):
    with open(f"{ROOT}/calls", "a") as log:
        print(member, *args, file=log, flush=True)
    try:
        with open(f"{ROOT}/fail-{member}") as why:
            raise dbus.DBusException(why.read(), name="org.freedesktop.DBus.Error.Failed")
    except FileNotFoundError:
        pass


class Hostnamed(dbus.service.Object):
    @dbus.service.method("org.freedesktop.hostname1", in_signature="sb")
    def SetStaticHostname(self, name, interactive):
        called("SetStaticHostname", name)
        with open(f"{ROOT}/etc/hostname", "w") as file:
            print(name, file=file)


class Networkd(dbus.service.Object):
    @dbus.service.method("org.freedesktop.network1.Manager")
    def Reload(self):
        called("Reload")


class Systemd(dbus.service.Object):
    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def ReloadOrTryRestartUnit(self, unit, mode):
        called("ReloadOrTryRestartUnit", unit)
        return "/job/1"

    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def TryRestartUnit(self, unit, mode):
        called("TryRestartUnit", unit)
        return "/job/2"

    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="ss", out_signature="o")
    def StartUnit(self, unit, mode):
        called("StartUnit", unit)
        result = "done"
        if os.path.exists(f"{ROOT}/job-result"):
            with open(f"{ROOT}/job-result") as file:
                result = file.read()
        GLib.idle_add(lambda: self.JobRemoved(3, dbus.ObjectPath("/job/3"), unit, result))
        return "/job/3"

    @dbus.service.signal("org.freedesktop.systemd1.Manager", signature="uoss")
    def JobRemoved(self, number, path, unit, result):
        pass

    @dbus.service.method("org.freedesktop.systemd1.Manager")
    def Subscribe(self):
        pass

    @dbus.service.method("org.freedesktop.systemd1.Manager")
    def Reload(self):
        called("DaemonReload")


class Logind(dbus.service.Object):
    @dbus.service.method("org.freedesktop.login1.Manager", in_signature="b")
    def Reboot(self, interactive):
        called("Reboot")

    @dbus.service.method("org.freedesktop.login1.Manager", in_signature="b")
    def PowerOff(self, interactive):
        called("PowerOff")


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
    keep = []
    for kind, name, path in ((Hostnamed, "hostname1", "/org/freedesktop/hostname1"),
                             (Networkd, "network1", "/org/freedesktop/network1"),
                             (Systemd, "systemd1", "/org/freedesktop/systemd1"),
                             (Logind, "login1", "/org/freedesktop/login1")):
        if os.path.exists(f"{ROOT}/without-{name}"):
            continue
        keep.append(dbus.service.BusName(f"org.freedesktop.{name}", bus))
        keep.append(kind(bus, path))
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
