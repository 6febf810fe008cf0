// What a browser needs to show a login page: bytes, requests, and milliseconds until its first field takes text.
// usage: login_page.mjs URL SELECTOR ...     (one line of JSON per pair; medians of five visits without a cache)
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const VISITS = 5;
const here = fileURLToPath(new URL(".", import.meta.url));
const { chromium } = createRequire(join(here, "../../localui/web/package.json"))("playwright-core");

async function visit(browser, url, selector) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const debug = await context.newCDPSession(page);
  await debug.send("Network.enable");
  let bytes = 0, requests = 0;
  debug.on("Network.requestWillBeSent", ({ request }) => { if (!request.url.startsWith("data:")) requests += 1; });
  debug.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  const start = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(selector).fill("somebody");
  const ms = performance.now() - start;
  await page.waitForLoadState("networkidle");
  await context.close();
  return { bytes, requests, ms };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const pages = process.argv.slice(2);
const seen = new Map();
// One page after the other, five times over: what else the machine does meets all of them.
for (let i = 0; i <= VISITS; i++)
  for (let at = 0; at < pages.length; at += 2) {
    const one = await visit(browser, pages[at], pages[at + 1]);
    // The first is the browser's own start.
    if (i > 0) seen.set(at, [...(seen.get(at) ?? []), one]);
  }
for (const visits of seen.values())
  console.log(JSON.stringify(Object.fromEntries(["bytes", "requests", "ms"].map((name) => [name, median(visits.map((one) => one[name]))]))));
await browser.close();
