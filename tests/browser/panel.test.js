// The widget's panel while it is used: what stays in sight, what leads back, and what can be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

const PLENTY = Array.from({ length: 14 }, (_, n) => `Line ${n + 1} of a long talk`);

/** A chat with more in its log than fits. */
async function fullChat(name, how) {
  const chat = await here.chat(name, how);
  for (const text of PLENTY) await chat.shopper.write(text);
  await chat.shopper.isSent(PLENTY.at(-1));
  await chat.desk.entry(PLENTY.at(-1)).waitFor();
  await atEnd(chat.shopper);
  return chat;
}

const below = (shopper) =>
  shopper.panel.locator("#log").evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);

const atEnd = (shopper) => until("the end of the log is in sight", async () => (await below(shopper)) <= 1);

/** Two frames later whatever follows a change of size or place has happened. */
async function drawn(shopper) {
  const frame = await shopper.frame();
  await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** The end must be in sight still. */
async function isAtEnd(shopper, when) {
  await drawn(shopper);
  const left = await below(shopper);
  assert.ok(left <= 1, `${when}: ${left} px of the log are below its edge`);
}

const letter = ({ page }) => page.evaluate(() => window.deskbell("open", { view: "ticket" }));

test("the form for a letter leads back to the chat, with what was written there", async () => {
  const { shopper, desk } = await here.chat("Lea Letter", { agent: "ana" });
  await letter(shopper);
  await shopper.panel.locator("#desk").getByLabel("Message").fill("Then rather by mail");
  await picture(shopper.page, "widget-letter-in-chat");
  await shopper.panel.getByRole("button", { name: "Back to the chat" }).click();
  await shopper.bubble("Hello?").waitFor();
  assert.equal(await shopper.composer.inputValue(), "Then rather by mail");

  await letter(shopper);
  await shopper.panel.locator("#desk").getByLabel("Message").fill("Half a letter");
  await desk.say("Sorry for the wait");
  await shopper.bubble("Sorry for the wait").waitFor();
  await shopper.composer.waitFor();
  assert.equal(await shopper.composer.inputValue(), "Half a letter");
  await desk.close();
});

test("whoever writes several lines keeps the end of the log in sight", async () => {
  const { shopper, desk } = await fullChat("Sven Several", { agent: "ben" });
  for (const line of ["First line", "second", "third", "fourth"]) {
    await shopper.composer.pressSequentially(line);
    await isAtEnd(shopper, line);
    await shopper.composer.press("Shift+Enter");
    await isAtEnd(shopper, `a line after ${line}`);
  }
  await shopper.composer.fill("");
  await shopper.composer.fill("Pasted\nin\none\ngo");
  await isAtEnd(shopper, "pasted");
  await desk.say("Take your time");
  await shopper.bubble("Take your time").waitFor();
  await atEnd(shopper);
  assert.ok(await shopper.panel.locator("#jump").isHidden());
  await desk.close();
});

test("the typing dots below a full log are in sight", async () => {
  const { shopper, desk } = await fullChat("Tilda Typing", { agent: "chen" });
  await desk.reply.pressSequentially("Let me look");
  await shopper.typing.waitFor();
  await isAtEnd(shopper, "typing");
  await picture(shopper.page, "widget-typing");
  await desk.close();
});

test("the pill with new messages stands above what is being written", async () => {
  const { shopper, desk } = await fullChat("Paul Pill", { agent: "dalia" });
  await shopper.composer.fill("I am\nwriting\na long\nanswer");
  const log = shopper.panel.locator("#log");
  // A message that is marked as seen in the same frame takes a reader along who was at the end before it; they turn again.
  await until("the reader is away from the end", async () => {
    await log.evaluate((box) => {
      box.scrollTop = 0;
    });
    await drawn(shopper);
    return (await below(shopper)) > 80;
  });
  await desk.say("Something new");
  const pill = shopper.panel.getByRole("button", { name: "1 new message" });
  await pill.waitFor();
  const [box, composer] = [await pill.boundingBox(), await shopper.panel.locator("#composer").boundingBox()];
  assert.ok(
    box.y + box.height <= composer.y,
    `the pill ends at ${box.y + box.height}, the field begins at ${composer.y}`,
  );
  await picture(shopper.page, "widget-pill");
  await pill.click();
  await atEnd(shopper);
  await desk.close();
});

test("in the dark the empty field's words can be read", async () => {
  const { shopper, desk } = await here.chat("Dora Dark", { agent: "emil", shopper: { colorScheme: "dark" } });
  const [words, muted] = await shopper.composer.evaluate((field) => {
    const { color, opacity } = getComputedStyle(field, "::placeholder");
    const probe = document.createElement("i");
    document.body.append(probe);
    probe.style.color = "var(--c-muted)";
    return [`${color} ${opacity}`, `${getComputedStyle(probe).color} 1`];
  });
  assert.equal(words, muted);
  await picture(shopper.page, "widget-dark-empty-field");
  await desk.close();
});

test("clocks are written as the reader's own region writes them", async () => {
  const { shopper, desk } = await here.chat("Amy American", { agent: "farah", shopper: { locale: "en-US" } });
  assert.match(await shopper.mine.locator("time").first().textContent(), /^\d+:\d\d\s[AP]M$/);
  await desk.close();
  const other = await here.shopper();
  await (await other.visit(here.demo.known.shop_url)).open();
  await other.begin("Hello from Britain", { name: "Bea British" });
  assert.match(await other.mine.locator("time").first().textContent(), /^\d\d:\d\d$/);
});

nothingWentWrong(here);
