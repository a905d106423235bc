// The console under load and behind somebody's back: what is half typed stays as it is, the log holds still for whoever
// reads further up, long conversations stay short in the page, and of three tabs one rings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "./house/crowd.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { run } from "./house/sql.js";
import { until } from "./house/until.js";

const here = scene({ isWhole: true });

test("C4: two hundred live operations leave a half-typed reply its text, caret and focus", async () => {
  const agent = await (await here.agent("ana")).signIn();
  await agent.beAvailable();
  const crowd = await Crowd.open(here);
  const chats = [];
  for (let n = 0; n < 5; n += 1) chats.push(await crowd.come(`first of ${n}`, `Visitor ${n}`));
  await until("they are hers", async () => (await agent.rows.count()) === 5);
  await agent.openChat("Visitor 0");
  const { page, reply } = agent;
  const seen = await page.evaluate(() => {
    window.operations = 0;
    document.addEventListener("desk:after", () => window.operations++);
    return document.querySelector(".log").id;
  });
  assert.ok(seen.endsWith(chats[0]));
  await reply.pressSequentially("Half a sentence with a hole in it");
  await reply.evaluate((field) => field.setSelectionRange(5, 15));
  for (let n = 0; n < 200; n += 1) await crowd.say(chats[n % 5], `more ${n} of it`);
  await agent.entry("more 195 of it").waitFor();
  await agent.row("more 199 of it").waitFor();
  const field = await reply.evaluate((one) => [
    one.value,
    one.selectionStart,
    one.selectionEnd,
    document.activeElement === one,
  ]);
  assert.deepEqual(field, ["Half a sentence with a hole in it", 5, 15, true]);
  assert.ok((await page.evaluate(() => window.operations)) > 0);
  const texts = await agent.entries.allTextContents();
  assert.equal(texts.filter((text) => text === "more 195 of it").length, 1, "each once");
  await page.keyboard.type("whole");
  assert.equal(await reply.inputValue(), "Half whole with a hole in it");
  await reply.fill("");
  await agent.be("Busy");
});

test("C3: at its end the log follows; further up it moves by two pixels at most, and a pill says what came", async () => {
  const { shopper, desk } = await here.chat("Sticky Steve", { agent: "chen", body: "number 0" });
  const { page } = desk;
  for (let n = 1; n < 30; n += 1) await shopper.write(`number ${n}`);
  await desk.entry("number 29").waitFor();
  const scroller = page.locator(".scroll");
  const atEnd = () => scroller.evaluate((box) => Math.abs(box.scrollTop) <= 2);
  await until("it follows", atEnd);
  const pill = page.locator(".new-pill");
  assert.equal(await pill.isVisible(), false);
  await scroller.evaluate((box) => box.scrollBy(0, -600));
  const watched = desk.entry("number 10").first();
  await watched.scrollIntoViewIfNeeded();
  const top = () => watched.evaluate((el) => el.getBoundingClientRect().top);
  const before = await top();
  for (let n = 30; n < 40; n += 1) await shopper.write(`number ${n}`);
  await desk.entry("number 39").waitFor({ state: "attached" });
  await pill.waitFor();
  assert.ok(Math.abs((await top()) - before) <= 2, `${before} -> ${await top()}`);
  await pill.click();
  await until("the end again", atEnd);
  assert.equal(await pill.isVisible(), false);
});

test("a conversation of a thousand messages is whole and at most three hundred of them are in the page", async () => {
  const agent = await (await here.agent("dalia")).signIn();
  await agent.beAvailable();
  const crowd = await Crowd.open(here);
  const chat = await crowd.come("line 0", "Lena Long");
  await agent.openChat("Lena Long");
  for (let n = 1; n < 1000; n += 1) await crowd.say(chat, `line ${n}`);
  await agent.entry("line 999").waitFor();
  await until("it is short", async () => (await agent.entries.count()) <= 300);
  const { page } = agent;
  const seen = new Set();
  for (let pages = 0; pages < 40; pages += 1) {
    for (const text of await agent.entries.allTextContents()) seen.add(text);
    assert.ok((await agent.entries.count()) <= 300);
    const earlier = page.getByRole("link", { name: "Earlier messages" });
    if (!(await earlier.count())) break;
    const first = await agent.entries.first().textContent();
    await earlier.click();
    await until("the page before", async () => (await agent.entries.first().textContent()) !== first);
  }
  for (let n = 0; n < 1000; n += 1) assert.ok(seen.has(`line ${n}`), `line ${n}`);
  await page.getByRole("link", { name: "Latest messages" }).click();
  await agent.entry("line 999").waitFor();
  await agent.be("Busy");
});

/** Runs in each tab: what it sounds, shows and sets is counted, and sound is off until somebody touches the page. */
function ears() {
  window.heard = { tones: 0, notes: [], badges: [] };
  let isArmed = false;
  window.AudioContext = class {
    currentTime = 0;
    get state() {
      return isArmed ? "running" : "suspended";
    }
    resume() {
      isArmed = navigator.userActivation.hasBeenActive;
      return Promise.resolve();
    }
    createOscillator() {
      window.heard.tones += 1;
      return { frequency: {}, connect: (next) => next, start() {}, stop() {} };
    }
    createGain() {
      return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (next) => next };
    }
  };
  window.Notification = class {
    static permission = "granted";
    static requestPermission = () => Promise.resolve("granted");
    constructor(title, { body, tag }) {
      window.heard.notes.push({ title, body, tag });
    }
    addEventListener() {}
    close() {}
  };
  navigator.setAppBadge = (count) => Promise.resolve(window.heard.badges.push(count));
  navigator.clearAppBadge = () => Promise.resolve();
  // The three tabs of one headless window all believe to be looked at.
  document.hasFocus = () => window.isLookedAt === true;
}

test("C17: title, icon, badge and notification say that a message came; of three tabs one rings, and a silent one asks", async () => {
  const first = await here.agent("emil");
  const { page } = first;
  const context = page.context();
  await context.addInitScript(ears);
  await first.signIn();
  await first.beAvailable();
  await page.goto(`${here.demo.origin}/console/me`);
  await page.locator("[name=notifies]").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  const crowd = await Crowd.open(here);
  const chat = await crowd.come("Is anybody there?", "Rita Rings");
  await first.openChat("Rita Rings");
  await page.evaluate(() => {
    window.isLookedAt = true;
    dispatchEvent(new Event("focus"));
  });
  await page.locator(".row.unread").waitFor({ state: "detached" });
  await page.goto(`${here.demo.origin}/console/tickets`);
  const others = [await context.newPage(), await context.newPage()];
  for (const other of others) {
    await other.goto(`${here.demo.origin}/console/tickets`);
    await other.locator("html[data-live=on]").waitFor();
  }
  // One of them was touched, the other never.
  await others[0].locator("main").click({ position: { x: 5, y: 5 } });
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  const tabs = [page, ...others];
  const count = async () => Number((await page.title()).match(/^\((\d+)\)/)?.[1] ?? 0);
  assert.equal(await count(), 0, "it was read");
  await crowd.say(chat, "Hello?");
  await until("the title counts", async () => (await count()) === 1);
  for (const tab of tabs) {
    await tab.locator("link[rel=icon][href$='icon-dot.svg']").waitFor({ state: "attached" });
    await until("the badge", () => tab.evaluate(() => window.heard.badges.length > 0));
  }
  const tones = async () =>
    (await Promise.all(tabs.map((tab) => tab.evaluate(() => window.heard.tones > 0)))).filter(Boolean);
  await until("it rang", async () => (await tones()).length > 0);
  assert.equal((await tones()).length, 1, "one of them rings");
  await others[1].locator(".toasts .arm").waitFor();
  const notes = await until("somebody is notified", async () => {
    const all = (await Promise.all(tabs.map((tab) => tab.evaluate(() => window.heard.notes)))).flat();
    return all.some(({ body }) => body === "Rita Rings: Hello?") && all;
  });
  assert.deepEqual([...new Set(notes.map(({ tag }) => tag))], [chat], JSON.stringify(notes));
  await others[1].locator(".toasts .arm button").click();
  await others[1].locator(".toasts .arm").waitFor({ state: "detached" });
  // Nobody of the next test goes to Emil.
  await first.be("Offline");
  await context.close();
});

test("a message rings in the chat that is not looked at, not in the one that is; whoever waits rings by another tone", async () => {
  const desk = await here.agent("dalia");
  const { page } = desk;
  await page.context().addInitScript(ears);
  await page.context().addInitScript(() => {
    window.isLookedAt = true;
  });
  await desk.signIn();
  // Nobody else, of an earlier test, is given these chats.
  await run(here.demo.known.database_url, "update agents set available = false");
  await desk.beAvailable();
  const crowd = await Crowd.open(here);
  const seen = await crowd.come("I am looked at", "Sid Seen");
  const other = await crowd.come("I am not", "Nora Notseen");
  await desk.row("Nora Notseen").waitFor();
  await desk.openChat("Sid Seen");
  await page.locator(".thread h2").click();
  const tones = () => page.evaluate(() => window.heard.tones);
  await page.waitForTimeout(1500);
  const before = await tones();
  await crowd.say(seen, "Still here");
  await desk.entry("Still here").waitFor();
  await page.waitForTimeout(2000);
  assert.equal(await tones(), before, "who sees it needs no tone");
  await crowd.say(other, "Anybody?");
  await until("two strokes", async () => (await tones()) === before + 2);
  assert.deepEqual(await page.evaluate(() => window.heard.notes), [], "nor a notification over the page they look at");
  await desk.be("Busy");
  // What comes while another tone is heard has none of its own.
  await page.waitForTimeout(2000);
  await crowd.come("Nobody has a place for me", "Walt Waits");
  await until("one stroke", async () => (await tones()) === before + 3);
});

nothingWentWrong(here);
