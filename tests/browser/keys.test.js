// The keyboard: every key does what its page says, none does anything in a field or once they are switched off; the palette
// finds people, commands and everything else; a reply that is held back can be undone, and leaves with whoever leaves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "./house/agent.js";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function writes(name, body) {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin(body, { name });
  return shopper;
}

async function set(agent, choose) {
  await agent.page.goto(`${here.demo.origin}/console/me`);
  await choose(agent.page);
  await agent.page.getByRole("button", { name: "Save" }).click();
  await agent.page.getByText("Saved.").waitFor();
}

const focused = (page) => page.evaluate(() => document.activeElement?.id ?? "");

test("the keys work the inbox, and rest in fields, during composition and when they are off", async () => {
  const agent = await (await here.agent("ana")).signIn();
  const { page } = agent;
  const { keyboard } = page;
  const shoppers = [await writes("Kit Keys", "Is it waterproof?"), await writes("Kay Keys", "Do you ship to Malta?")];
  await agent.beAvailable();
  await until("both came", async () => (await agent.rows.count()) === 2);
  await page.locator("body").click({ position: { x: 700, y: 500 } });

  await keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.matches(".row")), true);
  await keyboard.press("j");
  await keyboard.press("k");
  await keyboard.press("Enter");
  await page.locator(".write.reply textarea:focus").waitFor();
  await keyboard.press("Escape");
  await keyboard.press("n");
  assert.match(await focused(page), /^note-/);
  await keyboard.type("rnte?");
  assert.equal(await agent.note.inputValue(), "rnte?");
  await agent.note.fill("");
  await keyboard.press("Escape");
  await keyboard.press("r");
  assert.match(await focused(page), /^reply-/);
  await keyboard.press("Escape");
  await keyboard.press("t");
  assert.match(await focused(page), /^to-/);
  await keyboard.press("Escape");
  await page.locator(".actions details[open]").waitFor({ state: "detached" });
  await keyboard.press("Escape");

  const first = agent.conversation;
  await keyboard.press("Alt+Digit1");
  const one = await until("the first of mine", async () => agent.conversation);
  await keyboard.press("Alt+Digit2");
  await until("the second of mine", async () => agent.conversation !== one);
  const both = [one, agent.conversation];
  assert.ok(both.includes(first));

  await keyboard.press("Escape");
  await keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByText("Next in the list").waitFor();
  assert.deepEqual(await axe(page), []);
  await picture(page, "keys-sheet");
  await keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });

  await keyboard.press("g");
  await keyboard.press("q");
  await page.waitForURL("**/console/inbox/waiting");
  // Their own chats are as near from another list, and from a page without any.
  await keyboard.press("Alt+Digit9");
  await keyboard.press("Alt+Digit2");
  await page.waitForURL("**/console/c/*?view=mine");
  assert.ok(both.includes(agent.conversation));
  await keyboard.press("Escape");
  await keyboard.press("g");
  await keyboard.press("v");
  await page.waitForURL("**/console/visitors");
  await keyboard.press("g");
  await keyboard.press("c");
  await page.waitForURL("**/console/customers");
  // What is typed into a form of another page is not left by them.
  await page.locator("main [name=q]").pressSequentially("half a na");
  await keyboard.press("Alt+Digit1");
  await page.waitForTimeout(500);
  assert.equal(await page.locator("main [name=q]").inputValue(), "half a na");
  await keyboard.press("Escape");
  await keyboard.press("Alt+Digit1");
  await page.waitForURL("**/console/c/*?view=mine");
  await keyboard.press("Escape");
  await keyboard.press("g");
  await keyboard.press("r");
  await page.waitForURL("**/console/team");

  await set(agent, (me) => me.getByLabel("Single keys do something").uncheck());
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  for (const key of ["j", "?", "g", "q"]) await keyboard.press(key);
  // Whatever they would open takes a moment.
  await page.waitForTimeout(1500);
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.matches(".row")), false);
  assert.match(page.url(), /inbox\/mine$/);
  await keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find" }).waitFor();
  await keyboard.press("Escape");
  await set(agent, (me) => me.getByLabel("Single keys do something").check());
  for (const shopper of shoppers) await shopper.close?.();
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await page.locator("body").click({ position: { x: 700, y: 500 } });
  await keyboard.press("j");
  await keyboard.press("Enter");
  await page.locator(".write.reply textarea:focus").waitFor();
  await keyboard.press("Escape");
  await keyboard.press("e");
  await until("it is closed", async () => (await agent.state.textContent()) === "Closed");
  await until("one is left", async () => (await agent.rows.count()) === 1);
  await keyboard.press("j");
  await keyboard.press("Enter");
  await page.locator(".write.reply textarea:focus").waitFor();
  await keyboard.press("Escape");
  await keyboard.press("e");
  await until("none is left", async () => !(await agent.rows.count()));
  await agent.be("Offline");
  await agent.page.context().close();
});

test("C13: every key that the list of keys names does what it says there", async () => {
  const agent = await (await here.agent("grace")).signIn();
  const { page } = agent;
  const { keyboard } = page;
  const at = (path) => page.goto(`${here.demo.origin}/console/${path}`);
  const rest = () => page.locator("html[data-live=on]").waitFor({ state: "attached" });
  await at("macros");
  await page.getByRole("link", { name: "New macro" }).click();
  await page.getByLabel("Name").fill("Thank them");
  await page.getByLabel("Internal note").fill("Thanked.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const waits = await writes("Wes Waits", "Is anybody there?");
  await at("inbox/waiting");
  await agent.row("Wes Waits").waitFor();
  const seen = (selector) => page.locator(`${selector}:focus`).waitFor();
  const goes = (keys, path) => async () => {
    for (const key of keys) await keyboard.press(key);
    await page.waitForURL(`**/console/${path}`);
    await rest();
  };
  /** A menu that a key opens; left again. */
  const opens = (key) => async () => {
    const menu = page.locator(`details[open]:has(> [data-key=${key}])`);
    await keyboard.press(key);
    await menu.waitFor();
    for (let n = 0; n < 2; n += 1) await keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
  };
  const rowOf = (name) => agent.rows.filter({ hasText: name });
  const steps = {
    "g i": goes("gi", "inbox/mine"),
    "g q": goes("gq", "inbox/waiting**"),
    a: async () => {
      await keyboard.press("a");
      await page.waitForURL("**/console/c/**");
      await page.getByRole("textbox", { name: "Reply to Wes Waits" }).waitFor();
      await agent.beAvailable();
      await writes("Wim Writes", "Me too");
      await rowOf("Wim Writes").waitFor();
      await keyboard.press("Escape");
    },
    r: async () => {
      await keyboard.press("r");
      await seen(".write.reply textarea");
    },
    Esc: async () => {
      await keyboard.press("Escape");
      await until("the field is left", () => page.evaluate(() => document.activeElement === document.body));
    },
    n: async () => {
      await keyboard.press("n");
      await seen(".write.note textarea");
      await keyboard.press("Escape");
      await keyboard.press("r");
    },
    "↑": async () => {
      await keyboard.type("Yes, I am.");
      await keyboard.press("Enter");
      await waits.bubble("Yes, I am.").waitFor();
      await page.locator(".log .entry.from-staff[data-k] .correct").waitFor({ state: "attached" });
      await keyboard.press("ArrowUp");
      await page.locator(".correct textarea").waitFor();
      await page.locator(".correct .below a").click();
      await page.locator(".correct textarea").waitFor({ state: "detached" });
      await keyboard.press("Escape");
    },
    t: opens("t"),
    l: opens("l"),
    m: opens("m"),
    b: opens("b"),
    p: opens("p"),
    s: opens("s"),
    c: opens("c"),
    j: async () => {
      await keyboard.press("j");
      await seen("#rows .row");
    },
    k: async () => {
      await keyboard.press("j");
      const before = await page.evaluate(() => document.activeElement.parentElement.id);
      await keyboard.press("k");
      assert.notEqual(await page.evaluate(() => document.activeElement.parentElement.id), before);
    },
    Enter: async () => {
      await rowOf("Wim Writes").focus();
      await keyboard.press("Enter");
      await page.getByRole("textbox", { name: "Reply to Wim Writes" }).waitFor();
      await until("all is read", async () => !(await page.locator("#rows .row.unread").count()));
    },
    "Alt ↓": async () => {
      await waits.write("Hello?");
      await page.locator("#rows .row.unread", { hasText: "Wes Waits" }).waitFor();
      await keyboard.press("Alt+ArrowDown");
      await page.getByRole("textbox", { name: "Reply to Wes Waits" }).waitFor();
      await until("all is read", async () => !(await page.locator("#rows .row.unread").count()));
    },
    "Alt 1…9": async () => {
      const names = await agent.rows.locator(".name bdi").allTextContents();
      await keyboard.press(`Alt+Digit${names.indexOf("Wim Writes") + 1}`);
      await page.getByRole("textbox", { name: "Reply to Wim Writes" }).waitFor();
    },
    "Alt ↑": async () => {
      await waits.write("Are you there?");
      await page.locator("#rows .row.unread", { hasText: "Wes Waits" }).waitFor();
      // Upwards from the last row.
      const names = () => agent.rows.locator(".name bdi").allTextContents();
      await until("who wrote is above", async () => (await names()).join() === "Wes Waits,Wim Writes");
      await keyboard.press("Alt+ArrowUp");
      await page.getByRole("textbox", { name: "Reply to Wes Waits" }).waitFor();
      await keyboard.press("Escape");
    },
    e: async () => {
      await keyboard.press("e");
      await until("it is closed", async () => (await agent.state.textContent()) === "Closed");
    },
    "Ctrl K": async () => {
      await keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Find" }).waitFor();
      await keyboard.press("Escape");
    },
    "?": async () => {
      await keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await keyboard.press("Escape");
    },
    "/": async () => {
      await keyboard.press("/");
      await seen("[type=search]");
      await keyboard.press("Escape");
    },
    "g c": goes("gc", "customers"),
    "g v": goes("gv", "visitors"),
    "g l": goes("gl", "rooms"),
    "g r": goes("gr", "team"),
    "g w": goes("gw", "wall"),
    "g o": goes("go", "reports/overview**"),
    "g s": goes("gs", "search"),
  };
  for (const step of Object.values(steps)) await step();
  await at("keys");
  const named = await page.locator("#keys dt").allTextContents();
  assert.deepEqual(named.map((keys) => keys.trim()).sort(), Object.keys(steps).sort());
  await at("inbox/mine");
  await agent.openChat("Wim Writes");
  await keyboard.press("Escape");
  await keyboard.press("e");
  await until("it is closed", async () => (await agent.state.textContent()) === "Closed");
  await agent.be("Offline");
  await page.context().close();
});

test("the palette finds by a few letters, goes there by the keyboard alone, and says what it found", async () => {
  const agent = await (await here.agent("ana")).signIn();
  const { page } = agent;
  await writes("Zoë Palette", "Where is my parcel?");
  await agent.beAvailable();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Find" });
  await page.getByRole("option", { name: "Inbox" }).waitFor();
  await picture(page, "palette");
  assert.deepEqual(await axe(page), []);
  await field.fill("zoË pal");
  await page.getByRole("option", { name: /Zoë Palette/ }).waitFor();
  await until("it is said", async () => /found/.test(await page.locator(".palette [role=status]").textContent()));
  const active = await field.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`[id="${active}"]`).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/console/c/**");
  await page.getByRole("heading", { name: "Zoë Palette" }).first().waitFor();

  // What can be done to the chat that is open, and who wrote it, whether or not they do now.
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "Transfer", exact: true }).waitFor();
  await picture(page, "palette-chat");
  // Faster than the list: it is meant for what was typed.
  await field.fill("transf");
  await page.keyboard.press("Enter");
  await page.locator("details[open] select[name=to]:focus").waitFor();
  assert.ok(await page.getByRole("option", { name: "Back in line" }).count());
  for (let n = 0; n < 2; n += 1) await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "Add a tag" }).click();
  await page.locator("details[open] > [data-key=l]").waitFor();
  for (let n = 0; n < 2; n += 1) await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await field.fill("Zoë Pal");
  await page.locator(".palette [data-go^='/console/customers/']", { hasText: "Zoë Palette" }).click();
  await page.waitForURL("**/console/customers/*");
  await page.getByRole("heading", { name: "Zoë Palette" }).waitFor();

  await page.keyboard.press("Control+k");
  await field.fill("dalia");
  await page.getByRole("option", { name: /^Write to Dalia/ }).click();
  await page.waitForURL("**/console/rooms/*");

  await page.keyboard.press("Control+k");
  await field.fill("<img src=x onerror=alert(1)>");
  const all = page.getByRole("option", { name: /Search everything for/ });
  await all.waitFor();
  assert.match(await all.textContent(), /<img src=x/);
  await page.getByText("Nothing of this name").waitFor();
  await field.fill("be busy");
  await page.getByRole("option", { name: "Be Busy", exact: true }).waitFor();
  await until("it is marked", async () => (await page.locator("[aria-selected=true]").textContent()) === "Be Busy");
  await page.keyboard.press("Enter");
  await page.locator("#my-status > summary.st-busy").waitFor();
  await agent.beAvailable();
  await page.context().close();
});

test("a reply that is held back is undone with its text, and goes when its time or its page is over", async () => {
  const shopper = await writes("Hal Held", "Can I change my order?");
  const agent = await (await here.agent("ana")).signIn();
  await set(agent, (me) => me.getByLabel("Hold replies back").selectOption("5"));
  await agent.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await agent.beAvailable();
  await agent.openChat("Hal Held");
  await agent.reply.fill("Too hasty");
  await agent.page.keyboard.press("Enter");
  await agent.page.getByRole("button", { name: "Undo" }).click();
  await until("the text is back", async () => (await agent.reply.inputValue()) === "Too hasty");
  await agent.reply.fill("Well considered");
  await agent.page.keyboard.press("Enter");
  await agent.page.getByRole("button", { name: "Undo" }).waitFor();
  await shopper.bubble("Well considered").waitFor({ timeout: 15_000 });
  assert.equal(await shopper.bubble("Too hasty").count(), 0);
  await agent.reply.fill("On my way out");
  await agent.page.keyboard.press("Enter");
  await agent.page.getByRole("button", { name: "Undo" }).waitFor();
  await agent.page.goto(`${here.demo.origin}/console/tickets`);
  await shopper.bubble("On my way out").waitFor({ timeout: 4_000 });
  await set(agent, (me) => me.getByLabel("Hold replies back").selectOption("0"));
  await agent.page.context().close();
});

test("a page that dies, or is left, while a reply is held back or after it could not be sent, loses no word of it", async () => {
  const shopper = await writes("Kay Killed", "Is it in stock?");
  let agent = await (await here.agent("ana")).signIn();
  let { page } = agent;
  await set(agent, (me) => me.getByLabel("Hold replies back").selectOption("5"));
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await agent.beAvailable();
  await agent.openChat("Kay Killed");
  const chat = page.url();
  const reply = /\/console\/c\/[^/]*\/reply$/;
  const writeDown = async (text) => {
    await agent.reply.fill(text);
    await page.keyboard.press("Enter");
  };
  await page.route(reply, (route) => route.fulfill({ status: 503, json: {} }));
  const told = page.waitForResponse((answer) => answer.url().endsWith("/draft"));
  await agent.reply.pressSequentially("It could not be sent.");
  await told;
  await page.keyboard.press("Enter");
  await page.locator(".entry.failed").waitFor({ timeout: 15_000 });
  const anew = page.waitForResponse((answer) => answer.url().includes(new URL(chat).pathname));
  await page.evaluate(() => document.dispatchEvent(new CustomEvent("desk:refresh")));
  await anew;
  await page.waitForFunction(() => !document.querySelector("main[aria-busy]"));
  assert.equal(await agent.reply.inputValue(), "", "it stands in the log, with another try, and nowhere else");
  assert.equal(await page.locator(".entry.failed").count(), 1);
  const away = async () => {
    await page.getByRole("link", { name: /^Closed/ }).click();
    await page.waitForURL("**/inbox/closed**");
    await page.goBack();
    await agent.reply.waitFor();
  };
  await away();
  await until("it is text again, once", async () => (await agent.reply.inputValue()) === "It could not be sent.");
  await page.keyboard.press("Enter");
  await page.locator(".entry.failed").waitFor({ timeout: 15_000 });
  await page.unroute(reply);
  await writeDown("It is held back.");
  await agent.reply.pressSequentially("It is half typed");
  // A browser that comes back gives a tab what it had stored.
  const stored = await page.evaluate(() => ({ ...sessionStorage }));
  const devtools = await page.context().newCDPSession(page);
  devtools.send("Page.crash").catch(() => {});
  await new Promise((dead) => page.once("crash", dead));
  page = await page.context().newPage();
  agent = new Agent(page, here.demo, "ana");
  await page.goto(`${here.demo.origin}/livez`);
  await page.evaluate((kept) => Object.assign(sessionStorage, kept), stored);
  await page.goto(chat);
  const all = "It could not be sent.\nIt is held back.\nIt is half typed";
  await until("all of it is text again", async () => (await agent.reply.inputValue()) === all);
  assert.equal(await shopper.bubble("It is held back.").count(), 0);

  await writeDown("It goes when the page is left.");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.reload();
  await shopper.bubble("It goes when the page is left.").waitFor();
  await until("what was sent is no draft", async () => (await agent.reply.inputValue()) === "");
  await writeDown("It goes from another page.");
  await away();
  assert.equal(await agent.reply.inputValue(), "", "what is on its way is not in the field");
  await shopper.bubble("It goes from another page.").waitFor();

  await writeDown("Goodbye!");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await agent.close();
  await shopper.bubble("Goodbye!").waitFor();
  await shopper.ended.waitFor();
  await set(agent, (me) => me.getByLabel("Hold replies back").selectOption("0"));
  await page.context().close();
});

test("whoever loads the page again because it hangs finds what never arrived, and nothing of what did", async () => {
  const { shopper, desk: agent } = await here.chat("Hal Hangs");
  const { page } = agent;
  const sent = [];
  const hang = (route) => sent.push(route.request());
  const reply = /\/console\/c\/[^/]*\/reply$/;
  await page.route(reply, hang);
  await agent.reply.fill("It comes late.");
  await page.keyboard.press("Enter");
  await until("it is on its way", () => sent.length === 1);
  for (let loads = 0; loads < 2; loads++) {
    await page.reload();
    await until("it may have been lost", async () => (await agent.reply.inputValue()) === "It comes late.");
  }
  await agent.reply.press("Control+End");
  await agent.reply.pressSequentially(" Or does it?");
  const headers = { accept: "application/json", origin: here.demo.origin };
  const late = Object.fromEntries(new URLSearchParams(sent[0].postData()));
  const answer = await page.request.post(sent[0].url(), { form: late, headers });
  assert.ok(answer.ok(), await answer.text());
  await shopper.bubble("It comes late.").waitFor();
  await until("what is typed is left", async () => (await agent.reply.inputValue()) === "Or does it?");
  await page.unroute(reply, hang);
  await page.keyboard.press("Enter");
  await shopper.bubble("Or does it?").waitFor();
  assert.equal(await shopper.bubble("It comes late.").count(), 1);
  // What is sent again as it was is the same message.
  sent.length = 0;
  await page.route(reply, hang);
  await agent.reply.fill("Twice?");
  await page.keyboard.press("Enter");
  await until("it is on its way", () => sent.length === 1);
  await page.reload();
  await until("it is text again", async () => (await agent.reply.inputValue()) === "Twice?");
  await page.unroute(reply, hang);
  await page.keyboard.press("Enter");
  await shopper.bubble("Twice?").waitFor();
  const same = Object.fromEntries(new URLSearchParams(sent[0].postData()));
  assert.ok((await page.request.post(sent[0].url(), { form: same, headers })).ok());
  await agent.say("That was once");
  await shopper.bubble("That was once").waitFor();
  assert.equal(await shopper.bubble("Twice?").count(), 1);
  await agent.close();
  // She has five places in all.
  await shopper.ended.waitFor();
  await page.context().close();
});

test("Up in an empty field corrects what was sent last: the old one goes, the new one comes, a draft stays", async () => {
  const shopper = await writes("Uma Up", "How much is it?");
  const agent = await (await here.agent("ana")).signIn();
  const { page } = agent;
  await agent.beAvailable();
  await until("it is hers", async () => {
    await page.goto(`${here.demo.origin}/console/inbox/mine`);
    return agent.row("Uma Up").count();
  });
  await agent.openChat("Uma Up");
  await agent.say("It is 42 euro.");
  await shopper.bubble("It is 42 euro.").waitFor();
  await page.locator(".seen time").filter({ visible: true }).waitFor();
  assert.match(await page.locator("[data-last-seen] .seen").textContent(), /^Seen \d/);
  const kept = page.waitForResponse((answer) => answer.url().endsWith("/draft"));
  await agent.reply.pressSequentially("A draft");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.locator(".correcting").count(), 0, "a field with something in it is left alone");
  await kept;
  await agent.entry("It is 42 euro.").hover();
  await page.locator(".entry:hover .take-back summary").click();
  await page.getByRole("link", { name: "Correct", exact: true }).click();
  const field = page.getByLabel("Your message, corrected");
  await field.waitFor();
  assert.equal(await field.inputValue(), "It is 42 euro.");
  assert.deepEqual(await axe(page), []);
  await picture(page, "correct");
  await page.getByRole("link", { name: "Leave it as it was" }).click();
  await agent.reply.waitFor();
  assert.equal(await agent.reply.inputValue(), "A draft");
  await agent.reply.fill("");
  await page.keyboard.press("ArrowUp");
  await field.waitFor();
  await field.fill("It is 24 euro.");
  await page.keyboard.press("Enter");
  await shopper.bubble("It is 24 euro.").waitFor();
  assert.equal(await shopper.bubble("It is 42 euro.").count(), 0);
  await agent.entry("It is 24 euro.").waitFor();
  await agent.reply.waitFor();
  await page.context().close();
});

test("Ctrl+Enter sends for whoever wants that, and Enter is a new line", async () => {
  const shopper = await writes("Cora Control", "Two questions, please.");
  const agent = await (await here.agent("ana")).signIn();
  await set(agent, (me) => me.getByLabel("A message is sent by").selectOption("ctrl"));
  await agent.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await agent.beAvailable();
  await agent.openChat("Cora Control");
  await agent.reply.fill("One");
  await agent.page.keyboard.press("Enter");
  await agent.page.keyboard.type("Two");
  assert.equal(await agent.reply.inputValue(), "One\nTwo");
  await agent.page.keyboard.press("Control+Enter");
  await shopper.bubble("One").waitFor();
  await set(agent, (me) => me.getByLabel("A message is sent by").selectOption("enter"));
  await agent.page.context().close();
});

test("one's settings are kept, a zone that is none is told, and the pages are fit to read", async () => {
  for (const look of [{}, { colorScheme: "dark" }, { ...phone }]) {
    const agent = await (await here.agent("ben", look)).signIn();
    const { page } = agent;
    await page.goto(`${here.demo.origin}/console/me`);
    assert.deepEqual(await axe(page), []);
    await picture(page, `me-${look.isMobile ? "phone" : (look.colorScheme ?? "light")}`);
    await page.goto(`${here.demo.origin}/console/keys`);
    assert.deepEqual(await axe(page), []);
    await page.context().close();
  }
  const agent = await (await here.agent("ben")).signIn();
  const { page } = agent;
  await page.goto(`${here.demo.origin}/console/me`);
  await page.getByLabel("Time zone").fill("Nowhere/Land");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("There is no time zone of this name").waitFor();
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Nowhere/Land");
  await page.getByLabel("Time zone").fill("Asia/Tokyo");
  await page.getByLabel("Language", { exact: true }).selectOption("de");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Gespeichert.").waitFor();
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.zone]), [
    "de",
    "Asia/Tokyo",
  ]);
  await page.getByLabel("Sprache").selectOption("en");
  await page.getByLabel("Zeitzone").fill("");
  await page.getByRole("button", { name: "Speichern" }).click();
  await page.getByText("Saved.").waitFor();
  await page.context().close();
});
