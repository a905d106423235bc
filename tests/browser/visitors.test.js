// The visitors' page beside a shop: who opens the chat appears in it, who closes their tab is gone, and nothing moves under a pointer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const row = (agent) => agent.page.locator("#rows .visitor");

async function visits(options) {
  const shopper = await here.shopper(options);
  return (await shopper.visit(here.demo.known.shop_url)).open();
}

async function looks(agent, what) {
  assert.deepEqual(await axe(agent.page), [], what);
  const beyond = await agent.page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${what} is ${beyond} px too wide`);
  await picture(agent.page, `visitors-${what}`);
}

test("who opens the chat is there, where they go is seen, and who closes the tab is gone", async () => {
  const ana = await here.agent("ana");
  await (await ana.signIn()).beAvailable();
  await ana.page.keyboard.press("g");
  await ana.page.keyboard.press("v");
  await ana.page.waitForURL("**/console/visitors");
  await ana.page.getByText("Nobody has the chat open").waitFor();
  await looks(ana, "empty");

  const reader = await here.shopper();
  await reader.visit(here.demo.known.shop_url);
  const shopper = await visits();
  await row(ana).getByText("Has not written yet").waitFor();
  assert.equal(await row(ana).count(), 1, "whoever merely reads the shop is not there");
  const link = row(ana).locator(".text a").first();
  assert.equal(await link.getAttribute("href"), here.demo.known.shop_url.replace(/\/?$/, "/"));
  await looks(ana, "one");

  await shopper.begin("Is the lamp there?", { name: "Vera Vista" });
  await row(ana).getByText("In a chat with Ana Lindqvist").waitFor();
  await row(ana).getByText("Vera Vista").waitFor();
  const goods = shopper.page.locator("main a[href*='/p/']").first();
  const there = await goods.evaluate(({ href }) => href);
  await shopper.page.goto(there);
  await until("the page they went to", async () => (await link.getAttribute("href")) === there);
  await row(ana).getByRole("link", { name: "Open the chat" }).click();
  await ana.entry("Is the lamp there?").waitFor();
  await ana.page.goBack();
  await ana.page.mouse.move(2, 2);
  await row(ana).getByText("Vera Vista").waitFor();
  await shopper.page.close();
  await ana.page.getByText("Nobody has the chat open").waitFor();
});

test("an agent writes first, and the open panel shows it at once", async () => {
  const dalia = await here.agent("dalia");
  await (await dalia.signIn()).beAvailable();
  const shopper = await visits();
  await shopper.panel.locator("#sheet textarea").fill("Which lamp is the");
  await dalia.page.goto(`${here.demo.origin}/console/visitors`);
  await row(dalia).getByRole("link", { name: "Write first" }).click();
  await dalia.page.getByLabel("Write to Visitor").fill("Shall I show you the lamps?");
  await looks(dalia, "write");
  await dalia.page.getByRole("button", { name: "Send and open the chat" }).click();
  await dalia.page.waitForURL("**/console/c/**");
  await dalia.entry("Shall I show you the lamps?").waitFor();
  await shopper.bubble("Shall I show you the lamps?").waitFor();
  assert.equal(await shopper.composer.inputValue(), "Which lamp is the", "what was being typed is still there");
  await picture(shopper.page, "visitors-panel");
  await shopper.write("Yes, please");
  await dalia.entry("Yes, please").waitFor();
  await shopper.page.close();
  await dalia.page.goto(`${here.demo.origin}/console/visitors`);
  await dalia.page.getByText("Nobody has the chat open").waitFor();
});

test("under a pointer the rows stand still, and what waits comes when it has gone", async () => {
  const ben = await here.agent("ben");
  await ben.signIn();
  await ben.page.goto(`${here.demo.origin}/console/visitors`);
  const first = await visits();
  await row(ben).first().waitFor();
  const mouse = ben.page.mouse;
  await row(ben).first().hover();
  const second = await visits();
  await ben.page.locator("#held:not([hidden])").waitFor();
  assert.equal(await row(ben).count(), 1);
  await picture(ben.page, "visitors-held");
  await mouse.move(2, 2);
  await until("the other is there", async () => (await row(ben).count()) === 2);
  await first.page.close();
  await second.page.close();
  await ben.page.getByText("Nobody has the chat open").waitFor();
});

test("without script the page says it as well", async () => {
  const emil = await here.agent("emil", { javaScriptEnabled: false });
  await emil.signIn();
  const shopper = await visits();
  await until("they are there", async () => {
    await emil.page.goto(`${here.demo.origin}/console/visitors`);
    return (await row(emil).count()) === 1;
  });
  await emil.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Visitors" }).waitFor();
  await shopper.page.close();
});

for (const [how, options] of [
  ["dark", { colorScheme: "dark" }],
  ["phone", phone],
  ["phone-dark", { ...phone, colorScheme: "dark" }],
]) {
  test(`the visitors are well made: ${how}`, async () => {
    const grace = await here.agent("grace", options);
    await grace.signIn();
    const shopper = await visits();
    await grace.page.goto(`${here.demo.origin}/console/visitors`);
    await row(grace).first().waitFor();
    await looks(grace, how);
    await grace.page.setViewportSize({ width: 320, height: 640 });
    await looks(grace, `320-${how}`);
    await row(grace).first().getByRole("link", { name: "Write first" }).click();
    await grace.page.getByLabel("Write to Visitor").waitFor();
    await looks(grace, `320-write-${how}`);
    await shopper.page.close();
  });
}

nothingWentWrong(here);
