import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { picture, until, useSite } from "./harness.mjs";

const site = useSite();

test("ping: the output of a host that answers, the silence of one that does not, and a refusal", () =>
  site.at("diagnostics", async (page) => {
    const run = async (endpoint) => {
      await page.getByLabel("Endpoint").fill(endpoint);
      await page.getByRole("button", { name: "Run" }).click();
    };
    await run("192.0.2.1");
    await page.getByText("Ping: 192.0.2.1 answered").waitFor();
    assert.match(await page.getByRole("region", { name: "Output" }).innerText(), /4 received/);
    await picture(page, "ping");
    await run("192.0.2.1; reboot");
    await page.getByText("Ping could not be run").waitFor();
    await page.getByLabel("Tool").selectOption("TCP port");
    await run("192.0.2.1:9");
    await page.getByText(/did not answer as it should/).waitFor();
    await page.getByLabel("Tool").selectOption("Traceroute");
    await run("192.0.2.1");
    await page.getByText("Traceroute: 192.0.2.1 answered").waitFor({ timeout: 60_000 });
    await page.getByLabel("Tool").selectOption("DNS look-up");
    await run("localhost");
    await page.getByText(/DNS look-up: localhost/).waitFor({ timeout: 60_000 });
  }));

test("a tool that takes long can be stopped", () =>
  site.at("diagnostics", async (page) => {
    await page.getByLabel("Endpoint").fill("192.0.2.99");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Ping runs on the host").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped").waitFor();
  }));

test("the log: newest entries, older ones, only errors, and nothing that matches", () =>
  site.at("diagnostics", async (page) => {
    await page.getByRole("tab", { name: "Logs" }).click();
    const box = page.getByRole("region", { name: "Log entries" });
    await box.getByText("line 249", { exact: false }).waitFor();
    assert(!(await box.innerText()).includes("line 10\n"));
    await page.getByRole("button", { name: "Older entries" }).click();
    await page.getByText("These are all entries.").waitFor();
    assert((await box.innerText()).includes("line 10\n"));
    await picture(page, "logs");
    await page.getByLabel("Priority").selectOption("Errors and graver");
    await until("only errors", async () => (await box.innerText()).split("\n").filter((line) => line.includes(": line ")).length === 5);
    assert.match(await box.innerText(), /error: line 0/);
    const contains = page.getByRole("textbox", { name: "Contains" });
    await contains.fill("no such line");
    await contains.press("Enter");
    await page.getByText("No entry matches.").waitFor();
  }));

test("the log is followed", () =>
  site.at("diagnostics", async (page) => {
    await page.getByRole("tab", { name: "Logs" }).click();
    await page.getByText("Follow", { exact: true }).click();
    await page.getByText("New entries appear as they are written.").waitFor();
    await page.getByRole("region", { name: "Log entries" }).getByText("line 249", { exact: false }).waitFor();
  }));

test("the archive of logs is collected and downloaded", () =>
  site.at("diagnostics", async (page) => {
    await page.getByRole("tab", { name: "Log archive" }).click();
    await page.getByRole("button", { name: "Collect the logs" }).click();
    await page.getByText("The archive is ready").waitFor({ timeout: 60_000 });
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const file = readFileSync(await (await download).path());
    assert.equal(file.readUInt32LE(0), 0xfd2fb528, "it is zstd");
  }));

test("the audit log: entries, filters, pages, download", () =>
  site.at("audit-log", async (page) => {
    const table = page.getByRole("grid", { name: "Audit log" });
    await table.getByRole("row", { name: /alice.*login.*ok/ }).first().waitFor();
    await page.getByLabel("Action").selectOption("create-account");
    await until("only that action", async () => (await table.getByRole("row").count()) === 2);
    await picture(page, "audit-filtered");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const lines = readFileSync(await (await download).path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ action }) => action), ["create-account"], "the download has what the filters show");
    const contains = page.getByRole("textbox", { name: "Contains" });
    await contains.fill("nothing of that kind");
    await contains.press("Enter");
    await page.getByText("No entry matches").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await table.getByRole("row", { name: /create-account/ }).waitFor();
  }));

test("a second page of the audit log", () =>
  site.at("audit-log", async (page) => {
    await page.evaluate(async () => {
      for (let i = 0; i < 25; i++)
        await fetch("/v1/edge-mgmt/edgehosts/current/dns", {
          method: "PUT",
          headers: { "Content-Type": "application/json", "X-Palette-Request": "1" },
          body: JSON.stringify({ primary: "no address", alternate: "", search: String(i) }),
        });
    });
    await page.getByRole("button", { name: "Refresh" }).click();
    const table = page.getByRole("grid", { name: "Audit log" });
    await until("twenty a page", async () => (await table.getByRole("row").count()) === 21);
    await page.getByRole("button", { name: "Go to last page" }).click();
    await table.getByRole("row", { name: /create-account/ }).waitFor();
  }));

test("Linked Edge Hosts and Cluster say what there is and what not", () =>
  site.at("linked-edge-hosts", async (page) => {
    await page.getByText("No linked hosts").waitFor();
    await page.getByText(/A single host needs no link/).waitFor();
    await page.goto(`${site.url}/#/cluster`);
    await page.getByRole("grid", { name: "Needed by the next guide" }).getByRole("row", { name: /IP address.*Ready/ }).waitFor();
    await page.getByText(/creates no cluster yet/).waitFor();
    await page.getByRole("grid", { name: "Needed by the next guide" }).getByRole("row", { name: /Port 443.*Not checked/ }).waitFor();
    await page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /this host/ }).waitFor();
  }));

test("a host that is ready is told that no cluster is created yet", () =>
  site.at("edge-host", async (page) => {
    const facts = await page.evaluate(() => fetch("/v1/edge-mgmt/cluster/readiness").then((reply) => reply.json()));
    await page.route("**/cluster/readiness", (route) => route.fulfill({ json: { ...facts, ready: true } }));
    await page.goto(`${site.url}/#/cluster`);
    await page.getByText("The checked requirements are met").waitFor();
    await page.getByText(/creates no cluster yet/).waitFor();
  }));

test("what cannot be read says why and can be tried again", () =>
  site.at("edge-host", async (page) => {
    await page.getByText("Ready", { exact: true }).waitFor();
    await site.tell("stop_hostd");
    try {
      await page.getByText("The host service does not answer").first().waitFor();
      await page.goto(`${site.url}/#/cluster`);
      await page.getByText("What is ready could not be read").waitFor();
      await picture(page, "service-gone");
    } finally {
      await site.tell("start_hostd");
    }
    await page.getByRole("grid", { name: "Needed by the next guide" }).waitFor();
  }));
