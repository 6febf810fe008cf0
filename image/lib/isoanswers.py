# SPDX-License-Identifier: Apache-2.0
"""isoanswers - the answers of an ISO made to order, checked by the installer's own rules."""

import os
import re
import subprocess

from isofile import Failure, warn

BYTES_MAX = 262144
COMPLETE, INCOMPLETE, REFUSED = 0, 1, 3  # palette-install's exit statuses
SAYS = "palette-install: "
STDIN = "/dev/stdin"
ARGUMENTS = "--kernel-arg palette.*"
YES = (b"yes", b"true", b"on", b"1")  # as hostd/keyvalue.c has it
PROJECT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")


def read(path):
    with open(path, "rb") as file:
        text = file.read(BYTES_MAX + 1)
    if len(text) > BYTES_MAX:
        raise Failure("%s has more than %d bytes" % (path, BYTES_MAX))
    if re.match(rb"#cloud-config(?![^ \t\r\n])", text):  # as installer/answers.c has it
        raise Failure("%s is user-data (#cloud-config): an ISO takes \"key = value\" lines; user-data goes to a second medium "
                      "with the volume id cidata" % path)
    return text


def merge(text, arguments):
    """As the installer does: an argument takes the place of all lines of the file with its key."""
    def key(line):
        return line.partition(b"=")[0].strip()

    keys = {key(line) for line in arguments.split(b"\n")} - {b""}
    return b"\n".join([line for line in text.split(b"\n") if key(line) not in keys] + [arguments])


def is_reinstall(merged):
    """Do the answers say that what this ISO has installed is to be installed again?"""
    said = re.findall(rb"^[ \t]*reinstall[ \t]*=[ \t]*(\w+)[ \t]*$", merged, re.M)
    return bool(said) and said[-1].lower() in YES


def installers():
    """The commands that may be palette-install: of a build, or installed.

    What the build made for the ISO needs the ISO's libc. Where this machine's is older the build root has it.
    """
    commands = []
    for build in filter(None, (os.environ.get("PALETTE_BUILD"), os.path.normpath(os.path.join(PROJECT, "build")))):
        ours = os.path.join(build, "image/bin/palette-install")
        root = os.path.join(build, "root")
        libraries = [os.path.join(root, folder, "x86_64-linux-gnu") for folder in ("usr/lib", "lib")]
        commands += [[os.path.join(build, "bin/palette-install")], [ours],
                     [os.path.join(root, "lib64/ld-linux-x86-64.so.2"), "--library-path", ":".join(libraries), ours]]
    commands += [[os.path.join(folder, "palette-install")] for folder in os.get_exec_path()]
    return [command for command in commands
            if os.access(command[0], os.X_OK) and os.access(command[-1], os.X_OK)]


def ask(command, text):
    """The exit status and what is said with it. None for a status: it was not palette-install that answered."""
    try:
        done = subprocess.run([*command, "--check-answers", STDIN], input=text, capture_output=True)
    except OSError as error:
        return None, error.strerror
    said = done.stderr.decode("utf-8", "replace").strip()
    # A loader that does not find a library also exits with 1.
    if done.returncode == COMPLETE or done.returncode in (INCOMPLETE, REFUSED) and said.startswith(SAYS):
        return done.returncode, said.removeprefix(SAYS)
    return None, said.split("\n")[-1] or "exit status %d" % done.returncode


def by_installer(text):
    """ask() of the first palette-install that runs here."""
    why = []
    for command in installers():
        status, said = ask(command, text)
        if status is not None:
            return status, said
        why.append(said if command[0] in said else "%s: %s" % (command[-1], said))
    return None, "; ".join(why) or "none was built or installed"


def check(text, name, arguments, unchecked):
    """A wrong line of the file or the arguments is refused, what both lack together is said."""
    places = [(lines, place) for lines, place in ((text, name), (arguments, ARGUMENTS)) if lines]
    if len(places) == 2:
        # Each by itself, too: the installer also refuses a wrong line that an argument would replace.
        places.append((merge(text, arguments), "%s and %s" % (name, ARGUMENTS)))
    lacking = None
    for lines, place in places:
        status, said = by_installer(lines)
        if status is None:
            why = "no palette-install that checks %s runs here (%s)" % (places[-1][1], said)
            if not unchecked:
                raise Failure(why + ": build the project, or take the answers as they are with --unchecked")
            warn(why + ": taken unchecked")
            return
        said = said.replace(STDIN, place)
        if status == REFUSED:
            raise Failure(said)
        lacking = "%s: %s" % (place, said) if status == INCOMPLETE else None
    if lacking:
        warn(lacking + ": the rest has to come from another place, such as a second medium")
