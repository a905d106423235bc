// What goes to and fro in the panel besides plain words: input methods, emoji, answers to choose from, receipts, what
// is taken back, goods of the shop, and being told of an answer later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

const state = (shopper, body) => shopper.mine.filter({ hasText: body }).locator(".state");

const reads = (shopper, body, word) =>
  until(`${body}: ${word}`, async () => (await state(shopper, body).textContent()) === word);

test("Enter that belongs to an input method sends nothing, the next one does, and Shift+Enter breaks the line", async () => {
  const { shopper, desk } = await here.chat("Ines Input", { agent: "ana" });
  const { composer } = shopper;
  await composer.fill("你好");
  const press = (how) =>
    composer.evaluate((node, init) => {
      const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init });
      node.dispatchEvent(event);
      return event.defaultPrevented;
    }, how);
  assert.equal(await press({ isComposing: true }), false);
  assert.equal(await press({ keyCode: 229 }), false);
  assert.equal(await composer.inputValue(), "你好");
  assert.equal(await shopper.bubble("你好").count(), 0);
  await composer.press("Shift+Enter");
  await composer.pressSequentially("two");
  assert.equal(await composer.inputValue(), "你好\ntwo");
  await composer.press("Enter");
  await shopper.isSent("你好");
  assert.equal(await shopper.mine.last().locator(".bubble").textContent(), "你好\ntwo");
  await desk.close();
});

test("an emoji comes to where the caret is, by keyboard alone, and Escape closes no more than the choice", async () => {
  const { shopper, desk } = await here.chat("Emma Emoji", { agent: "ben" });
  const { panel, composer, page } = shopper;
  const choice = panel.locator("#emoji");
  await composer.fill("So good, thanks");
  await composer.evaluate((node) => node.setSelectionRange(7, 7));
  await panel.locator("#smile").focus();
  await page.keyboard.press("Enter");
  await choice.waitFor();
  assert.equal(await choice.getByRole("button").count(), 24);
  await picture(page, "widget-emoji");
  await page.keyboard.press("Escape");
  await choice.waitFor({ state: "hidden" });
  assert.ok(await composer.isVisible(), "the panel is still open");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await choice.waitFor({ state: "hidden" });
  assert.equal(await composer.inputValue(), "So good😂, thanks");
  assert.ok(await composer.evaluate((node) => node === document.activeElement && node.selectionStart === 9));
  await composer.press("Enter");
  await shopper.isSent("So good😂, thanks");
  await desk.close();
});

async function offer(desk, body, answers) {
  const choose = desk.page.locator("details.choose");
  if (!(await choose.getAttribute("open"))) await choose.locator("summary").click();
  await choose.locator("input").fill(answers);
  await desk.say(body);
}

test("an answer that is offered is sent once and gone, and what is typed instead takes the offer away as well", async () => {
  const { shopper, desk } = await here.chat("Quinn Quick", { agent: "chen" });
  const answers = shopper.panel.locator("#replies button");
  await offer(desk, "Is it the blue one?", "Yes; No; The <b>other</b> one");
  await until("three answers", async () => (await answers.count()) === 3);
  assert.deepEqual(await answers.allTextContents(), ["Yes", "No", "The <b>other</b> one"]);
  await picture(shopper.page, "widget-replies");
  await answers.nth(1).dblclick();
  await shopper.isSent("No");
  assert.equal(await answers.count(), 0);
  await desk.entry(/^No$/).waitFor();
  assert.equal(await shopper.mine.filter({ hasText: /^No/ }).count(), 1);
  await shopper.page.reload();
  await shopper.bubble("Is it the blue one?").waitFor();
  assert.equal(await answers.count(), 0, "nor does it come back");

  await offer(desk, "And the size?", "Small; Large");
  await until("two answers", async () => (await answers.count()) === 2);
  await shopper.write("Medium, please");
  await shopper.isSent("Medium, please");
  assert.equal(await answers.count(), 0);
  await desk.close();
});

test("a message is sent, then delivered, then seen, each in a word", async () => {
  const { shopper, desk } = await here.chat("Rhea Receipt", { agent: "dalia" });
  await reads(shopper, "Hello?", "Seen");
  await desk.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await shopper.write("Are you still there?");
  await reads(shopper, "Are you still there?", "Delivered");
  await desk.openChat("Rhea Receipt");
  await reads(shopper, "Are you still there?", "Seen");
  await desk.page.goto("about:blank");
  await shopper.write("And now?");
  await reads(shopper, "And now?", "Sent");
  await shopper.end();
});

test("what is taken back is a stone on both sides", async () => {
  const { shopper, desk } = await here.chat("Tara Tombstone", { agent: "emil" });
  await shopper.write("My card number is 4111");
  await shopper.isSent("My card number is 4111");
  await desk.entry("My card number is 4111").waitFor();
  await shopper.mine.filter({ hasText: "4111" }).getByRole("button", { name: "Take back" }).click();
  await shopper.bubble("Message taken back").waitFor();
  await until("it is gone at the desk", async () => (await desk.entry("4111").count()) === 0);
  assert.equal(await shopper.bubble("4111").count(), 0);
  await desk.close();
});

test("an address of the shop becomes a card that is looked at and put in the cart, a stranger's does not", async () => {
  const { shopper, desk } = await here.chat("Greta Goods", { agent: "farah" });
  const { page, panel } = shopper;
  const shop = new URL(here.demo.known.shop_url);
  const goods = page.locator('a[href^="/shop/"]');
  const paths = await goods.evaluateAll((all) => all.map((a) => a.pathname));
  const path =
    paths.find((one) => !/cart|checkout|assets|^\/shop\/?$/.test(one) && one.split("/").length > 3) ?? paths[1];
  await page.evaluate(() => {
    window.added = [];
    window.deskbell("on", "addToCart", (what) => window.added.push(what));
  });
  await desk.say(`Not this one: http://127.0.0.1:9/shop/thing`);
  await desk.say(`This one? ${shop.origin}${path}`);
  const card = panel.locator(".card");
  await card.waitFor();
  assert.equal(await card.count(), 1);
  assert.ok((await card.locator("b").textContent()).length > 2);
  assert.match(await card.locator("p").textContent(), /^€\d+\.\d\d · In stock$/);
  const img = card.locator("img");
  await until("its picture is there", () => img.evaluate((node) => node.complete && node.naturalWidth > 0));
  assert.equal(new URL(await img.evaluate((node) => node.src)).origin, here.demo.origin);
  await picture(page, "widget-card");
  await card.getByRole("button", { name: "Add to cart" }).click();
  const [added] = await until("the page is told", async () => {
    const all = await page.evaluate(() => window.added);
    return all.length > 0 && all;
  });
  assert.equal(added.url, `${shop.origin}${path}`);
  assert.ok(added.sku && added.title);
  await card.getByRole("link", { name: "View" }).click();
  await page.waitForURL(`**${path}`);
  await shopper.bubble("This one?").waitFor();
  await desk.close();
});

test("whoever waits may ask to be told later, in a window of its own", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("I cannot stay long", { name: "Nils Notify" });
  const [window] = await Promise.all([
    shopper.page.waitForEvent("popup"),
    shopper.panel.getByRole("button", { name: "Notify me" }).click(),
  ]);
  await window.waitForURL(/\/w\/[^/]+\/notify\/.+/);
  await shopper.panel.getByRole("button", { name: "Notify me" }).waitFor({ state: "hidden" });
});

nothingWentWrong(here);
