// The console under load and behind somebody's back: what is half typed stays as it is, the log holds still for whoever
// reads further up, long conversations stay short in the page, and of three tabs one rings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "./house/crowd.js";
import { ears } from "./house/ears.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { run } from "./house/sql.js";
import { percentile, until } from "./house/until.js";

const here = scene({ isWhole: true });

/** Whoever an earlier test left available is given no chat of the next one. */
const nobodyElse = () => run(here.demo.known.database_url, "update agents set available = false");

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

/** Runs in the page: when each message is painted, and whether the end of the log is then in sight. */
function watchLog() {
  window.painted = new Map();
  const box = document.querySelector(".scroll");
  const told = (entry) => {
    const text = entry.querySelector(".text")?.textContent;
    const once = { at: Date.now(), isAtEnd: Math.abs(box.scrollTop) <= 2 };
    if (!window.painted.has(text)) window.painted.set(text, once);
  };
  new MutationObserver((changes) => {
    const fresh = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.matches?.(".entry"));
    requestAnimationFrame(() => requestAnimationFrame(() => fresh.forEach(told)));
  }).observe(document.querySelector(".log"), { childList: true });
}

test("C3: of a hundred messages nearly all are seen within half a second, each once, and the log stays at its end", async () => {
  await nobodyElse();
  const agent = await (await here.agent("chen")).signIn();
  await agent.beAvailable();
  const crowd = await Crowd.open(here);
  const chat = await crowd.come("number 0", "Sticky Steve");
  await agent.openChat("Sticky Steve");
  await agent.entry("number 0").waitFor();
  const { page } = agent;
  await page.evaluate(watchLog);
  const took = [];
  for (let n = 1; n <= 100; n += 1) {
    const at = await crowd.sayAt(chat, `number ${n}`);
    const seen = (text) => window.painted.get(text);
    const painted = await until(`number ${n} is seen`, () => page.evaluate(seen, `number ${n}`));
    assert.ok(painted.isAtEnd, `number ${n} is out of sight`);
    took.push(painted.at - at);
  }
  const slow = percentile(took, 0.95);
  assert.ok(slow <= 500, `${slow} ms`);
  const pill = page.locator(".new-pill");
  assert.equal(await pill.isVisible(), false);

  const scroller = page.locator(".scroll");
  await scroller.evaluate((box) => box.scrollBy(0, -600));
  const watched = await page.evaluateHandle(() => {
    const top = document.querySelector(".scroll").getBoundingClientRect().top;
    const isInSight = (entry) => entry.getBoundingClientRect().top > top + 20;
    return [...document.querySelectorAll(".log .entry")].find(isInSight);
  });
  const top = () => watched.evaluate((entry) => entry.getBoundingClientRect().top);
  const before = await top();
  assert.ok(before > 0 && before < 860, "it is in sight");
  for (let n = 101; n <= 120; n += 1) {
    await crowd.say(chat, `number ${n}`);
    await agent.entry(`number ${n}`).waitFor({ state: "attached" });
    assert.ok(Math.abs((await top()) - before) <= 2, `${before} -> ${await top()} at ${n}`);
    await pill.waitFor();
  }
  const wanted = Array.from({ length: 121 }, (_, n) => `number ${n}`);
  assert.deepEqual(await agent.entries.allTextContents(), wanted, "each once, in order");
  await pill.click();
  await until("the end again", () => scroller.evaluate((box) => Math.abs(box.scrollTop) <= 2));
  assert.equal(await pill.isVisible(), false);
});

test("a conversation of a thousand messages is whole and at most three hundred of them are in the page", async () => {
  await nobodyElse();
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
  // And down again, from the entry where the page before ended.
  const shown = page.locator(".log > .entry[data-k]");
  for (let pages = 0; pages < 2; pages += 1) {
    const last = await shown.last().getAttribute("id");
    await page.getByRole("link", { name: "Later messages" }).click();
    await page.waitForURL(`**#${last}`);
    assert.equal(await shown.first().getAttribute("id"), last);
    await until("it is in sight", () =>
      page.locator(`#${last}`).evaluate((entry) => {
        const { top, bottom } = entry.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }),
    );
  }
  await page.getByRole("link", { name: "Latest messages" }).click();
  await agent.entry("line 999").waitFor();
  await agent.be("Busy");
});

test("C17: title, icon, badge and notification say that a message came; of three tabs one rings, and a silent one asks", async () => {
  const first = await here.agent("emil");
  const { page } = first;
  const context = page.context();
  await context.addInitScript(ears);
  await nobodyElse();
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
  await others[1].locator(".toasts .arm").waitFor();
  // Longer than one of them keeps the others from ringing.
  await page.waitForTimeout(2500);
  assert.equal((await tones()).length, 1, "one of them rings");
  const notes = await until("somebody is notified", async () => {
    const all = (await Promise.all(tabs.map((tab) => tab.evaluate(() => window.heard.notes)))).flat();
    return all.some(({ body }) => body === "Rita Rings: Hello?") && all;
  });
  assert.deepEqual([...new Set(notes.map(({ tag }) => tag))], [chat], JSON.stringify(notes));
  await others[1].locator(".toasts .arm button").first().click();
  await others[1].locator(".toasts .arm").waitFor({ state: "detached" });

  // Each person's own choice: no text where others look, or no notification at all.
  for (const other of others) await other.close();
  const told = () => page.evaluate(() => window.heard.notes.map(({ body }) => body));
  const choose = async (set) => {
    await page.goto(`${here.demo.origin}/console/me`);
    await set();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.goto(`${here.demo.origin}/console/tickets`);
    await page.locator("html[data-live=on]").waitFor();
  };
  await choose(() => page.locator("[name=discreet]").check());
  await crowd.say(chat, "My number is 4711");
  await until("it is said without its text", async () => (await told()).includes("A new message came."));
  await choose(() => page.locator("[name=notifies]").uncheck());
  await crowd.say(chat, "Still there?");
  await until("the title counts it", async () => (await count()) === 1);
  await page.waitForTimeout(2000);
  assert.deepEqual(await told(), []);
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
  await nobodyElse();
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
  // Whoever wants no sound hears none; the title counts all the same.
  await page.goto(`${here.demo.origin}/console/me`);
  for (const sound of await page.locator("[name=sound]").all()) await sound.uncheck();
  await page.locator("form[action='/console/me'] .primary").click();
  await page.getByText("Saved.").waitFor();
  await page.goto(`${here.demo.origin}/console/tickets`);
  await page.locator("html[data-live=on]").waitFor();
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  const count = async () => Number((await page.title()).match(/^\((\d+)\)/)?.[1] ?? 0);
  const unread = await count();
  await crowd.say(seen, "And now?");
  await until("the title counts", async () => (await count()) === unread + 1);
  await page.waitForTimeout(2500);
  assert.equal(await tones(), 0);
  assert.equal(await page.locator(".toasts .arm").count(), 0);
});

test("on a page that nobody has touched a call stands beside the line that says there is no sound", async () => {
  await nobodyElse();
  // Nobody of an earlier test waits for her.
  await run(
    here.demo.known.database_url,
    "update conversations set state = 'closed', seat = null, closed_at = now() where state in ('waiting', 'active')",
  );
  const desk = await (await here.agent("farah")).signIn();
  const { page } = desk;
  await desk.beAvailable();
  await page.goto(`${here.demo.origin}/console/tickets`);
  await page.locator("html[data-live=on]").waitFor();
  const crowd = await Crowd.open(here);
  await crowd.come("Anybody?", "Una Untouched");
  const [silent, call] = [
    page.locator(".toasts .arm"),
    page.locator(".toasts p", { hasText: "A new chat came to you" }),
  ];
  await Promise.all([silent.waitFor(), call.waitFor()]);
  await page.waitForTimeout(1500);
  assert.deepEqual([await silent.count(), await call.count()], [1, 1]);
  // A touch anywhere is enough for the sound.
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  await silent.waitFor({ state: "detached" });
  await call.getByRole("button", { name: "Open" }).click();
  await page.getByRole("textbox", { name: "Reply to Una Untouched" }).waitFor();
  await call.waitFor({ state: "detached" });
  await desk.be("Offline");
});

nothingWentWrong(here);
