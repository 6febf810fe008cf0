import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, picture, until, useSite } from "./harness.mjs";

const site = useSite();

test("an SSH key: refused when it is none, added, removed", () =>
  site.at("account", async (page) => {
    await page.getByText("No SSH key").waitFor();
    await page.getByRole("button", { name: "Add a key" }).click();
    const field = page.getByRole("dialog").getByRole("textbox");
    await field.fill("this is no key");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await until("it is refused", async () => (await field.getAttribute("aria-invalid")) === "true");
    await picture(page, "ssh-key-refused");
    const key = await site.tell("ssh_key");
    await field.fill(key);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("row", { name: /ssh-ed25519.*alice@laptop/ }).waitFor();
    assert.equal((await site.tell("read", "home/alice/.ssh/authorized_keys")).trim(), key);
    await page.getByRole("button", { name: "Remove the SSH key alice@laptop" }).click();
    await page.getByText("No SSH key").waitFor();
  }));

test("another session is ended, and its page asks for a login", () =>
  site.at("account", (page) =>
    site.visit(async (other) => {
      await site.logIn(other);
      await page.reload();
      const end = page.getByRole("button", { name: /End the session of alice/ });
      await end.first().waitFor();
      // The tests before have left theirs.
      for (let left = await end.count(); left > 0; left--) {
        await end.first().click();
        await until("one less", async () => (await end.count()) < left);
      }
      await page.getByText("The session is ended").first().waitFor();
      await other.getByText("Your session has ended. Log in again.").waitFor();
      await picture(other, "session-ended");
    })));

test("the password: a wrong old one, one against the rules, a new one", () =>
  site.at("account", async (page) => {
    const change = async (old, next, again = next) => {
      await page.getByRole("textbox", { name: "Old password" }).fill(old);
      await page.getByRole("textbox", { name: "New password", exact: true }).fill(next);
      await page.getByRole("textbox", { name: "New password, again" }).fill(again);
      const button = page.getByRole("button", { name: "Change the password" });
      if (await button.isEnabled()) await button.click();
    };
    await change(site.password, "one thing 12", "another thing 12");
    await page.getByText("The two are different.").waitFor();
    await change("not the old one", "battery staple 42");
    await page.getByText("This is not the old password.").waitFor();
    await change(site.password, "short");
    await page.getByText("The password is not changed").waitFor();
    await accessible(page, "a refused password");
    await picture(page, "password-refused");
    await change(site.password, "battery staple 42");
    await page.getByText("The password is changed").waitFor();
    await page.getByRole("button", { name: "User menu of alice" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByText("You are logged out.").waitFor();
    await site.logIn(page, "account", "battery staple 42");
    await change("battery staple 42", site.password);
    await page.getByText("The password is changed").waitFor();
  }));

test("dark and light: as the system says, or as chosen, also after a reload", () =>
  site.at("edge-host", async (page) => {
    const dark = () => page.evaluate(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
    assert(await dark());
    await page.emulateMedia({ colorScheme: "light" });
    await until("it follows", async () => !(await dark()));
    await page.getByRole("button", { name: "User menu of alice" }).click();
    await page.getByRole("menuitem", { name: "Dark" }).click();
    assert(await dark());
    await page.reload();
    await page.getByRole("button", { name: "User menu of alice" }).waitFor();
    assert(await dark());
  }, { colorScheme: "dark" }));
