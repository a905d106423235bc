// The console without script, on a phone, and with hostile texts in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { HOSTILE } from "./house/hostile.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
// As many as a page shows together with their answers; `corpus.test.js` has all of them.
const TEXTS = HOSTILE.slice(0, 20);

test("without script an agent signs in, answers, notes, transfers; the next one closes", async () => {
  const plain = { javaScriptEnabled: false };
  const ana = await here.agent("ana", plain);
  await (await ana.signIn()).beAvailable();
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Do you work without script?", { name: "Nora Noscript" });
  await until("the chat is hers", async () => {
    await ana.page.reload();
    return ana.row("Nora Noscript").count();
  });
  await ana.openChat("Nora Noscript");
  assert.deepEqual(await ana.entries.allTextContents(), ["Do you work without script?"]);
  const unread = ana.page.getByRole("button", { name: "Mark as read" });
  assert.equal(await unread.count(), 1);
  await ana.say("Yes, we do.");
  assert.equal(await unread.count(), 0);
  await shopper.bubble("Yes, we do.").waitFor();
  await ana.writeNote("She likes plain pages");

  const ben = await here.agent("ben", plain);
  await (await ben.signIn()).beAvailable();
  await ana.page.reload();
  await ana.page.locator("summary", { hasText: "Transfer" }).click();
  const to = ana.page.getByLabel("Transfer to");
  await to.selectOption(await to.locator("option", { hasText: "Ben Okafor" }).getAttribute("value"));
  await ana.page.getByLabel("Note for them").fill("Yours now");
  await ana.page.locator(".pop").getByRole("button", { name: "Transfer" }).click();
  await until("it is Ben's", async () => {
    await ben.page.reload();
    return ben.row("Nora Noscript").count();
  });
  await ben.openChat("Nora Noscript");
  const notes = await ben.notes.allTextContents();
  assert.ok(notes.includes("She likes plain pages"), notes.join());
  assert.ok((await ben.page.locator(".log").textContent()).includes("Yours now"));
  await ben.say("Ben here.");
  await shopper.bubble("Ben here.").waitFor();
  assert.ok(!(await shopper.panel.locator("body").textContent()).includes("plain pages"));
  await picture(ben.page, "console-without-script");
  await ben.close();
  await shopper.ended.locator("h2").waitFor();
  for (const desk of [ana, ben]) await desk.be("Busy");
});

test("on a phone the way leads from the list to the conversation, to the shopper and back", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  const { shopper, desk } = await here.chat("Pia Phone", {
    agent: "chen",
    desk: phone,
    shopper: phone,
    body: "From my phone",
  });
  const { page } = desk;
  await desk.say("On a phone too");
  await shopper.bubble("On a phone too").waitFor();
  await picture(shopper.page, "widget-phone");
  await picture(page, "console-phone-conversation");
  const box = await desk.reply.boundingBox();
  assert.ok(box.y + box.height <= 844, "the composer is below the screen");
  const width = () => page.evaluate(() => document.scrollingElement.scrollWidth);
  assert.ok((await width()) <= 390, "the conversation is wider than the screen");

  await page.getByRole("link", { name: "About the shopper" }).click();
  await page.getByRole("heading", { name: "About the shopper" }).waitFor();
  await picture(page, "console-phone-context");
  assert.ok(await desk.reply.isHidden());
  await page.getByRole("link", { name: "Back to the conversation" }).click();
  await desk.reply.waitFor();
  await page.getByRole("link", { name: "Back to the list" }).click();
  await desk.row("Pia Phone").waitFor();
  assert.ok(await desk.reply.isHidden());
  assert.ok((await width()) <= 390, "the list is wider than the screen");
  await picture(page, "console-phone-list");
  await page.goBack();
  await desk.reply.waitFor();

  const small = await page.locator("a, button, summary, input, select, textarea").evaluateAll((nodes) =>
    nodes
      .filter(
        (node) =>
          node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
          !node.matches(".vh, .skip, .take-back *"),
      )
      .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
      .filter(([, { width, height, bottom }]) => bottom > 0 && Math.min(width, height) < 44)
      .map(([what, { width, height }]) => `${Math.round(width)}x${Math.round(height)} ${what}`),
  );
  assert.deepEqual(small, []);
  await desk.close();
  await desk.page.goto(here.demo.known.console_url);
  await desk.be("Busy");
});

test("C21: a keyboard over the page, or one that makes it smaller, leaves the composer in sight", async () => {
  const desk = await here.agent("dalia", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page } = desk;
  await page.addInitScript(() => {
    window.fake = Object.assign(new EventTarget(), { height: 844, width: 390, offsetTop: 0, scale: 1 });
    Object.defineProperty(window, "visualViewport", { value: window.fake });
  });
  await desk.signIn();
  await desk.beAvailable();
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Can you see what you type?", { name: "Kim Keyboard" });
  await desk.row("Kim Keyboard").waitFor();
  await desk.openChat("Kim Keyboard");
  await desk.reply.tap();
  const raise = (height) =>
    page.evaluate((to) => {
      window.fake.height = to;
      window.fake.dispatchEvent(new Event("resize"));
    }, height);
  const ends = (at) => async () => {
    const [field, send] = [await desk.reply.boundingBox(), await page.locator(".write.reply .primary").boundingBox()];
    const bottom = Math.max(field.y + field.height, send.y + send.height);
    return bottom <= at && bottom > at - 60 && field.y > 48;
  };
  await raise(480);
  await until("the composer ends where the keyboard begins", ends(480));
  await picture(page, "console-phone-keyboard");
  await raise(844);
  await until("it is back below", ends(844));
  await page.setViewportSize({ width: 390, height: 480 });
  await until("it ends with the smaller page", ends(480));
  await desk.be("Busy");
});

test("hostile texts stay texts, everywhere they are shown", async () => {
  const name = `Zoe <img src=x onerror=alert(1)> "'&`;
  const { shopper, desk } = await here.chat(name, { agent: "dalia", body: TEXTS[0] });
  for (const text of TEXTS.slice(1)) {
    await shopper.write(text);
    await shopper.isSent(text);
  }
  await desk.entry(TEXTS.at(-1)).waitFor();
  const answers = TEXTS.map((text, n) => `Answer ${n + 1}. ${text}`);
  for (const text of answers) await desk.say(text);
  await desk.writeNote(TEXTS[1]);
  await shopper.bubble(answers.at(-1)).waitFor();

  const wanted = [...TEXTS, ...answers];
  assert.deepEqual(await shopper.texts(), wanted);
  const shown = async () => {
    const all = await desk.page.locator(".log .entry:not(.note) .text").allTextContents();
    assert.deepEqual(all, wanted);
    assert.equal(await desk.page.locator(".thread .title bdi").first().textContent(), name);
  };
  await shown();
  await desk.page.reload();
  await shown();
  for (const list of ["mine", "all"]) {
    await desk.page.goto(`${here.demo.origin}/console/inbox/${list}`);
    assert.equal(await desk.row("Zoe").locator(".name bdi").textContent(), name);
  }
  await desk.openChat("Zoe");
  await desk.close();
  await shopper.ended.locator("h2").waitFor();
  await shopper.ended.locator(".rate").first().click();
  await shopper.ended.getByLabel("Comment (optional)").fill(TEXTS[1]);
  await shopper.ended.getByRole("button", { name: "Send rating" }).click();
  await shopper.ended.getByLabel("E-mail").fill("zoe@customer.example");
  await shopper.ended.getByRole("button", { name: "E-mail me the transcript" }).click();
  const mail = await desk.page.context().newPage();
  const letter = mail.locator(".letter", { hasText: "zoe@customer.example" });
  await until("the letter is captured", async () => {
    await mail.goto(here.demo.known.mail_url);
    return letter.count();
  });
  await letter.first().getByRole("link").click();
  await mail.waitForLoadState();
  const html = await mail.frameLocator("iframe").locator("body").textContent();
  const text = await mail.locator("pre.text").textContent();
  for (const one of TEXTS) assert.ok(html.includes(one) && text.includes(one), one);
});

nothingWentWrong(here);
