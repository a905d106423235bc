// An owner sets how the shop routes, and the next chat goes that way; answers that are late are told in the console.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

/** What a shop's server says of its shopper, signed with the site's secret. */
function statement(sub, attributes) {
  const { site_key: aud, site_secret: secret } = here.demo.known;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, aud, exp, name: sub, attributes })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

async function routing(owner) {
  await owner.page.goto(`${here.demo.origin}/admin/sites`);
  await owner.page.getByRole("link", { name: "Larkmoor" }).click();
  await owner.page.getByRole("link", { name: "Routing" }).click();
  await owner.page.waitForURL("**/routing");
  return owner.page;
}

async function identified(name, attributes) {
  const shopper = await here.shopper();
  await shopper.visit(here.demo.known.shop_url);
  await shopper.page.evaluate((token) => window.deskbell("identify", { token }), statement(name, attributes));
  await shopper.open();
  return shopper;
}

test("a rule that an owner adds sends the next gold shopper to its team, and a late answer is told", async () => {
  const owner = await here.agent("hugo");
  const page = await routing(await owner.signIn());
  await page.getByLabel("What rule 1 looks at").selectOption({ label: "Signed attribute" });
  await page.getByLabel("Value of rule 1").fill("gold");
  await page.getByLabel("Team of rule 1").selectOption({ label: "Products" });
  await page.getByRole("button", { name: "Save" }).click();
  const mistake = page.locator("#rule_0-problem");
  await mistake.waitFor();
  assert.match(await mistake.textContent(), /such as plan/);
  assert.equal(await page.getByLabel("What rule 1 looks at").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Value of rule 1").inputValue(), "gold");
  await page.getByLabel("Attribute or question of rule 1").fill("plan");
  await page.getByLabel("Class of rule 1").selectOption({ label: "VIP" });
  const vip = page.getByRole("group", { name: "VIP" });
  await vip.getByLabel("First answer").fill("5 s");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").filter({ hasText: "Saved." }).waitFor();

  // Ana is in the team for orders, Ben in the one for products.
  const [ana, ben] = [await here.agent("ana"), await here.agent("ben")];
  await (await ana.signIn()).beAvailable();
  await (await ben.signIn()).beAvailable();
  const shopper = await identified("Goldie", { plan: "Gold" });
  await shopper.begin("I have a golden card", {});
  await ben.row("Goldie").waitFor();
  assert.equal(await ana.row("Goldie").count(), 0);
  const chip = ben.row("Goldie").locator(".chip[data-late]");
  await until("the chip says that the answer is late", async () =>
    /^First answer late since/.test(await chip.textContent()),
  );
  assert.match(await chip.getAttribute("class"), /\bbad\b/);
  await ben.page.locator(".toasts").getByText("A first answer is late.").waitFor();
  await picture(ben.page, "owner-late");
  await ben.openChat("Goldie");
  await ben.notes.filter({ hasText: "First answer late: 5 s of opening time have passed." }).waitFor();
  await ben.say("Here I am");
  await shopper.bubble("Here I am").waitFor();
  assert.equal(await shopper.bubbles.filter({ hasText: "opening time" }).count(), 0);
});

nothingWentWrong(here);
