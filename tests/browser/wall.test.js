// What agents are to others, and the supervisor's wall: by keyboard, without script, live, on a big screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const wide = { viewport: { width: 1440, height: 900 } };

const wall = (desk, form = "") => desk.page.goto(`${here.demo.origin}/console/wall${form}`);
const big = (page, id) => page.locator(`#t-${id} .big`);
const card = (page, name) => page.locator("#people .person", { hasText: name });
const fits = (page) => page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth);

async function comes(name, body = "Hello?") {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin(body, { name });
  return shopper;
}

test("a status is chosen by keyboard alone, and every page of the agent shows it", async () => {
  const desk = await here.agent("dalia", wide);
  const { page } = desk;
  const said = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => said.push(JSON.parse(payload))));
  const touches = () => said.filter(({ input }) => input).length;
  await desk.signIn();
  const other = await page.context().newPage();
  await other.goto(`${here.demo.origin}/console/tickets`);
  await desk.pill.focus();
  await page.keyboard.press("Enter");
  const menu = page.locator("#status-form");
  await menu.waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#my-status > summary.st-available").waitFor();
  await other.locator("#my-status > summary.st-available").waitFor();
  await menu.waitFor({ state: "hidden" });
  await desk.pill.focus();
  await page.keyboard.press("Enter");
  await menu.getByLabel("Reason").focus();
  await page.keyboard.type("Lunch");
  await picture(page, "console-status");
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Enter");
  await other.locator("#my-status > summary.st-away", { hasText: "Lunch" }).waitFor();
  await menu.waitFor({ state: "hidden" });
  await desk.pill.focus();
  await page.keyboard.press("Enter");
  await menu.waitFor();
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "hidden" });
  assert.ok(await desk.pill.evaluate((pill) => pill === document.activeElement));
  await desk.be("Busy");
  await until("the house knows that somebody is here", touches);
  assert.equal(touches(), 1, "once a minute is enough");
});

test("without script a status is chosen too, and the end of a shift hands the chats over", async () => {
  const desk = await here.agent("ana", { javaScriptEnabled: false });
  await (await desk.signIn()).beAvailable();
  const shopper = await comes("Sia Shift");
  await until("the chat is hers", async () => {
    await desk.page.reload();
    return desk.row("Sia Shift").count();
  });
  await desk.pill.click();
  await desk.page.locator(".ends > summary").click();
  await desk.page.getByText("Your chat goes back to the queue").waitFor();
  await desk.page.getByRole("button", { name: "Go offline" }).click();
  await desk.page.locator("#my-status > summary.st-offline").waitFor();
  await shopper.panel
    .getByText(/has left/)
    .first()
    .waitFor();
  assert.equal(await desk.row("Sia Shift").count(), 0);
  await shopper.end();
});

test("the wall changes within two seconds, and leads from an agent to what may be done", async () => {
  const { shopper, desk } = await here.chat("Wanda Wall", { agent: "ben", body: "Where is my lamp?" });
  const boss = await here.agent("grace", wide);
  const { page } = await boss.signIn();
  await wall(boss);
  await page.locator("html[data-live=on]").waitFor();
  const before = Number(await big(page, "chatting").textContent());
  const waiting = Number(await big(page, "waiting").textContent());
  await desk.be("Busy", "Paperwork");
  await card(page, "Ben Okafor").getByText("Paperwork").waitFor({ timeout: 2000 });
  const other = await comes("Willy Waits");
  await other.isSent("Hello?");
  const began = Date.now();
  await page.locator("#t-waiting .big", { hasText: new RegExp(`^${waiting + 1}$`) }).waitFor({ timeout: 2000 });
  console.log(`wall: arrival shown after ${Date.now() - began} ms`);
  assert.equal(Number(await big(page, "chatting").textContent()), before);
  assert.match(await page.locator("#t-longest time").textContent(), /^\d+:\d\d$/);
  await picture(page, "wall-light");
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "wall-dark");
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ colorScheme: "light" });

  await card(page, "Ben Okafor").getByRole("link").click();
  const chat = page.locator(".chats li", { hasText: "Wanda Wall" });
  await chat.waitFor();
  await picture(page, "wall-person");
  assert.deepEqual(await axe(page), []);
  // Whoever watches reads along as it is said, and nobody's chat is touched by it.
  await chat.getByRole("link", { name: "Watch the chat with Wanda Wall" }).click();
  await boss.entry("Where is my lamp?").waitFor();
  await shopper.write("Anybody?");
  await boss.entry("Anybody?").waitFor();
  assert.equal(await page.locator(".log[data-read]").count(), 0);
  await page.goBack();
  await chat.getByRole("link", { name: "Whisper" }).click();
  await boss.note.fill("Offer her the refund");
  await page.getByRole("button", { name: "Add note" }).click();
  await desk.notes.filter({ hasText: "Offer her the refund" }).waitFor();
  await page.getByText("Ben Okafor has this chat").waitFor();
  await picture(page, "wall-join");
  assert.deepEqual(await axe(page), []);
  await page.getByText("Reply", { exact: true }).first().click();
  await boss.say("Grace here, may I?");
  await shopper.bubble("Grace here, may I?").waitFor();
  await desk.entry("Grace here, may I?").waitFor();
  await desk.say("It is still my chat.");
  await shopper.bubble("It is still my chat.").waitFor();

  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("took over from").waitFor();
  await page.getByRole("button", { name: "Take over" }).waitFor({ state: "detached" });
  await desk.page.waitForFunction(() => !document.querySelector(".write.reply"));
  await boss.say("I go on from here.");
  await shopper.bubble("I go on from here.").waitFor();
  assert.ok(!(await shopper.panel.locator("body").textContent()).includes("refund"), "the shopper read the whisper");
  await boss.close();
  await other.end();
});

test("a supervisor sets somebody away, whose page says by whom, and gives their chat to a colleague", async () => {
  const { desk } = await here.chat("Gus Given", { agent: "ana", body: "Who has me?" });
  const chen = await here.agent("chen", wide);
  await (await chen.signIn()).beAvailable();
  const boss = await here.agent("grace", wide);
  const { page } = await boss.signIn();
  await wall(boss);
  await card(page, desk.person.name).getByRole("link").click();
  await page.getByLabel("Set to").selectOption("away");
  await page.locator(".set-status").getByLabel("Reason").fill("Fire drill");
  // What is chosen stays, whatever happens in the chats meanwhile.
  await desk.say("I have you.");
  await page.locator(".chats .said", { hasText: "I have you." }).waitFor();
  assert.equal(await page.getByLabel("Set to").inputValue(), "away");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  const told = desk.page.locator(".toasts", { hasText: "set you to Away: Fire drill" });
  await told.waitFor();
  assert.ok((await told.textContent()).includes(boss.person.name));
  await desk.page.locator("#my-status > summary.st-away").waitFor();
  await picture(desk.page, "console-set-away");
  const row = page.locator(".chats li", { hasText: "Gus Given" });
  await row.locator("summary", { hasText: "Give to" }).click();
  const to = row.getByLabel("Give to");
  const target = to.locator("option", { hasText: chen.person.name });
  await target.waitFor({ state: "attached" });
  await to.selectOption(await target.getAttribute("value"));
  await row.getByRole("button", { name: "Give", exact: true }).click();
  await chen.row("Gus Given").waitFor();
  await row.waitFor({ state: "detached" });
  await chen.openChat("Gus Given");
  await chen.close();
});

test("on a phone the wall is as wide as the phone", async () => {
  const boss = await here.agent("grace", { ...phone, colorScheme: "dark" });
  const { page } = await boss.signIn();
  await wall(boss);
  await page.locator("html[data-live=on]").waitFor();
  await picture(page, "wall-phone");
  assert.ok(await fits(page), "it is wider");
  assert.deepEqual(await axe(page), []);
  await boss.pill.click();
  await picture(page, "console-status-phone");
  const box = await page.locator("#status-form").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
});

test("the big form has nothing to press, follows, and comes back by itself after the house was restarted", async () => {
  const boss = await here.agent("grace", { viewport: { width: 1920, height: 1080 }, colorScheme: "dark" });
  const { page } = await boss.signIn();
  await wall(boss, "?tv=1");
  await page.locator("html[data-live=on]").waitFor();
  assert.equal(await page.locator("nav, header.top, form, button").count(), 0);
  const size = await big(page, "waiting").evaluate((node) => Number.parseFloat(getComputedStyle(node).fontSize));
  assert.ok(size >= 48, `${size} px`);
  const waiting = Number(await big(page, "waiting").textContent());
  const tile = page.locator("#t-waiting .big", { hasText: new RegExp(`^${waiting + 1}$`) });
  const desks = await Promise.all(["ana", "ben", "chen", "dalia"].map((name) => here.agent(name)));
  for (const desk of desks) await (await desk.signIn()).be("Busy");
  const shopper = await comes("Tara Television");
  await tile.waitFor();
  await picture(page, "wall-tv-dark");
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ colorScheme: "light" });
  await picture(page, "wall-tv-light");
  await here.demo.kill();
  await page.getByText("These numbers are old").waitFor({ timeout: 15_000 });
  await here.demo.again();
  await page.locator("html[data-live=on]").waitFor({ timeout: 30_000 });
  await page.getByText("These numbers are old").waitFor({ state: "detached" });
  // Its next try may be half a minute off.
  await (await shopper.frame()).evaluate(() => dispatchEvent(new Event("online")));
  await shopper.end();
  await page.locator("#t-waiting .big", { hasText: new RegExp(`^${waiting}$`) }).waitFor({ timeout: 20_000 });
});

nothingWentWrong(here);
