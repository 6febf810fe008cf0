# SPDX-License-Identifier: Apache-2.0
"""The loop of a host or hosts that tests of the page ask over lines of JSON."""
import json
import pathlib
import shutil
import signal
import sys
import tempfile


def serve(make_site):
    """@make_site(directory, page, number) has facts() and close(), and whatever is asked of it by name."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="web."))
    directory.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    site = None
    try:
        site = make_site(directory, pathlib.Path(sys.argv[1]), int(sys.argv[2]))
        print(json.dumps(site.facts()), flush=True)
        for line in sys.stdin:
            what, *arguments = json.loads(line)
            try:
                answer = {"ok": getattr(site, what)(*arguments)}
            except Exception as error:  # it is the test's to judge
                answer = {"error": repr(error)}
            print(json.dumps(answer), flush=True)
    finally:
        if site:
            site.close()
        shutil.rmtree(directory, ignore_errors=True)
