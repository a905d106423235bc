// Replies that are ready, as C12 wants them: a slash opens them, they filter, arrows and Enter insert at the caret beside
// what stands there, twice; what is not filled in is not sent; Escape closes the list alone; two slashes are one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

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
  assert.deepEqual(await axe(page), []);
  await picture(page, "canned-list");
  await page.getByRole("link", { name: /\/thanks/ }).click();
  assert.deepEqual(await axe(page), []);
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
  assert.deepEqual(await axe(page), []);
  await picture(page, "canned-open");
  await reply.pressSequentially("thank");
  await until("one is left", async () => (await options.count()) === 1);
  await page.keyboard.press("Enter");
  await until("it is there", async () => (await reply.inputValue()) === "Good day. Thank you, Cara Canned.");
  assert.equal(await options.count(), 0);
  await reply.pressSequentially(" /");
  await options.first().waitFor();
  assert.match(await options.first().textContent(), /thanks/, "what was used comes first");
  await page.keyboard.press("ArrowDown");
  const second = await options.nth(1).getAttribute("data-text");
  await page.keyboard.press("Enter");
  assert.equal(await reply.inputValue(), `Good day. Thank you, Cara Canned. ${second}`);
  // Between two words, by Tab.
  await reply.fill("one two");
  for (let n = 0; n < 4; n += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(" /than");
  await until("one is left", async () => (await options.count()) === 1);
  await page.keyboard.press("Tab");
  await until("it is between them", async () => (await reply.inputValue()) === "one Thank you, Cara Canned. two");
  assert.equal(await reply.evaluate((field) => field.selectionEnd), "one Thank you, Cara Canned.".length);
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

  // Who types faster than the server answers gets what was typed, not what the list showed before it.
  await page.route("**/canned?*", async (route) => {
    await new Promise((done) => setTimeout(done, 400));
    await route.continue();
  });
  await reply.fill("");
  await reply.pressSequentially("/");
  await until("all are offered", async () => (await options.count()) === 3);
  assert.doesNotMatch(await options.first().textContent(), /thanks/);
  await reply.pressSequentially("than");
  await page.keyboard.press("Enter");
  await until("it is the one", async () => (await reply.inputValue()) === "Thank you, Cara Canned.");
  await reply.fill("");
  await reply.pressSequentially("go to /no-such-place");
  await page.keyboard.press("Enter");
  await shopper.bubble("go to /no-such-place").waitFor();
  await page.unroute("**/canned?*");
  await page.route("**/canned?*", (route) => route.abort());
  await reply.pressSequentially("or to /elsewhere");
  await page.keyboard.press("Enter");
  await shopper.bubble("or to /elsewhere").waitFor();
  await page.context().close();
});

test("a macro answers, tags and closes with one press; without script and on a phone it is a menu like any other", async () => {
  const boss = await (await here.agent("grace")).signIn();
  const { page } = boss;
  await page.goto(`${here.demo.origin}/admin/tags`);
  await page.getByLabel("Name").first().fill("Refund");
  await page.getByRole("button", { name: "Add" }).first().click();
  await make(page, "bye", "Goodbye, {customer.name}.");
  await page.getByRole("link", { name: /\/bye/ }).click();
  await page.getByLabel("Who may use it").selectOption("site");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto(`${here.demo.origin}/console/macros`);
  assert.deepEqual(await axe(page), []);
  await page.getByRole("link", { name: "New macro" }).click();
  await page.getByLabel("Name").fill("Refund and goodbye");
  await page.getByLabel("Who may use it").selectOption("site");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Choose at least one thing").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "Refund and goodbye");
  await page.getByRole("group", { name: "Add these tags" }).getByLabel("Refund").check();
  await page.getByLabel("Internal note").fill("All done, {agent.name}.");
  await page.getByLabel("Send a ready reply").selectOption({ label: "/bye" });
  await page.getByLabel("At last").selectOption("close");
  assert.deepEqual(await axe(page), []);
  await picture(page, "macro-one");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  assert.deepEqual(await axe(page), []);
  await picture(page, "macros-list");

  for (const [name, options] of [
    ["Mia Macro", {}],
    ["Pia Plain", { javaScriptEnabled: false }],
    ["Tina Thumb", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" }],
  ]) {
    const shopper = await here.shopper();
    await (await shopper.visit(here.demo.known.shop_url)).open();
    await shopper.begin("Thank you!", { name });
    const agent = await (await here.agent("ben", options)).signIn();
    const desk = agent.page;
    await agent.beAvailable();
    await until("it is his", async () => {
      await desk.goto(`${here.demo.origin}/console/inbox/mine`);
      return agent.row(name).count();
    });
    await agent.openChat(name);
    if (options.isMobile || options.javaScriptEnabled === false)
      await desk.locator("summary", { hasText: "Macros" }).click();
    else {
      await desk.keyboard.press("Escape");
      await desk.keyboard.press("m");
    }
    const item = desk.getByRole("button", { name: /^Refund and goodbye/ });
    await item.waitFor();
    if (options.javaScriptEnabled !== false) assert.deepEqual(await axe(desk), []);
    await picture(desk, `macro-menu-${name.split(" ")[1].toLowerCase()}`);
    await item.click();
    await shopper.bubble(`Goodbye, ${name}.`).waitFor();
    await shopper.ended.locator("h2").waitFor();
    await desk.getByText("All done, Ben Okafor.").first().waitFor();
    await desk.locator(".sorting .chip", { hasText: "Refund" }).waitFor();
    await desk.context().close();
  }
  await page.context().close();
});
