# SPDX-License-Identifier: Apache-2.0
"""Restart, power-off and factory reset."""
import pytest


def test_power_goes_through_logind(host):
    host.call("Host", "Reboot", "")
    host.call("Host", "PowerOff", "")
    assert host.calls()[-3:-1] == ["Reboot", "PowerOff"]


def test_a_reset_is_asked_for_and_taken_back(host):
    host.call("Host", "RequestReset", "")
    assert host.call("Host", "Info", "")["reset-requested"] and host.exists("data/keep/reset-request")
    host.call("Host", "CancelReset", "")
    assert not host.call("Host", "Info", "")["reset-requested"]
    assert [call for call in host.calls() if call.startswith("StartUnit")] == [
        "StartUnit palette-next-boot@reset.service", "StartUnit palette-next-boot@-.service"]


def test_taking_a_reset_back_does_all_of_it_each_time(host):
    host.call("Host", "RequestReset", "")
    host.write("fail-StartUnit", "no")
    assert host.refused("Host", "CancelReset", "").name == "Failed"
    assert not host.exists("data/keep/reset-request"), "without it the entry asks its question"
    (host.root / "fail-StartUnit").unlink()
    before = len(host.calls())
    host.call("Host", "CancelReset", "")
    assert "StartUnit palette-next-boot@-.service" in host.calls()[before - 1:]


def test_a_reset_restarts_the_host(host):
    host.call("Host", "Reset", "")
    assert host.exists("data/keep/reset-request")
    assert host.calls()[-3:-1] == ["StartUnit palette-next-boot@reset.service", "Reboot"]
    assert [row["action"] for row in host.audit()][-1] == "request-reset"


def test_a_reset_whose_restart_fails_is_taken_back(host):
    host.write("fail-Reboot", "not now")
    refusal = host.refused("Host", "Reset", "")
    assert (refusal.name, refusal.text) == ("Failed", "Reboot: not now")
    assert not host.exists("data/keep/reset-request") and not host.call("Host", "Info", "")["reset-requested"]
    assert host.calls()[-3:-1] == ["Reboot", "StartUnit palette-next-boot@-.service"]


@pytest.mark.parametrize("method", ["RequestReset", "Reset"])
@pytest.mark.parametrize("name, text", [("fail-StartUnit", "no such unit"), ("job-result", "failed")])
def test_a_reset_that_cannot_be_asked_for_leaves_no_request(host, method, name, text):
    host.write(name, text)
    refusal = host.refused("Host", method, "")
    assert "StartUnit palette-next-boot@-.service" in host.calls() and "Reboot" not in host.calls()
    assert refusal.name == "Failed" and text in refusal.text and "palette-next-boot@reset.service" in refusal.text
    assert not host.exists("data/keep/reset-request")
    assert not host.call("Host", "Info", "")["reset-requested"]
