// A real host and server (serve.py) and a Chromium in the network namespace beside it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(join(here, "../../localui/web/package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const page = process.env.PALETTE_PAGE;
if (!page) throw new Error("PALETTE_PAGE is not set: run the tests by 'make web'");
export const ARTIFACTS = process.env.PALETTE_ARTIFACTS ?? join(tmpdir(), "palette-web");
mkdirSync(ARTIFACTS, { recursive: true });

/** The host, its server and the browser of one test file; @program starts them, see serve.py. */
export function useSite(program = "serve.py") {
  const site = {};
  let server, browser, directory;

  before(async () => {
    server = spawn("python3", ["-B", join(here, program), page, String(process.pid % 10000)], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const line = async () => {
      const { value, done } = await lines.next();
      assert(!done, "the host of the tests has ended; see what it printed");
      return JSON.parse(value);
    };
    Object.assign(site, await line());
    site.url = `https://${site.address}:${site.port}`;
    /** Something done to the host; see serve.py. */
    site.tell = async (...what) => {
      server.stdin.write(`${JSON.stringify(what)}\n`);
      const answer = await line();
      assert.equal(answer.error, undefined, `${what[0]} failed`);
      return answer.ok;
    };

    // A link-local address that comes after the browser's start is a changed network, and ends what it loads.
    await until("the addresses of the browser's network", () =>
      execFileSync("nsenter", [`--net=/run/netns/${site.peer}`, "ip", "-6", "address", "show", "tentative"]).length === 0);

    // The browser lives where the host is somebody else's machine.
    directory = mkdtempSync(join(tmpdir(), "web-"));
    const wrapper = join(directory, "chromium");
    writeFileSync(wrapper, `#!/bin/sh\nexec nsenter --net=/run/netns/${site.peer} /usr/bin/chromium "$@" 2>/dev/null\n`, { mode: 0o755 });
    browser = await chromium.launch({ executablePath: wrapper, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    site.browser = browser;
  });

  after(async () => {
    await browser?.close();
    server?.stdin.end();
    server?.kill();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  /** Runs `look` with a page of its own: what it asks and says wrong is collected and must be nothing. */
  site.visit = async (look, { tolerate = [], ...options } = {}) => {
    const context = await site.browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const wrong = [];
    const note = (text) => { if (!tolerate.some((pattern) => pattern.test(text))) wrong.push(text); };
    page.on("pageerror", (error) => note(`exception: ${error.message}`));
    page.on("console", (message) => {
      // The browser's own line for each answer that is no success; the tests look at what the page makes of it.
      if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) note(message.text());
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "data:" && protocol !== "blob:" && origin !== site.url) note(`a request to ${origin}`);
    });
    try {
      await look(page, context);
      assert.deepEqual(wrong, []);
    } catch (error) {
      for (const one of context.pages())
        await one.screenshot({ path: join(ARTIFACTS, `failed-${String(Date.now())}.png`) }).catch(() => undefined);
      throw error;
    } finally {
      await context.close();
    }
  };

  site.logIn = async (page, path = "edge-host", password = site.password, url = site.url) => {
    await page.goto(`${url}/#/${path}`);
    await page.getByLabel("User name").fill(site.user);
    await page.getByRole("textbox", { name: "Password" }).fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: `User menu of ${site.user}` }).waitFor();
  };

  /** A page behind the login. */
  site.at = (path, look, options) =>
    site.visit(async (page, context) => {
      await site.logIn(page, path);
      await look(page, context);
    }, options);

  return site;
}

/** No finding of axe that is serious or worse. */
export async function accessible(page, where) {
  // What is still fading in has too little contrast; a spinner never ends.
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().iterations !== Infinity).map((one) => one.finished)));
  // Through the debugger, which the content security policy does not concern.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  assert.deepEqual(serious, [], where);
}

export const picture = (page, name) => page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: false });

/** The value beside a term of a description list. */
export const fact = (page, card, term) =>
  page.getByRole("region", { name: card, exact: true })
    .locator("dl > div").filter({ has: page.getByText(term, { exact: true }) }).locator("dd");

/** Until `claim` holds. */
export async function until(what, claim, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await claim()) return;
    if (Date.now() > end) assert.fail(`not in ${String(seconds)} s: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
