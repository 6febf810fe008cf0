import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, picture, useSite } from "./harness.mjs";

const site = useSite();
const PAGES = {
  "edge-host": "Network adapters",
  "linked-edge-hosts": "No linked hosts",
  content: "On this host",
  cluster: "Needed by the next guide",
  diagnostics: "Diagnostics",
  "audit-log": "Audit Log",
  account: "Sessions",
};
const SIZES = { telephone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 }, "4k": { width: 3840, height: 2160 } };

for (const [size, viewport] of Object.entries(SIZES))
  for (const colorScheme of size === "4k" ? ["light"] : ["light", "dark"])
    test(`${size}, ${colorScheme}: every page fits and has no serious finding`, () =>
      site.visit(async (page) => {
        await page.goto(site.url);
        await page.getByText("Certificate SHA-256").waitFor();
        await accessible(page, "login");
        await picture(page, `login-${size}-${colorScheme}`);
        await site.logIn(page);
        for (const [path, heading] of Object.entries(PAGES)) {
          await page.goto(`${site.url}/#/${path}`);
          await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
          await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Reading"], [role="progressbar"][aria-label="Loading"]') === null);
          const wider = await page.evaluate(() => {
            const main = document.querySelector("main");
            return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
          });
          assert(wider <= 0, `${path} is ${String(wider)} px wider than the screen`);
          await accessible(page, path);
          await picture(page, `${path}-${size}-${colorScheme}`);
        }
      }, { viewport, colorScheme }));
