import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, fact, picture, until, useSite } from "./harness.mjs";

const MAX_BYTES = 220 * 1000;
const MAX_REQUESTS = 6;
const site = useSite();

test("the login page is 220 kB and 6 requests at most", () =>
  site.visit(async (page, context) => {
    const debug = await context.newCDPSession(page);
    await debug.send("Network.enable");
    let bytes = 0, requests = 0;
    debug.on("Network.requestWillBeSent", ({ request }) => { if (!request.url.startsWith("data:")) requests += 1; });
    debug.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await page.goto(site.url, { waitUntil: "networkidle" });
    await page.getByText("Certificate SHA-256").waitFor();
    console.log(`# login page: ${String(bytes)} bytes in ${String(requests)} requests`);
    assert(bytes > 50_000, "what was counted is the page");
    assert(bytes <= MAX_BYTES, `${String(bytes)} bytes`);
    assert(requests <= MAX_REQUESTS, `${String(requests)} requests`);
  }));

test("it shows the host's name and the fingerprint of the certificate that answers", () =>
  site.visit(async (page) => {
    await page.goto(site.url);
    const { hostname } = await page.evaluate(async () => (await fetch("/v1/public")).json());
    await page.getByText(hostname).waitFor();
    const shown = (await page.locator("main, footer").allInnerTexts()).join(" ").replace(/\s/g, "");
    assert(shown.includes(site.fingerprint), `${site.fingerprint} in ${shown}`);
  }));

test("a wrong password is said, and the next attempt starts with the password field", () =>
  site.visit(async (page) => {
    await page.goto(site.url);
    await page.getByLabel("User name").fill("alice");
    await page.getByRole("textbox", { name: "Password" }).fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Not logged in").waitFor();
    await accessible(page, "login page with a refusal");
    await picture(page, "login-refused");
    const password = page.getByRole("textbox", { name: "Password" });
    assert.equal(await password.inputValue(), "");
    assert(await password.evaluate((field) => field === document.activeElement));
  }));

test("too many failures block the user, and the page says for how long", () =>
  site.visit(async (page) => {
    await page.goto(site.url);
    const alert = page.getByRole("heading", { name: /Too many failed logins|Not logged in/ });
    let seconds = 0;
    for (let i = 0; i < 10 && seconds < 100; i++) {
      // After the third failure each attempt has to wait, twice as long as the one before.
      await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
      await page.getByLabel("User name").fill("mallory");
      await page.getByRole("textbox", { name: "Password" }).fill(`wrong ${String(i)}`);
      const answer = page.waitForResponse(/login$/);
      await page.getByRole("button", { name: "Log in" }).click();
      await answer;
      await alert.waitFor();
      seconds = Number((await page.locator("main").innerText()).match(/in (\d+) s/)?.[1] ?? 0);
    }
    assert(seconds > 800 && seconds <= 900, `blocked for ${String(seconds)} s of 15 min`);
    await picture(page, "login-blocked");
  }));

test("by keyboard alone: log in, set the proxy, sign out", () =>
  site.visit(async (page) => {
    await page.goto(site.url);
    await page.getByText("Certificate SHA-256").waitFor();
    const key = (name) => page.keyboard.press(name);
    /** TAB until the element that is meant has the focus. */
    const tabTo = async (locator) => {
      await locator.waitFor();
      for (let i = 0; i < 60; i++) {
        if (await locator.evaluate((element) => element === document.activeElement)) return;
        await key("Tab");
      }
      assert.fail("60 times TAB did not lead there");
    };
    await page.keyboard.type(site.user); // the first field has the focus
    await key("Tab");
    await page.keyboard.type(site.password);
    await key("Enter");
    await tabTo(page.getByRole("button", { name: "Edit HTTP Proxy" }));
    await key("Enter");
    await page.getByRole("dialog", { name: "HTTP Proxy" }).waitFor();
    await page.keyboard.type("http://192.0.2.1:3128");
    await key("Tab");
    await page.keyboard.type("http://192.0.2.1:3128");
    await tabTo(page.getByRole("button", { name: "Confirm" }));
    await key("Enter");
    await until("it is in force", async () => (await fact(page, "HTTP Proxy", "State").innerText()) === "Configured");
    assert.match(await site.tell("read", "etc/palette/proxy.conf"), /192\.0\.2\.1:3128/);
    await tabTo(page.getByRole("button", { name: "User menu of alice" }));
    await key("Enter");
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    for (let i = 0; i < 10 && !(await page.getByRole("menuitem", { name: "Sign out" }).evaluate((item) => item === document.activeElement)); i++)
      await key("ArrowDown");
    await key("Enter");
    await page.getByText("You are logged out.").waitFor();
  }));

test("a deep link leads to its page after the login, and stays over a reload", () =>
  site.at("content", async (page) => {
    await page.getByRole("heading", { name: "Content", exact: true }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Content", exact: true }).waitFor();
    assert.match(await page.title(), /^Content - /);
  }));

test("a host without its service says so, and the page fills itself when it is there", () =>
  site.visit(async (page) => {
    await site.tell("stop_hostd");
    try {
      await page.goto(site.url);
      await page.getByText("The host does not answer yet").waitFor();
    } finally {
      await site.tell("start_hostd");
    }
    await page.getByText("Certificate SHA-256").waitFor();
    await until("the warning is gone", async () => !(await page.getByText("The host does not answer yet").isVisible()));
  }));
