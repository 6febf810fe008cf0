// Three hosts, three browsers: from a token to Ready, Synced, Healthy, and back.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, picture, until, useSite } from "./harness.mjs";

const site = useSite("serve_link.py");
/** One context a host, open all the time: what changes must appear without a reload. */
const pages = [];
const wrong = [];

test("three people log in", async () => {
  for (const { url } of site.hosts) {
    const context = await site.browser.newContext({
      ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`${url}: ${error.message}`));
    page.on("request", (request) => { if (new URL(request.url()).origin !== url && /^https?:/.test(request.url())) wrong.push(request.url()); });
    pages.push(page);
    await site.logIn(page, "linked-edge-hosts", site.password, url);
  }
});
after(() => Promise.all(pages.map((page) => page.context().close())));

const row = (page, name) => page.getByRole("grid", { name: "Linked hosts" }).getByRole("row", { name: new RegExp(name) });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const token = (page) => page.getByRole("textbox", { name: "Token" });

async function paste(page, text) {
  await button(page, "Link this device to another").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Token" }).fill(text);
  await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
}

test("a host that is not linked offers both ways in, and says that a single one needs none", async () => {
  for (const page of pages) await page.getByText("A single host needs no link").waitFor();
  await accessible(pages[0], "not linked");
  await picture(pages[0], "link-none");
});

test("an address by DHCP is named before hosts are linked", async () => {
  const [leader, follower] = pages;
  for (const [n, page] of [[0, leader], [1, follower]]) {
    await site.tell("lease", n, "600");
    const warning = page.getByText(`${site.hosts[n].address} (eth0): reserve it on the DHCP server`).first();
    await warning.waitFor();
    if (n === 1) {
      await button(page, "Link this device to another").click();
      await page.getByRole("dialog").getByText("This host has its address by DHCP").waitFor();
      await accessible(page, "linking by an address by DHCP");
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    }
    await site.tell("lease", n, "forever");
    await warning.waitFor({ state: "detached" });
  }
});

test("a token is shown with its time, copied, and refused where it is wrong", async () => {
  const [leader, follower] = pages;
  await button(leader, "Generate token").click();
  await leader.getByText(/Valid for another (2 min|1 min [0-9]+ s)/).waitFor();
  await leader.getByText(`to this host at ${site.hosts[0].address}`).waitFor();
  const shown = await token(leader).inputValue();
  await button(leader, "Copy").click();
  await button(leader, "Copied").waitFor();
  assert.equal(await leader.evaluate(() => navigator.clipboard.readText()), shown);
  // Followers in another network than the browser's.
  await site.tell("add_address", 0, "10.77.0.201/24");
  const address = leader.getByRole("combobox", { name: "Address of this host in the token" });
  await address.selectOption("10.77.0.201");
  await leader.getByText("to this host at 10.77.0.201").waitFor();
  const other = JSON.parse(Buffer.from(await token(leader).inputValue(), "base64").toString());
  assert.equal(other.address, "10.77.0.201");
  await address.selectOption(site.hosts[0].address);
  await leader.getByText(`to this host at ${site.hosts[0].address}`).waitFor();
  // A browser that does not let pages copy.
  await leader.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); });
  await leader.getByRole("button", { name: /^Cop/ }).click();
  await leader.getByText("The token is selected: press Ctrl+C").waitFor();
  assert.equal(await token(leader).evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd)),
    await token(leader).inputValue());
  await accessible(leader, "a token");
  await picture(leader, "link-token");

  await paste(follower, "this is no token");
  const dialog = follower.getByRole("dialog");
  await dialog.getByText("This is no Base64 text").waitFor();
  await accessible(follower, "a refused token");
  await picture(follower, "link-refused");
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("the followers appear on the leader's open page and become Ready, Synced, Healthy", async () => {
  const [leader, ...followers] = pages;
  const digest = await site.tell("upload", 0, "bundle.tar.zst", 8);
  for (const [i, page] of followers.entries()) {
    await paste(page, await token(leader).inputValue());
    await page.getByText(/This host is linked to its leader edge-1/).waitFor();
    await row(leader, `edge-${String(i + 2)}`).waitFor();
  }
  for (const i of [1, 2]) {
    const line = row(leader, `edge-${String(i + 1)}`);
    for (const word of ["Ready", "Synced", "Healthy"])
      await line.getByText(word, { exact: true }).waitFor({ timeout: 60_000 });
    assert.match(await line.innerText(), new RegExp(site.hosts[i].address.replaceAll(".", "\\.")));
    assert.deepEqual(await site.tell("listed", i), { "bundle.tar.zst": digest });
  }
  await accessible(leader, "the leader's table");
  await picture(leader, "link-leader");
  await accessible(followers[0], "a follower");
  await picture(followers[0], "link-follower");
});

test("the leader's page Cluster has all hosts of the group", async () => {
  const [leader] = pages;
  await leader.goto(`${site.hosts[0].url}/#/cluster`);
  for (const { name, address } of site.hosts.slice(1))
    await leader.getByRole("grid", { name: "Hosts" })
      .getByRole("row", { name: new RegExp(`${name} ${address.replaceAll(".", "\\.")} follower Ready Synced Healthy`) }).waitFor();
  await leader.getByText("2, each Ready, Synced and Healthy.").waitFor();
  await accessible(leader, "a group on the page Cluster");
  await picture(leader, "link-cluster");
  await leader.goto(`${site.hosts[0].url}/#/linked-edge-hosts`);
});

test("the form of an adapter says what a changed address does to the links", async () => {
  for (const [n, words] of [[0, "This host leads 2 linked hosts"], [1, "This host is linked to edge-1"]]) {
    const page = pages[n];
    await page.goto(`${site.hosts[n].url}/#/edge-host`);
    await button(page, "Edit network adapter eth0").click();
    await page.getByRole("dialog").getByText(words).waitFor();
    await accessible(page, words);
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.goto(`${site.hosts[n].url}/#/linked-edge-hosts`);
  }
});

/** The page as it comes up on such a screen: a change of an open one moves and fades for a while. */
async function on(page, width, height, colorScheme) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.reload();
  await row(page, "edge-3").getByText("Synced", { exact: true }).waitFor();
}

test("the table fits every screen, in both colours", async () => {
  const [leader] = pages;
  for (const [width, height, scheme] of [[360, 740, "light"], [3840, 2160, "light"], [1280, 900, "dark"]]) {
    await on(leader, width, height, scheme);
    const wider = await leader.evaluate(() => {
      const main = document.querySelector("main");
      return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
    });
    assert(wider <= 0, `${String(width)} px: ${String(wider)} too wide`);
    await accessible(leader, `the table at ${String(width)} px, ${scheme}`);
    await picture(leader, `link-leader-${String(width)}-${scheme}`);
  }
  await on(leader, 1280, 900, "light");
});

test("a follower's content says where it is from and cannot be changed there", async () => {
  const page = pages[1];
  await page.goto(`${site.hosts[1].url}/#/content`);
  await page.getByText("This host takes its content from its leader edge-1").waitFor();
  await page.getByRole("grid", { name: "Content on this host" }).getByText("Synced from edge-1").waitFor();
  assert.equal(await page.getByRole("button", { name: "Delete bundle.tar.zst" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Upload Content" }).count(), 0);
  await accessible(page, "a follower's content");
  await picture(page, "link-follower-content");
  await page.goto(`${site.hosts[1].url}/#/linked-edge-hosts`);
});

test("a host whose cable is pulled is Unhealthy with the reason, and Healthy again", async () => {
  const [leader] = pages;
  const line = row(leader, "edge-3");
  await site.tell("plug", 2, "down");
  await line.getByText("Unhealthy", { exact: true }).waitFor({ timeout: 60_000 });
  await line.getByText(new RegExp(`no answer from ${site.hosts[2].address.replaceAll(".", "\\.")}`, "i")).waitFor();
  await picture(leader, "link-unhealthy");
  await accessible(leader, "an unhealthy host");
  await site.tell("plug", 2, "up");
  await line.getByText("Healthy", { exact: true }).waitFor({ timeout: 60_000 });
});

test("unlinking names the host, from the leader's menu and from the follower's page", async () => {
  const [leader, second, third] = pages;
  await button(leader, "Actions of edge-2").click();
  const open = leader.getByRole("menuitem", { name: /Open its Local UI/ });
  assert.equal(await open.getAttribute("href"), `${site.hosts[1].url}/`);
  await leader.getByRole("menuitem", { name: "Unlink" }).click();
  const dialog = leader.getByRole("dialog");
  await dialog.getByText("Unlink edge-2?").waitFor();
  await accessible(leader, "unlinking");
  await dialog.getByRole("button", { name: "Unlink" }).click();
  await row(leader, "edge-2").waitFor({ state: "detached" });
  await second.getByText("A single host needs no link").waitFor();

  await button(third, "Unlink").click();
  await third.getByRole("dialog").getByText("Unlink this host from edge-1?").waitFor();
  await third.getByRole("dialog").getByRole("button", { name: "Unlink" }).click();
  await third.getByText("A single host needs no link").waitFor();
  await leader.getByText("No host is linked yet").waitFor();
  assert.deepEqual(Object.keys(await site.tell("listed", 2)), ["bundle.tar.zst"], "its content stays");

  await button(leader, "Stop token generation").click();
  await leader.getByText("A single host needs no link").waitFor();
  await until("nothing went wrong on any page", async () => { assert.deepEqual(wrong, []); return true; });
});

test("a token whose time is over is replaced by itself", async () => {
  const [leader] = pages;
  await site.tell("short_tokens", 0, 4);
  await button(leader, "Generate token").click();
  const first = await token(leader).inputValue();
  await until("another token", async () => (await token(leader).inputValue()) !== first, 30);
  await leader.getByText(/Valid for another [1-4] s/).waitFor();
});
