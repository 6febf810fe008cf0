// What a person does on the Local UI of a whole machine, in a real browser: log in, set the HTTP proxy,
// reboot, wait on the same page until the host is back, log in again.
//
// usage: node page.mjs URL USER PASSWORD FINGERPRINT PICTURES
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../localui/web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const [url, user, password, fingerprint, pictures] = process.argv.slice(2);
// An emulated machine with one processor, and its restart.
const PATIENCE = 120_000, RESTART = 600_000;
const PROXY = "http://10.0.2.2:3128";

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
context.setDefaultTimeout(PATIENCE);
const page = await context.newPage();
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
const card = page.getByRole("region", { name: "HTTP Proxy", exact: true });

async function logIn() {
  await page.getByLabel("User name").fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: `User menu of ${user}` }).waitFor();
}

try {
  await page.goto(url);
  // What the console's Device Info shows is what the login page shows.
  await page.getByText(fingerprint).waitFor();
  await picture("localui-login");
  await logIn();
  await picture("localui-edge-host");

  await page.getByRole("button", { name: "Edit HTTP Proxy" }).click();
  const dialog = page.getByRole("dialog", { name: "HTTP Proxy" });
  for (const label of ["HTTP Endpoint", "HTTPS Endpoint"]) await dialog.getByLabel(label, { exact: true }).fill(PROXY);
  await page.getByRole("button", { name: "Confirm" }).click();
  await card.getByText("Configured", { exact: true }).waitFor();
  await picture("localui-proxy");

  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Reboot" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reboot" }).click();
  await page.getByText(/Away for \d+ s/).waitFor();
  await picture("localui-away");
  await page.getByText("The host is back. Log in again.").waitFor({ timeout: RESTART });
  await logIn();
  await card.getByText(PROXY).first().waitFor();
  await picture("localui-back");
} catch (error) {
  await picture("localui-failed");
  throw error;
} finally {
  await browser.close();
}
