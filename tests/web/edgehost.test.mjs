import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, fact, picture, until, useSite } from "./harness.mjs";

const site = useSite();
const dialog = (page, name) => page.getByRole("dialog", { name });
const confirm = (page) => page.getByRole("button", { name: "Confirm" }).click();

test("the page shows the host as it is, and lives", () =>
  site.at("edge-host", async (page) => {
    const { hostname } = await page.evaluate(async () => (await fetch("/v1/public")).json());
    await page.getByText("Ready", { exact: true }).waitFor();
    assert.equal(await fact(page, "Host", "Host name").innerText(), hostname);
    await page.getByRole("row", { name: /eth0.*192\.0\.2\.10\/24/ }).waitFor();
    // An address that somebody else sets appears without a reload.
    await site.tell("ip", "address", "add", "198.51.100.7/24", "dev", "eth1");
    await page.getByRole("row", { name: /eth1.*198\.51\.100\.7\/24/ }).waitFor();
    await site.tell("ip", "address", "del", "198.51.100.7/24", "dev", "eth1");
    // And what the machine counts goes on by itself.
    await until("the uptime", async () => (await fact(page, "Host", "Uptime").innerText()) === "1 d 2 h");
    await site.tell("write", "proc/uptime", "200000.00 99.0\n");
    await until("the uptime goes on", async () => (await fact(page, "Host", "Uptime").innerText()) === "2 d 7 h");
    await page.getByRole("row", { name: /sda5 palette-data 471 GiB ext4/ }).waitFor();
  }));

test("the menu has the labels of the guide", () =>
  site.at("edge-host", async (page) => {
    assert.deepEqual(await page.getByRole("navigation", { name: "Main menu" }).getByRole("link").allInnerTexts(), [
      "Edge Host", "Linked Edge Hosts", "Content", "Cluster", "Diagnostics", "Audit Log",
    ]);
    await page.getByRole("button", { name: "Actions" }).click();
    assert.deepEqual(await page.getByRole("menuitem").allInnerTexts(), ["Reboot", "Shutdown", "Reset to factory default"]);
  }));

test("a host name that breaks the rule is refused beside its field, a good one is taken", () =>
  site.at("edge-host", async (page) => {
    await page.getByRole("button", { name: "Edit host name" }).click();
    const field = dialog(page, "Host name").getByRole("textbox");
    await field.fill("no spaces here");
    await confirm(page);
    await until("the field is marked", async () => (await field.getAttribute("aria-invalid")) === "true");
    const id = await field.getAttribute("aria-describedby");
    assert.match(await page.locator(`[id="${id}"]`).innerText(), /no spaces here/);
    await accessible(page, "a dialog with a refusal");
    await picture(page, "host-name-refused");
    await field.fill("edge-42");
    await confirm(page);
    await until("the new name", async () => (await fact(page, "Host", "Host name").innerText()) === "edge-42");
    assert.match(await site.tell("read", "etc/hostname"), /^edge-42$/m);
  }));

test("the HTTP proxy: four fields, refusals at their field, states, and what the host says when it fails", () =>
  site.at("edge-host", async (page) => {
    const state = fact(page, "HTTP Proxy", "State");
    await until("the first state", async () => (await state.innerText()) === "Not Configured");
    await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
    for (const label of ["HTTP Endpoint", "HTTPS Endpoint", "No Proxy", "CA Certificates"]) await dialog(page, "HTTP Proxy").getByLabel(label).waitFor();
    const field = (label) => dialog(page, "HTTP Proxy").getByLabel(label, { exact: true });
    for (const [label, bad, good] of [
      ["HTTP Endpoint", "ftp://192.0.2.1:3128", "http://192.0.2.1:3128"],
      ["HTTPS Endpoint", "http://192.0.2.1:99999", "http://192.0.2.1:3129"],
      ["No Proxy", "10.0.0.0/99", "localhost,.example.com,10.0.0.0/8"],
      ["CA Certificates", "bm90IGEgY2VydGlmaWNhdGU=", ""],
    ]) {
      await field(label).fill(bad);
      await confirm(page);
      await until(`${label} is refused`, async () => (await field(label).getAttribute("aria-invalid")) === "true");
      if (label === "No Proxy") await picture(page, "proxy-refused");
      await field(label).fill(good);
    }
    await confirm(page);
    await until("it is in force", async () => (await state.innerText()) === "Configured");
    assert.equal(await fact(page, "HTTP Proxy", "HTTPS Endpoint").innerText(), "http://192.0.2.1:3129");
    assert.match(await site.tell("read", "etc/profile.d/palette-proxy.sh"), /192\.0\.2\.1:3128/);

    await site.tell("write", "fail-DaemonReload", "no memory left");
    await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
    await field("HTTP Endpoint").fill("http://192.0.2.1:3130");
    await confirm(page);
    await until("it failed", async () => (await state.innerText()) === "Failed");
    await page.getByText("The proxy could not be applied").waitFor();
    await page.getByText(/no memory left/).waitFor();
    await picture(page, "proxy-failed");
    await site.tell("remove", "fail-DaemonReload");
    await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
    for (const label of ["HTTP Endpoint", "HTTPS Endpoint", "No Proxy"]) await field(label).fill("");
    await confirm(page);
    await until("none any more", async () => (await state.innerText()) === "Not Configured");
  }));

test("a certificate is taken as PEM text and arrives as base64", () =>
  site.at("edge-host", async (page) => {
    await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
    const pem = await site.tell("certificate");
    await dialog(page, "HTTP Proxy").getByLabel("CA Certificates", { exact: true }).fill(pem);
    await confirm(page);
    await until("one is there", async () => (await fact(page, "HTTP Proxy", "CA Certificates").innerText()) === "1");
    await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
    await dialog(page, "HTTP Proxy").getByLabel("CA Certificates", { exact: true }).fill("");
    await confirm(page);
    await until("none any more", async () => (await fact(page, "HTTP Proxy", "CA Certificates").innerText()) === "–");
  }));

test("DNS and time servers are changed, and refused beside their field", () =>
  site.at("edge-host", async (page) => {
    await page.getByRole("button", { name: "Edit DNS" }).click();
    const primary = dialog(page, "DNS").getByLabel("Primary name server");
    await primary.fill("192.0.2.300");
    await confirm(page);
    await until("it is refused", async () => (await primary.getAttribute("aria-invalid")) === "true");
    await primary.fill("192.0.2.53");
    await confirm(page);
    await until("it is shown", async () => (await fact(page, "DNS", "Configured").innerText()) === "192.0.2.53");
    await page.getByRole("button", { name: "Edit time servers" }).click();
    const servers = dialog(page, "Time servers").getByLabel("NTP servers");
    await servers.fill("not a server!");
    await confirm(page);
    await until("it is refused", async () => (await servers.getAttribute("aria-invalid")) === "true");
    await servers.fill("192.0.2.1\ntime.example.com");
    await confirm(page);
    await until("they are shown", async () => (await fact(page, "Time", "NTP servers").innerText()) === "192.0.2.1, time.example.com");
  }));

const network = async (page, adapter) => {
  await page.getByRole("button", { name: `Edit network adapter ${adapter}` }).click();
  return dialog(page, `Network adapter ${adapter}`);
};

test("another adapter is configured for good; a bad value is refused beside its field", () =>
  site.at("edge-host", async (page) => {
    const form = await network(page, "eth1");
    const warning = form.getByText("No adapter would have a default gateway");
    assert.equal(await warning.count(), 0);
    await form.getByLabel("Static IP").check();
    await warning.waitFor();
    await accessible(page, "no default gateway");
    await form.getByLabel("Default gateway").fill("203.0.113.1");
    await warning.waitFor({ state: "detached" });
    await form.getByLabel("Default gateway").fill("");
    await form.getByLabel("IP address").fill("203.0.113.300");
    await confirm(page);
    await until("it is refused", async () => (await form.getByLabel("IP address").getAttribute("aria-invalid")) === "true");
    await picture(page, "adapter-refused");
    await form.getByLabel("IP address").fill("203.0.113.5/24");
    await form.getByLabel("MTU").fill("1400");
    await confirm(page);
    await page.getByText("eth1 is configured").waitFor();
    assert.match(await site.tell("read", "etc/palette/network/eth1.conf"), /203\.0\.113\.5/);
  }));

test("a change of the adapter in use is confirmed as soon as the page is reached with it", () =>
  site.at("edge-host", async (page) => {
    const form = await network(page, "eth0");
    await page.getByText("This page is reached through this adapter").waitFor();
    await form.getByLabel("Static IP").check();
    await form.getByLabel("IP address").fill("192.0.2.10/24");
    await form.getByLabel("MTU").fill("1450");
    await confirm(page);
    await page.getByText("The change of eth0 is kept").waitFor();
    assert.match(await site.tell("read", "etc/palette/network/eth0.conf"), /1450/);
  }));

test("at a new address the page counts down and leads there; logging in there keeps the change", () =>
  site.at("edge-host", async (page, context) => {
    const form = await network(page, "eth0");
    await form.getByLabel("IP address").fill("192.0.2.20/24");
    const asked = page.waitForRequest((request) => request.method() === "PUT" && request.url().endsWith("/adapters/eth0"));
    await confirm(page);
    await asked;
    // What networkd would do with the file; the answer may be lost with the address.
    await until("the files are written", async () => (await site.tell("calls")).at(-2)?.startsWith("Reload"));
    await site.tell("ip", "address", "del", "192.0.2.10/24", "dev", "eth0");
    await site.tell("ip", "address", "add", "192.0.2.20/24", "dev", "eth0");
    const link = page.getByRole("link", { name: /Open https:\/\/192\.0\.2\.20:5080/ });
    await link.waitFor();
    assert.match(await page.getByRole("dialog").innerText(), /\d+ s/);
    await accessible(page, "the countdown");
    await picture(page, "network-change");
    const [next] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await next.getByLabel("User name").fill(site.user);
    await next.getByRole("textbox", { name: "Password" }).fill(site.password);
    await next.getByRole("button", { name: "Log in" }).click();
    await next.getByText("The change of eth0 is kept").waitFor();
    assert.match(await site.tell("read", "etc/palette/network/eth0.conf"), /192\.0\.2\.20/);
    await next.close();
    await site.tell("ip", "address", "add", "192.0.2.10/24", "dev", "eth0");
    await page.getByText("Waiting for the host").waitFor({ state: "detached" });
  }, { tolerate: [/a request to https:\/\/192\.0\.2\.20/] }));

test("a change that waits is shown to whoever logs in, who can take it back", () =>
  site.visit(async (page) => {
    // The host tells of changes to whom it has greeted: this one comes before that, and after the page has asked.
    let greet;
    const greeted = new Promise((resolve) => { greet = resolve; });
    await page.route("**/v1/edge-mgmt/events", async (route) => {
      await greeted;
      await route.continue();
    });
    const asked = page.waitForResponse((response) => response.url().endsWith("/network-change"));
    await site.logIn(page);
    await asked;
    const answer = await page.evaluate(async () => {
      const reply = await fetch("/v1/edge-mgmt/edgehosts/current/adapters/eth1", {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-Palette-Request": "1" },
        body: JSON.stringify({ mode: "dhcp", confirmSeconds: 60 }),
      });
      return reply.status;
    });
    assert.equal(answer, 200);
    greet();
    await page.getByText("A change of eth1 is in force and not kept yet").waitFor();
    await picture(page, "change-pending");
    await page.getByRole("button", { name: "Take it back now" }).click();
    await page.getByText("The change of eth1 is taken back").waitFor();
    assert.match(await site.tell("read", "etc/palette/network/eth1.conf"), /203\.0\.113\.5/);
  }));
