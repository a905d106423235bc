// What happens while somebody types, or has gone on to another chat: no key becomes a command, nobody is called back, and
// whatever could not be sent is told and kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "./house/agent.js";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { lock, run } from "./house/sql.js";
import { until } from "./house/until.js";

const here = scene();
let house;

/** Another shopper, whose chat this agent gets. */
async function comes(agent, name) {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin(`Hello, I am ${name}`, { name });
  await agent.row(name).first().waitFor();
  return shopper;
}

async function two(name) {
  await leave();
  const agent = await (await here.agent(name)).signIn();
  house = { agent, page: agent.page };
  await agent.beAvailable();
  house.one = await comes(agent, `Ada ${name}`);
  house.other = await comes(agent, `Bo ${name}`);
  return house;
}

/** Nobody of the last test is in the way of the next. */
async function leave() {
  const { agent, one, other } = house ?? {};
  house = null;
  if (agent && !agent.page.isClosed()) await agent.be("Offline").catch(() => {});
  for (const { page } of [agent, one, other].filter(Boolean)) await page.context().close();
  await run(
    here.demo.known.database_url,
    "update conversations set state = 'closed', seat = null, closed_at = now() where state in ('waiting', 'active')",
  );
}

async function goTo(agent, name) {
  await agent.openChat(name);
  await agent.page.getByRole("textbox", { name: `Reply to ${name}` }).waitFor();
}

/** What is posted to such an address arrives only when it is let go. */
async function slow(page, pattern) {
  let letGo;
  const gate = new Promise((open) => {
    letGo = open;
  });
  await page.route(pattern, async (route) => {
    if (route.request().method() === "POST") await gate;
    await route.continue();
  });
  return async () => {
    letGo();
    await page.unroute(pattern, { behavior: "wait" }).catch(() => {});
  };
}

const value = (page) => page.evaluate(() => document.activeElement?.value);

test("who corrects goes on typing: into the correction, and no key ends the chat", async () => {
  const { agent, one, page } = await two("ana");
  await goTo(agent, "Ada ana");
  await agent.say("Forst answer");
  await page.locator(".log .entry:not(.sending) .text", { hasText: "Forst answer" }).waitFor();
  await agent.reply.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.type("eeee", { delay: 30 });
  const correction = page.locator(".correct textarea");
  await correction.waitFor();
  await until("the caret is in it, at its end", () =>
    correction.evaluate((field) => field === document.activeElement && field.selectionStart === field.value.length),
  );
  await correction.fill("First answer");
  await page.keyboard.press("Enter");
  await page.keyboard.type("every e of it", { delay: 40 });
  await one.bubble("First answer").waitFor();
  await until("the caret is in the reply again", () =>
    agent.reply.evaluate((field) => field === document.activeElement).catch(() => false),
  );
  await page.keyboard.type(" is text");
  assert.match(await agent.reply.inputValue(), / is text$/);
  assert.equal(await one.ended.locator("h2").isVisible(), false, "the chat goes on");
});

test("whoever's field is taken away as they type presses no key of what stands there then", async () => {
  const { agent, one, page } = await two("ben");
  await goTo(agent, "Ada ben");
  const boss = await (await here.agent("grace")).signIn();
  await boss.page.goto(`${here.demo.origin}/console/wall`);
  await boss.page.locator("#people .person", { hasText: "Ben" }).getByRole("link").first().click();
  const sheet = boss.page.locator("#sheet");
  await sheet.locator("#set-status").selectOption("offline");
  await agent.reply.focus();
  const set = sheet.locator(".set-status button").click();
  const ends = Date.now() + 6_000;
  while (Date.now() < ends && (await agent.reply.count())) await page.keyboard.type("We are e", { delay: 25 });
  await set;
  await page.keyboard.type(" ever here, see? a e t", { delay: 25 });
  await page.getByRole("button", { name: "Take chat" }).waitFor();
  assert.equal(await one.ended.locator("h2").isVisible(), false, "nobody ended it");
  const states = here.demo.transcript(agent.conversation).events.map(({ kind }) => kind);
  assert.ok(!states.includes("closed"), states.join());
  const typed = await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((one) => one.startsWith("draft:"));
    return sessionStorage.getItem(key);
  });
  assert.match(typed, /^We a/);
  await until("all that was typed is there", async () => (await page.locator(".unsent .text").textContent()) === typed);
  await boss.page.context().close();
});

test("a command that is answered late calls nobody back to the chat it was about", async () => {
  const { agent, page, other } = await two("chen");
  await goTo(agent, "Ada chen");
  const first = agent.conversation;
  const letGo = await slow(page, "**/close");
  await agent.close();
  await goTo(agent, "Bo chen");
  await agent.reply.pressSequentially("This is for Bo");
  const answered = page.waitForResponse((answer) => answer.url().endsWith(`${first}/close`));
  await letGo();
  await answered;
  await page.mouse.move(0, 0);
  await until("the list knows", async () => (await agent.row("Ada chen").count()) === 0);
  assert.equal(await value(page), "This is for Bo");
  await page.keyboard.press("Enter");
  await other.bubble("This is for Bo").waitFor();
});

test("what is refused after somebody went on is told there, and its text, buttons and file are where they were written", async () => {
  const { agent, page, one } = await two("dalia");
  await goTo(agent, "Ada dalia");
  const letGo = await slow(page, "**/reply");
  await page.locator(".write.reply input[type=file]").setInputFiles({
    name: "terms.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Terms"),
  });
  await page.getByRole("button", { name: "Remove terms.txt" }).waitFor();
  await agent.reply.fill("Dear {order.number}");
  await page.keyboard.press("Enter");
  await goTo(agent, "Bo dalia");
  await agent.reply.pressSequentially("For Bo");
  await letGo();
  const line = page.locator(".toasts .stays:not(.call, .arm)");
  await line.getByText("Not sent").waitFor();
  assert.equal(await agent.reply.inputValue(), "For Bo");
  await line.getByRole("button", { name: "Open" }).click();
  await until("the text is back", async () => (await agent.reply.inputValue()) === "Dear {order.number}");
  await page.locator(".write.reply .tray").getByText("terms.txt").waitFor();
  await agent.reply.fill("Dear Ada, the terms");
  await page.keyboard.press("Enter");
  await one.bubble("Dear Ada, the terms").waitFor();
  await one.panel.locator("#list a.file", { hasText: "terms.txt" }).waitFor();
});

test("a reply that waits for its file goes when the file is there, whatever is looked at by then, and once", async () => {
  const { agent, page, one } = await two("emil");
  await goTo(agent, "Ada emil");
  const letGo = await slow(page, "**/files");
  await page.locator(".write.reply input[type=file]").setInputFiles({
    name: "invoice.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Invoice"),
  });
  await agent.reply.fill("Here is the invoice");
  await page.keyboard.press("Enter");
  await goTo(agent, "Bo emil");
  await letGo();
  await one.bubble("Here is the invoice").waitFor();
  await one.panel.locator("#list a.file", { hasText: "invoice.txt" }).waitFor();
  await goTo(agent, "Ada emil");
  await agent.entry("Here is the invoice").waitFor();
  assert.equal(await agent.reply.inputValue(), "", "what was sent is no draft");
});

test("who comes back to a reply that waits for its file sends it once", async () => {
  const { agent, page, one } = await two("emil");
  await goTo(agent, "Ada emil");
  const letGo = await slow(page, "**/files");
  const file = { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("Plan") };
  await page.locator(".write.reply input[type=file]").setInputFiles(file);
  await agent.reply.fill("Here is the plan");
  await page.keyboard.press("Enter");
  await goTo(agent, "Bo emil");
  await goTo(agent, "Ada emil");
  await until("the text is in its field", async () => (await agent.reply.inputValue()) === "Here is the plan");
  await letGo();
  await one.bubble("Here is the plan").waitFor();
  await one.panel.locator("#list a.file", { hasText: "plan.txt" }).waitFor();
  await until("the field is empty", async () => (await agent.reply.inputValue()) === "");
  await page.reload();
  await agent.entry("Here is the plan").waitFor();
  assert.equal(await agent.reply.inputValue(), "");
  assert.equal(await one.bubble("Here is the plan").count(), 1);
});

test("keys are commands again at once for whoever left their field by themselves", async () => {
  const { agent, page } = await two("dalia");
  await goTo(agent, "Ada dalia");
  await agent.reply.pressSequentially("Hm");
  const names = await agent.rows.allTextContents();
  await page.keyboard.press(`Alt+${names.findIndex((name) => name.includes("Bo dalia")) + 1}`);
  await page.getByRole("textbox", { name: "Reply to Bo dalia" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.getByLabel("Transfer to").waitFor();
});

test("a ready reply with a file is sent with it, however quickly Enter comes", async () => {
  const { agent, page, one } = await two("farah");
  await page.goto(`${here.demo.origin}/console/canned`);
  await page.getByRole("link", { name: "New reply" }).first().click();
  await page.getByLabel("Shortcut").fill("sizes");
  await page.getByLabel("Text", { exact: true }).first().fill("Our sizes are in the table.");
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles({
      name: "sizes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("S M L"),
    });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await goTo(agent, "Ada farah");
  const letGo = await slow(page, "**/canned/*");
  await agent.reply.pressSequentially("/sizes");
  await page.locator("#canned-found [role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.locator(".write.reply .tray progress").waitFor();
  assert.equal(await one.bubble("Our sizes").count(), 0);
  await letGo();
  await one.bubble("Our sizes").waitFor();
  await one.panel.locator("#list a.file", { hasText: "sizes.txt" }).waitFor();
});

test("who signs out while a reply is held back has sent it", async () => {
  const { agent, page, one } = await two("ana");
  await page.goto(`${here.demo.origin}/console/me`);
  await page.getByLabel("Hold replies back").selectOption("5");
  await page.locator("form[action='/console/me'] .primary").click();
  await page.waitForURL("**/console/me?saved=1");
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await goTo(agent, "Ada ana");
  await agent.reply.fill("Goodbye, have a nice day");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.locator("form[action='/console/logout']").evaluate((form) => form.requestSubmit());
  await page.waitForURL("**/console/login**");
  await one.bubble("Goodbye, have a nice day").waitFor();
  await page.context().close();
});

test("another person in the same browser gets a page of their own and nobody else's words", async () => {
  const { agent, page } = await two("ben");
  await goTo(agent, "Ada ben");
  await agent.reply.pressSequentially("Only Ben may say this");
  const second = new Agent(await page.context().newPage(), here.demo, "hugo");
  await second.page.goto(`${here.demo.origin}/console/tickets`);
  await second.page.locator("form[action='/console/logout']").evaluate((form) => form.requestSubmit());
  await second.page.waitForURL("**/console/login**");
  await page.getByText("You are signed out.").waitFor();
  await second.signIn();
  // Nothing is said in another's name.
  await page.keyboard.press("Enter");
  await page.locator(".write.reply .problem").getByText("You are signed out.").waitFor();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  assert.equal(await agent.reply.inputValue(), "Only Ben may say this");
  await page.getByRole("link", { name: /^All/ }).first().click();
  await until("the page is Hugo's", () =>
    page.evaluate(() => document.querySelector(".top .face")?.textContent.trim() === "HT").catch(() => false),
  );
  await page.goto(`${here.demo.origin}/console/inbox/all`);
  await goTo(agent, "Ada ben");
  const texts = await page.locator("textarea").evaluateAll((fields) => fields.map((field) => field.value).join());
  assert.ok(!texts.includes("Only Ben"), texts);

  // The same person who signs in again goes on where they were.
  await page.getByRole("textbox").first().waitFor();
  await second.page.goto(`${here.demo.origin}/console/tickets`);
  await second.page.locator("form[action='/console/logout']").evaluate((form) => form.requestSubmit());
  await second.page.waitForURL("**/console/login**");
  await page.getByText("You are signed out.").first().waitFor();
  await second.signIn();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator("html[data-live=on]").waitFor({ state: "attached" });
  await page.context().close();
});

test("a page that cannot be had leaves the one that is shown, says so, and is there when it can", async () => {
  const { agent, page } = await two("dalia");
  await goTo(agent, "Ada dalia");
  await agent.reply.pressSequentially("Half a word");
  const { conversation } = agent;
  let answers = { status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" };
  let aborted = 0;
  await page.route("**/console/c/**", async (route) => {
    if (route.request().method() !== "GET" || !answers) return route.continue();
    if (!answers.abort) return route.fulfill(answers);
    aborted += 1;
    return route.abort();
  });
  // Nobody asked for this one.
  await page.evaluate(() => document.dispatchEvent(new CustomEvent("desk:refresh")));
  await agent.row("Bo dalia").click();
  const failed = page.locator(".toasts p", { hasText: "This did not work" });
  await failed.waitFor();
  assert.equal(agent.conversation, conversation);
  assert.equal(await agent.reply.inputValue(), "Half a word");
  answers = { abort: true };
  await failed.getByRole("button", { name: "Try again" }).click();
  await until("it is tried again", () => aborted > 0);
  await failed.waitFor();
  assert.equal(await agent.reply.inputValue(), "Half a word");
  answers = null;
  await failed.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("textbox", { name: "Reply to Bo dalia" }).waitFor();
  await failed.waitFor({ state: "detached" });
  await page.context().close();
});

test("whoever is signed out signs in again over the page and goes on with the word they were at", async () => {
  const { agent, page } = await two("emil");
  await goTo(agent, "Ada emil");
  await agent.reply.pressSequentially("Half a sen");
  const elsewhere = await page.context().newPage();
  const signOut = async () => {
    await elsewhere.goto(`${here.demo.origin}/console/tickets`);
    await elsewhere.locator("form[action='/console/logout']").evaluate((form) => form.requestSubmit());
    await elsewhere.waitForURL("**/console/login**");
  };
  await signOut();
  await page.getByText("You are signed out.").first().waitFor();
  const dialog = page.getByRole("dialog");
  // Nobody is torn out of a word: the keys go where they went.
  await page.waitForTimeout(1500);
  await page.keyboard.type("tence");
  assert.equal(await agent.reply.inputValue(), "Half a sentence");
  assert.equal(await dialog.count(), 0);
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  assert.equal(await agent.reply.inputValue(), "Half a sentence");
  assert.deepEqual(await axe(page), []);
  await picture(page, "signed-out");
  const password = dialog.getByLabel("Password");
  assert.equal(await dialog.getByLabel("E-mail").inputValue(), agent.person.email);
  await until("one types at once", () => password.evaluate((el) => el === document.activeElement));
  await page.keyboard.type("not this one");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").getByText("do not match").waitFor();
  await password.fill(agent.person.password);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.locator("html[data-live=on]").waitFor({ state: "attached" });
  assert.equal(await agent.reply.inputValue(), "Half a sentence");
  await until("one goes on where one was", () => agent.reply.evaluate((el) => el === document.activeElement));
  await page.keyboard.press("Enter");
  await house.one.bubble("Half a sentence").waitFor();

  // Put away, it is there again by the link; and gone by itself when another tab signs in.
  await agent.reply.blur();
  await signOut();
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Sign in again" }).click();
  await dialog.waitFor();
  const second = new Agent(elsewhere, here.demo, "emil");
  await second.signIn();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await dialog.waitFor({ state: "detached" });
  await page.locator("html[data-live=on]").waitFor({ state: "attached" });
  await page.context().close();
});

test("an answer to a ticket is kept while it is written, here and in another browser", async () => {
  const agent = await (await here.agent("grace")).signIn();
  const { page } = agent;
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("By mail, please", { name: "Mo Mail" });
  await page.goto(`${here.demo.origin}/console/inbox/all`);
  await agent.openChat("Mo Mail");
  const take = page.locator("form[action$='/claim'] button").first();
  if (await take.count()) {
    await take.click();
    await take.waitFor({ state: "detached" });
  }
  await page.locator("summary[aria-label='More']").click();
  await page.getByLabel("E-mail").last().fill("mo@post.example");
  await page.getByRole("button", { name: "Make a ticket" }).click();
  await page.locator(".stand a").click();
  await page.waitForURL("**/console/tickets/*");
  const ticket = page.url();
  const field = page.locator(".write.reply textarea");
  const kept = page.waitForResponse((answer) => answer.url().endsWith("/draft"));
  await field.pressSequentially("Dear Mo, here are three paragraphs");
  await kept;
  await page.getByRole("link", { name: "Tickets" }).first().click();
  await page.waitForURL("**/console/tickets");
  await page.goto(ticket);
  await until("it is here", async () => (await field.inputValue()) === "Dear Mo, here are three paragraphs");
  const other = await (await here.agent("grace")).signIn();
  await other.page.goto(ticket);
  assert.equal(await other.page.locator(".write.reply textarea").inputValue(), "Dear Mo, here are three paragraphs");
  // The page comes again before the server has answered, and has forgotten the draft.
  const { released } = await lock(here.demo.known.database_url, "drafts", 3);
  await field.press("Enter");
  await agent.entry("Dear Mo, here are three paragraphs").waitFor();
  await page.reload();
  await until("what was sent is no draft", async () => (await field.inputValue()) === "");
  await page.reload();
  assert.equal(await field.inputValue(), "", "nor afterwards");
  await released;
  await other.page.context().close();
  await page.context().close();
  await shopper.page.context().close();
});

test("a chat that goes out of sight takes no half-written answer with it", async () => {
  const { agent, page } = await two("emil");
  await goTo(agent, "Ada emil");
  await agent.reply.pressSequentially("A long answer that");
  const boss = await (await here.agent("grace")).signIn();
  const chen = await (await here.agent("chen")).signIn();
  await chen.beAvailable();
  await run(
    here.demo.known.database_url,
    "delete from team_members m using agents a where a.id = m.agent_id and a.email like 'emil@%'",
  );
  await boss.page.goto(`${here.demo.origin}/console/c/${agent.conversation}?view=all`);
  await boss.page.locator("summary", { hasText: "Transfer" }).click();
  const to = boss.page.getByLabel("Transfer to");
  await to.selectOption(await to.locator("option", { hasText: "Chen" }).getAttribute("value"));
  await boss.page.locator(".pop").getByRole("button", { name: "Transfer" }).click();
  const line = page.locator(".toasts .stays:not(.call, .arm)");
  await line.getByText("A long answer that").waitFor();
  await page.waitForURL("**/console/inbox/mine");
  for (const one of [boss, chen, agent]) await one.page.context().close();
});

nothingWentWrong(here);
