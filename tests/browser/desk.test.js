// What an agent reads and writes: links, lines, ratings, tickets, the composer's two modes, a form with a mistake.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

test("a web address in a message can be followed, as a stranger's", async () => {
  const { shopper, desk } = await here.chat("Lino Links", {
    body: "See https://shop.example/help?a=1&b=2.",
  });
  await desk.say("Or http://127.0.0.1:9/(x) and javascript:alert(1)");
  await desk.writeNote("Copied from https://crm.example/7");
  const links = desk.page.locator(".log .text a");
  const wanted = ["https://shop.example/help?a=1&b=2", "http://127.0.0.1:9/(x)", "https://crm.example/7"];
  const shown = async () => {
    assert.deepEqual(await links.allTextContents(), wanted);
    for (const link of await links.all()) {
      assert.equal(await link.getAttribute("href"), await link.textContent());
      assert.equal(await link.getAttribute("target"), "_blank");
      assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
    }
  };
  await shown();
  await desk.page.reload();
  await shown();
  await shopper.bubble("Or http").waitFor();
  await desk.close();
});

test("a name that runs the other way leaves the line around it alone, centred over its card", async () => {
  const name = "محمد العلي";
  const { shopper, desk } = await here.chat(name, { body: "مرحبا" });
  await shopper.end();
  const line = desk.page.locator(".log .k-closed");
  await line.waitFor();
  // First strong isolate, and its end: the name keeps its direction, and the line its own.
  assert.match(await line.textContent(), /^\u2068محمد العلي\u2069 ended the conversation/);
  assert.equal(await line.locator("p").evaluate((node) => getComputedStyle(node).direction), "ltr");
  const [text, card] = await desk.page.locator(".log .k-opened").evaluate((node) => {
    const words = document.createRange();
    words.selectNodeContents(node.querySelector("p"));
    return [words, node.querySelector("dl")].map((one) => one.getBoundingClientRect());
  });
  const middle = ({ left, right }) => (left + right) / 2;
  assert.ok(Math.abs(middle(text) - middle(card)) < 4, `${middle(text)} ${middle(card)}`);
  await picture(desk.page, "console-line");
});

test("what a shopper types is shown before it is sent where the shop says so to both", async () => {
  const admin = await (await here.agent("hugo")).signIn();
  const choose = async (isOn) => {
    await admin.page.goto(`${here.demo.origin}/admin/sites`);
    await admin.page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
    await admin.page.getByLabel("Show agents what a shopper types").setChecked(isOn);
    await admin.page.getByRole("button", { name: "Save" }).click();
    await admin.page.getByText("Saved.").waitFor();
  };
  const notice = ({ panel }) => panel.getByText("Our team sees what you type");
  const { shopper: unwatched, desk } = await here.chat("Una Unwatched", { body: "Nobody looks on" });
  const dots = desk.typing.locator(".dots");
  await until("the dots are there", async () => {
    await unwatched.composer.fill("");
    await unwatched.composer.pressSequentially("private words");
    return dots.waitFor({ timeout: 1000 }).then(
      () => true,
      () => false,
    );
  });
  assert.equal(await desk.typing.locator(".preview").count(), 0);
  assert.equal(await notice(unwatched).count(), 0);
  await desk.close();
  await choose(true);
  await until("the site is fresh", async () => {
    const answer = await fetch(`${here.demo.origin}/w/panel?site=${here.demo.known.site_key}`);
    return (await answer.text()).includes("Our team sees what you type");
  });
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Somebody looks on", { name: "Wanda Watched" });
  await desk.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await desk.openChat("Wanda Watched");
  await notice(shopper).waitFor();
  await shopper.composer.pressSequentially("Half a <b>thought", { delay: 30 });
  await desk.typing.locator(".preview", { hasText: "Half a <b>thought" }).waitFor();
  await picture(desk.page, "typing-preview");
  await picture(shopper.page, "typing-preview-shopper");
  const [shown, field] = [await desk.typing.boundingBox(), await desk.reply.boundingBox()];
  assert.ok(shown.y + shown.height <= field.y, "it covers nothing");
  await shopper.composer.fill("");
  await desk.typing.locator(".preview").waitFor({ state: "detached" });
  await choose(false);
  await desk.close();
});

test("a closed chat shows its rating in the lists", async () => {
  const { shopper, desk } = await here.chat("Rika Rates", { body: "How good are you?" });
  await desk.close();
  await shopper.ended.locator(".rate").nth(3).click();
  await shopper.ended.getByRole("button", { name: "Send rating" }).click();
  await shopper.ended.locator("p.thanks").waitFor();
  await desk.page.goto(`${here.demo.origin}/console/inbox/closed`);
  const row = desk.row("Rika Rates");
  await row.waitFor();
  assert.match(await row.textContent(), /Rated 4 of 5.*★★★★☆/s);
  await picture(desk.page, "console-closed");
});

test("a ticket's page can be read on a phone, and offers nothing that a mail cannot do", async () => {
  const subject = "The lamp that I ordered three weeks ago has not arrived yet";
  const { desk } = await here.chat("Theo Ticket", { body: subject, desk: phone });
  await desk.page.getByLabel("More").click();
  await desk.page.getByLabel("Shopper's e-mail").fill("theo@customer.example");
  await desk.page.getByRole("button", { name: "Make a ticket" }).click();
  await desk.page.getByText("Answer on ticket").click();
  await desk.page.waitForURL("**/console/tickets/*");
  await desk.page.getByLabel("Answer by mail").fill("We shall write to you.");
  await desk.page.getByRole("button", { name: "Send by mail" }).click();
  await desk.entry("We shall write to you.").waitFor();
  const head = desk.page.locator(".thread .head");
  await head.locator(".chip", { hasText: /^Pending$/ }).waitFor();
  await picture(desk.page, "console-phone-ticket");
  const parts = [head.getByText(subject), head.getByText(/^#\d+$/), head.locator(".chip"), head.getByText("@customer")];
  for (const part of [...parts, head.getByLabel("Status"), head.getByText("Open the chat")]) {
    const { isCut, left, right } = await part.evaluate((node) => {
      const { left, right } = node.getBoundingClientRect();
      return { isCut: node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0, left, right };
    });
    assert.ok(!isCut && left >= 0 && right <= 390, `${part}: ${left} to ${right}`);
  }
  const dot = await head
    .locator(".chip")
    .evaluate((node) => ["::before", "::after"].map((part) => getComputedStyle(node, part).content).join());
  assert.equal(dot, "none,none");
  assert.equal(await desk.page.locator(".take-back").count(), 0);
  await desk.page.getByText("Open the chat").click();
  await desk.entry("We shall write to you.").waitFor();
  assert.equal(await desk.page.locator(".take-back").count(), 0);
});

test("the arrow keys choose a mode and stay there; Enter or a click goes on to the text", async () => {
  const { desk } = await here.chat("Kim Keys", { body: "Which mode?" });
  const [reply, note] = ["Reply", "Internal note"].map((name) => desk.page.getByRole("radio", { name }));
  await desk.reply.press("Shift+Tab");
  await desk.page.keyboard.press("ArrowRight");
  assert.ok(await note.isChecked());
  const has = (field) => field.evaluate((node) => node === document.activeElement);
  assert.ok(await has(note));
  await desk.page.keyboard.press("ArrowLeft");
  assert.ok(await has(reply));
  await desk.page.keyboard.press("ArrowRight");
  await desk.page.keyboard.press("Enter");
  assert.ok(await has(desk.note));
  await desk.page.getByText("Reply", { exact: true }).first().click();
  assert.ok(await has(desk.reply));
  await desk.close();
});

test("a text that was too long is not complained about any more when it is changed", async () => {
  const { shopper, desk } = await here.chat("Lola Long", { body: "Tell me more" });
  await desk.reply.fill("x".repeat(8001));
  await desk.reply.press("Enter");
  const problem = desk.page.locator(".write.reply .problem");
  await problem.waitFor();
  await desk.reply.fill("Everything");
  assert.equal(await problem.count(), 0);
  await desk.reply.press("Enter");
  await shopper.bubble("Everything").waitFor();
  await desk.close();
});

test("an opened Take back leaves the time where it was", async () => {
  const { desk } = await here.chat("Tom Takes", { body: "What now?" });
  await desk.say("Something");
  const entry = desk.page.locator(".entry.from-staff[data-k]", { hasText: "Something" });
  await entry.hover();
  // What is new comes in by a movement.
  await entry.evaluate((node) => Promise.all(node.getAnimations({ subtree: true }).map(({ finished }) => finished)));
  const top = async () => (await entry.locator(".meta > time").boundingBox()).y;
  const before = await top();
  await entry.getByText("Take back", { exact: true }).click();
  await entry.getByRole("button", { name: "Take this message back" }).waitFor();
  assert.ok(Math.abs((await top()) - before) <= 1, `${before} ${await top()}`);
  await picture(desk.page, "console-take-back");
  await desk.close();
});

test("a mistake in the opening hours is told at its day", async () => {
  const admin = await here.agent("hugo");
  const { page } = await admin.signIn();
  await page.goto(`${here.demo.origin}/admin/sites`);
  await page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await page.getByLabel("Monday").fill("9 to 5");
  await page.getByRole("button", { name: "Save" }).click();
  const banner = page.getByText("Nothing was saved yet");
  await banner.waitFor();
  assert.equal(await page.getByLabel("Monday").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Tuesday").getAttribute("aria-invalid"), null);
  const boxes = [page.getByLabel("Monday"), page.getByText(/^Write times such as/), page.getByLabel("Tuesday")];
  const [monday, mistake, tuesday] = await Promise.all(boxes.map((box) => box.boundingBox()));
  assert.ok(monday.y < mistake.y && mistake.y < tuesday.y);
  const [told, card] = [await banner.boundingBox(), await page.locator(".block").first().boundingBox()];
  assert.ok(card.y - told.y - told.height >= 8, "the banner touches the card");
  await picture(page, "admin-mistake");
});

nothingWentWrong(here);
