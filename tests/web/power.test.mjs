import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, picture, until, useSite } from "./harness.mjs";

const site = useSite();
const open = async (page, item) => {
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const asked = async (what) => (await site.tell("calls")).filter((line) => line.startsWith(what)).length;
/** A reload would make the browser's own error; the page must do without. */
const QUIET = { tolerate: [/EventSource|ERR_/] };

test("reboot names the host, says when it is away, and comes back by itself to the login", () =>
  site.at("edge-host", async (page) => {
    const { hostname } = await page.evaluate(async () => (await fetch("/v1/public")).json());
    await open(page, "Reboot");
    await page.getByRole("dialog", { name: `Reboot ${hostname}?` }).waitFor();
    await accessible(page, "the question before a reboot");
    await picture(page, "reboot");
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await asked("Reboot"), 0);
    await open(page, "Reboot");
    await page.getByRole("dialog").getByRole("button", { name: "Reboot" }).click();
    await page.getByText(`${hostname} is restarting`).waitFor();
    await until("logind was asked", async () => (await asked("Reboot")) === 1);
    await site.tell("reboot");
    await page.getByText(/Away for \d+ s/).waitFor();
    await picture(page, "host-gone");
    await accessible(page, "while the host is gone");
    await site.tell("boot");
    await page.getByText("The host is back. Log in again.").waitFor();
    await site.logIn(page);
  }, QUIET));

test("whatever of the page asks first after a restart, it says that the host is back", () =>
  site.at("account", async (page) => {
    await page.getByRole("grid", { name: "Sessions" }).waitFor();
    await open(page, "Reboot");
    await page.getByRole("dialog").getByRole("button", { name: "Reboot" }).click();
    await until("logind was asked", async () => (await asked("Reboot")) === 2);
    await site.tell("reboot");
    await page.getByText(/Away for \d+ s/).waitFor();
    // What asks whether the host is back gets no answer here; the list of sessions is asked for every 15 s.
    await page.route("**/sessions/current", (route) => route.abort());
    await site.tell("boot");
    await page.getByText("The host is back. Log in again.").waitFor({ timeout: 60_000 });
  }, QUIET));

test("a host that goes without being asked is missed, and the page goes on when it is there", () =>
  site.at("content", async (page) => {
    await page.getByText("No content yet").waitFor();
    await site.tell("stop_server");
    await page.getByText(/does not answer/).first().waitFor();
    await page.getByText(/Away for/).waitFor();
    await site.tell("start_server");
    await page.getByText(/Away for/).waitFor({ state: "detached" });
    await page.getByText("No content yet").waitFor();
  }, QUIET));

test("a reset asks for the host's name", () =>
  site.at("edge-host", async (page) => {
    const { hostname } = await page.evaluate(async () => (await fetch("/v1/public")).json());
    await open(page, "Reset to factory default");
    const confirm = page.getByRole("dialog").getByRole("button", { name: "Reset to factory default" });
    assert(await confirm.isDisabled());
    const title = page.getByRole("heading", { name: `Reset ${hostname} to factory default?` });
    assert(await title.evaluate((text) => text.scrollWidth <= text.clientWidth && getComputedStyle(text).overflow === "visible"), "the name is shown whole");
    await page.getByRole("dialog").getByRole("textbox").fill("another-host");
    assert(await confirm.isDisabled());
    await picture(page, "reset");
    await page.getByRole("dialog").getByRole("textbox").fill(hostname);
    await confirm.click();
    await page.getByText(`${hostname} is being reset to factory default`).waitFor();
    await until("logind was asked", async () => (await asked("Reboot")) === 3);
    assert.equal(await asked("StartUnit palette-next-boot@reset.service"), 1);
    await site.tell("read", "data/keep/reset-request");
  }, QUIET));

test("what logind refuses is shown in the question", () =>
  site.at("edge-host", async (page) => {
    await site.tell("write", "fail-PowerOff", "an update is being written");
    await open(page, "Shutdown");
    await page.getByRole("dialog").getByRole("button", { name: "Shut down" }).click();
    await page.getByText("The host did not do it").waitFor();
    await page.getByText(/an update is being written/).waitFor();
    await site.tell("remove", "fail-PowerOff");
    await page.getByRole("dialog").getByRole("button", { name: "Shut down" }).click();
    await page.getByText(/is switched off/).waitFor();
    await until("logind was asked", async () => (await asked("PowerOff")) >= 1);
  }, QUIET));
