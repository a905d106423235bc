// Replies that are ready, as C12 wants them: a slash opens them, they filter, arrows and Enter insert at the caret beside
// what stands there, twice; what is not filled in is not sent; Escape closes the list alone; two slashes are one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { picture, still } from "./house/browser.js";
import { scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

async function axe(page) {
  await still(page);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id} ${nodes[0].target}`),
    [],
  );
}

async function make(page, shortcut, text) {
  await page.goto(`${here.demo.origin}/console/canned`);
  await page.getByRole("link", { name: "New reply" }).first().click();
  await page.getByLabel("Shortcut").fill(shortcut);
  await page.getByLabel("Text", { exact: true }).first().fill(text);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
}

test("a slash offers replies that are inserted at the caret", async () => {
  const agent = await (await here.agent("ana")).signIn();
  const { page } = agent;
  await make(page, "thanks", "Thank you, {customer.name}.");
  await make(page, "track", "Your parcel is on its way: {order.number}");
  await make(page, "xss", "<img src=x onerror=\"document.title='gone'\">");
  await axe(page);
  await picture(page, "canned-list");
  await page.getByRole("link", { name: /\/thanks/ }).click();
  await axe(page);
  await picture(page, "canned-one");
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Is my order on its way?", { name: "Cara Canned" });
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await agent.beAvailable();
  await agent.openChat("Cara Canned");
  const { reply } = agent;
  const options = page.locator(".canned [role=option]");
  await reply.pressSequentially("Good day. /");
  await until("all are offered", async () => (await options.count()) === 3);
  await axe(page);
  await picture(page, "canned-open");
  await reply.pressSequentially("thank");
  await until("one is left", async () => (await options.count()) === 1);
  await page.keyboard.press("Enter");
  assert.equal(await reply.inputValue(), "Good day. Thank you, Cara Canned.");
  assert.equal(await options.count(), 0);
  await reply.pressSequentially(" /");
  await options.first().waitFor();
  assert.match(await options.first().textContent(), /thanks/, "what was used comes first");
  await page.keyboard.press("ArrowDown");
  const second = await options.nth(1).textContent();
  await page.keyboard.press("Tab");
  assert.ok((await reply.inputValue()).startsWith("Good day. Thank you, Cara Canned. "), second);
  await reply.fill("");

  await reply.pressSequentially("/track");
  await until("the one", async () => (await options.count()) === 1);
  await page.keyboard.press("Enter");
  assert.equal(await reply.inputValue(), "Your parcel is on its way: {order.number}");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("still in the text").waitFor();
  assert.equal(await reply.inputValue(), "Your parcel is on its way: {order.number}");
  await reply.fill("");

  await reply.pressSequentially("See //");
  assert.equal(await reply.inputValue(), "See /");
  await reply.pressSequentially(" /nothing-like-it");
  await page.getByText("No reply of this name").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("No reply of this name").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.name), "body");
  assert.equal(await reply.inputValue(), "See / /nothing-like-it");
  await page.keyboard.press("Enter");
  await shopper.bubble("See / /nothing-like-it").waitFor();
  await reply.pressSequentially("/xss");
  await until("the one", async () => (await options.count()) === 1);
  await options.first().click();
  assert.match(await reply.inputValue(), /^<img/);
  assert.notEqual(await page.title(), "gone");
  await reply.fill("and/or http://shop.example/a");
  assert.equal(await options.count(), 0, "a slash inside a word is a slash");
  await page.context().close();
});
