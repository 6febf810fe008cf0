import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessible, picture, until, useSite } from "./harness.mjs";

const MIB = 1024 * 1024;
const site = useSite();
let directory, large;

before(() => {
  directory = mkdtempSync(join(tmpdir(), "content-"));
  // Three chunks.
  large = randomBytes(40 * MIB);
  writeFileSync(join(directory, "bundle.tar.zst"), large);
  writeFileSync(join(directory, "small.txt"), "hello\n");
});
after(() => { rmSync(directory, { recursive: true, force: true }); });

const choose = async (page, ...names) => {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload Content" }).click();
  await (await chooser).setFiles(names.map((name) => join(directory, name)));
};
const row = (page, name) => page.getByRole("grid", { name: "Content on this host" }).getByRole("row", { name: new RegExp(name) });

test("an empty host says what to do; an upload is verified and listed with its digest", () =>
  site.at("content", async (page) => {
    await page.getByText("No content yet").waitFor();
    await picture(page, "content-empty");
    await choose(page, "small.txt");
    await page.getByText("Verified and stored").waitFor();
    await row(page, "small.txt").waitFor();
    const digest = createHash("sha256").update("hello\n").digest("hex");
    assert.equal((await site.tell("content_digest", "small.txt")), digest);
    assert.match((await row(page, "small.txt").innerText()).replace(/\s/g, ""), new RegExp(digest.slice(0, 12)));
  }));

test("a name that is taken is refused with the reason", () =>
  site.at("content", async (page) => {
    writeFileSync(join(directory, "small.txt"), "another\n");
    await choose(page, "small.txt");
    await page.getByText(/Failed · .*small\.txt/).waitFor();
    await accessible(page, "a failed upload");
    await picture(page, "content-failed");
    await page.getByRole("button", { name: "Cancel small.txt" }).click();
  }));

/** Makes sending slow enough to be watched: 4 MiB a second. */
const slow = async (page, context) => {
  const debug = await context.newCDPSession(page);
  await debug.send("Network.enable");
  const limit = (bytes) => debug.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  await limit(4 * MIB);
  return () => limit(-1);
};
const percentOf = async (page, name) => Number(await page.getByRole("progressbar", { name }).getAttribute("aria-valuenow"));

test("an upload shows its progress, survives the server's restart and goes on where it was", () =>
  site.at("content", async (page, context) => {
    const fast = await slow(page, context);
    await choose(page, "bundle.tar.zst");
    await page.getByText(/^Uploading · .*MiB of 40 MiB/).waitFor();
    await until("a part is there", async () => (await percentOf(page, "bundle.tar.zst")) > 45);
    await picture(page, "content-uploading");
    await site.tell("stop_server");
    await page.getByText("The host does not answer; it is asked again").first().waitFor();
    await site.tell("start_server");
    await fast();
    await page.getByText("Verified and stored").waitFor({ timeout: 60_000 });
    assert.equal(await site.tell("content_digest", "bundle.tar.zst"), createHash("sha256").update(large).digest("hex"));
  }));

test("deleting asks first and names the file", () =>
  site.at("content", async (page) => {
    await page.getByRole("button", { name: "Delete bundle.tar.zst" }).click();
    const dialog = page.getByRole("dialog", { name: /Delete bundle\.tar\.zst\?/ });
    await dialog.waitFor();
    await accessible(page, "the question before a deletion");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await row(page, "bundle").waitFor({ state: "detached" });
    await page.getByText("bundle.tar.zst is deleted").waitFor();
  }));

test("a stopped upload is offered after the page was closed, and only the rest is sent", () =>
  site.at("content", async (page, context) => {
    await slow(page, context);
    await choose(page, "bundle.tar.zst");
    await page.getByText(/^Uploading · /).waitFor();
    await until("a chunk is there", async () => (await percentOf(page, "bundle.tar.zst")) > 45);
    await page.getByRole("button", { name: "Stop bundle.tar.zst" }).click();
    await page.getByText("Stopped", { exact: true }).waitFor();
    const other = await context.newPage();
    await other.goto(`${site.url}/#/content`);
    await other.getByText(/bundle\.tar\.zst is not complete/).waitFor();
    await picture(other, "content-unfinished");
    let from;
    other.on("request", (request) => { if (request.method() === "PUT") from ??= Number(new URL(request.url()).searchParams.get("offset")); });
    const chooser = other.waitForEvent("filechooser");
    await other.getByRole("button", { name: "Choose the file to go on" }).click();
    await (await chooser).setFiles(join(directory, "bundle.tar.zst"));
    await other.getByText("Verified and stored").waitFor();
    assert(from >= 16 * MIB, `the upload went on at ${String(from)}`);
    assert.equal(await site.tell("content_digest", "bundle.tar.zst"), createHash("sha256").update(large).digest("hex"));
  }));

test("cancel gives up what the host has of it", () =>
  site.at("content", async (page, context) => {
    writeFileSync(join(directory, "other.tar"), large);
    await slow(page, context);
    await choose(page, "other.tar");
    await until("a part is there", async () => (await percentOf(page, "other.tar")) > 5 && (await page.getByText(/^Uploading/).isVisible()));
    await page.getByRole("button", { name: "Cancel other.tar" }).click();
    await until("nothing of it is left", async () =>
      (await page.evaluate(async () => (await (await fetch("/v1/edge-mgmt/edgehosts/current/content")).json()).uploads.length)) === 0);
  }));

test("the commands for curl are shown with this host's address", () =>
  site.at("content", async (page) => {
    await page.getByRole("button", { name: "Upload from a script with curl" }).click();
    const text = await page.locator("pre").innerText();
    assert(text.includes(site.url) && text.includes("sha256sum"));
    // What the page shows is what works.
    await site.tell("run_script", text.replace('"password": "..."', `"password": "${site.password}"`), "by-curl.txt", "from a script\n");
    await row(page, "by-curl.txt").waitFor();
  }));
