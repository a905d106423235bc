// Rooms of the staff in two browsers: what one says the other sees, is called for, and has read; and nothing typed is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const at = (agent, path) => agent.page.goto(`${here.demo.origin}${path}`);
const row = (agent, name) =>
  agent.page
    .locator("#rooms .row")
    .filter({ has: agent.page.locator(".name bdi", { hasText: new RegExp(`^${name}$`) }) });
const field = (agent) => agent.page.locator(".composer textarea");
const said = (agent, text) => agent.page.locator(".log .entry[data-k]", { hasText: text });
const badge = (agent) => agent.page.locator("[data-count=rooms]").getAttribute("data-n");

async function open(agent, name) {
  await row(agent, name).click();
  await agent.page.locator(".head h2", { hasText: name }).waitFor();
}

async function say(agent, text) {
  await field(agent).fill(text);
  await field(agent).press("Enter");
  await said(agent, text).waitFor();
}

async function looks(agent, what) {
  assert.deepEqual(await axe(agent.page), [], what);
  const beyond = await agent.page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${what} is ${beyond} px too wide`);
  await picture(agent.page, `rooms-${what}`);
}

test("two colleagues talk: each sees what the other says, who is elsewhere is called and taken there", async () => {
  const [ana, ben] = [await here.agent("ana"), await here.agent("ben")];
  for (const agent of [ana, ben]) await agent.signIn();
  await at(ana, "/console/rooms");
  await looks(ana, "list");
  await open(ana, "Ben Okafor");
  await ana.page.locator(".scroll").getByText("Nothing has been said here yet.").waitFor();
  await looks(ana, "empty");
  await say(ana, "Can you take the lamp?\nIt is the red one");
  assert.ok(await ana.page.locator(".scroll").getByText("Nothing has been said here yet.").isHidden());

  const toast = ben.page.locator(".toasts p", { hasText: "writes to you" });
  await toast.waitFor();
  await until("the rail counts it", async () => (await badge(ben)) === "1");
  await picture(ben.page, "rooms-called");
  await toast.getByRole("button", { name: "Open" }).click();
  await said(ben, "Can you take the lamp?").waitFor();
  assert.match(ben.page.url(), /\/console\/rooms\//);
  assert.equal(await badge(ben), "0");
  await say(ben, "I have it");
  await said(ana, "I have it").waitFor();

  // One's own words stand on the other side.
  const sides = await ana.page.evaluate(() =>
    [...document.querySelectorAll(".log .entry[data-k] .bubble")].map((bubble) => {
      const [box, all] = [bubble.getBoundingClientRect(), document.querySelector(".inner").getBoundingClientRect()];
      return box.left + box.width / 2 > all.left + all.width / 2 ? "right" : "left";
    }),
  );
  assert.deepEqual(sides, ["right", "left"]);
  await until("she has read it", async () => (await badge(ana)) === "0");
  assert.equal(await ben.page.locator(".toasts .call").count(), 0, "who looks at it is not called");
  await looks(ana, "talk");
});

test("what one types another is told of, a half-typed word stays, and the list says where something is new", async () => {
  const [chen, dalia] = [await here.agent("chen"), await here.agent("dalia")];
  for (const agent of [chen, dalia]) await agent.signIn();
  for (const agent of [chen, dalia]) {
    await at(agent, "/console/rooms");
    await open(agent, "Lobby");
  }
  await chen.page.locator(".company", { hasText: "Dalia" }).waitFor();
  await field(chen).pressSequentially("Half a");
  await dalia.page.locator(".company", { hasText: "Chen" }).filter({ hasText: "replying" }).waitFor();
  await say(dalia, "Good morning");
  await said(chen, "Good morning").waitFor();
  assert.equal(await field(chen).inputValue(), "Half a");

  // Elsewhere and back: nothing of it is lost, and nothing of it goes along.
  await open(chen, "Dalia Haddad");
  assert.equal(await field(chen).inputValue(), "");
  await say(dalia, "Anybody for the returns?");
  await until("the lobby is unread", () => row(chen, "Lobby").evaluate((el) => el.matches(".unread")));
  await picture(chen.page, "rooms-unread");
  await open(chen, "Lobby");
  await until("what was typed is there", async () => (await field(chen).inputValue()) === "Half a");
  await until("the lobby is read", () => row(chen, "Lobby").evaluate((el) => !el.matches(".unread")));
  await until("the rail counts nothing", async () => (await badge(chen)) === "0");

  // An at sign calls somebody by name.
  await field(chen).fill("");
  await field(chen).pressSequentially("@dal");
  await chen.page.getByRole("option", { name: /Dalia/ }).waitFor();
  await field(chen).press("Enter");
  assert.match(await field(chen).inputValue(), /^@Dalia Haddad /);
  await at(dalia, "/console/inbox/mine");
  await dalia.page.locator("html[data-live=on]").waitFor({ state: "attached" });
  await field(chen).press("Enter");
  await dalia.page.locator(".toasts p", { hasText: "calls you in a room" }).waitFor();
});

test("a word too much is corrected and taken back, and without script all of it works as well", async () => {
  const emil = await here.agent("emil");
  await emil.signIn();
  await at(emil, "/console/rooms");
  await open(emil, "Farah Siddiqui");
  await say(emil, "Seven lamps");
  await field(emil).press("ArrowUp");
  const correct = emil.page.locator(".correct textarea");
  await correct.fill("Eight lamps");
  await correct.press("Enter");
  await said(emil, "Eight lamps").waitFor();
  assert.equal(await said(emil, "Seven lamps").count(), 0);

  const farah = await here.agent("farah", { javaScriptEnabled: false });
  await farah.signIn();
  await at(farah, "/console/rooms");
  const before = Number(await badge(farah));
  assert.ok(before >= 1);
  await row(farah, "Emil Brandt").click();
  await said(farah, "Eight lamps").waitFor();
  assert.equal(Number(await badge(farah)), before - 1);
  await field(farah).fill("On its way");
  await farah.page.locator(".write button.primary").click();
  await said(farah, "On its way").waitFor();
  await said(emil, "On its way").waitFor();
  await said(farah, "On its way").locator("summary").click();
  await farah.page.locator(".take-back[open] button").click();
  await farah.page.locator(".text.gone").last().waitFor();
  await until("he sees that it is gone", async () => (await said(emil, "On its way").count()) === 0);
  await until(
    "and has read that as well",
    async () => !(await row(emil, "Farah Siddiqui").evaluate((el) => el.matches(".unread"))),
  );
});

test("an offline room keeps what is said and sends it once when it is back", async () => {
  const ana = await here.agent("ana");
  await ana.signIn();
  await at(ana, "/console/rooms");
  await open(ana, "Lobby");
  await ana.page.context().setOffline(true);
  await field(ana).fill("Said under the bridge");
  await field(ana).press("Enter");
  const failed = ana.page.locator(".entry.failed", { hasText: "Said under the bridge" });
  await failed.waitFor();
  await picture(ana.page, "rooms-failed");
  await ana.page.context().setOffline(false);
  await failed.getByRole("button").click();
  await said(ana, "Said under the bridge").waitFor();
  assert.equal(await ana.page.locator(".log .entry", { hasText: "Said under the bridge" }).count(), 1);
});

for (const [how, options] of [
  ["dark", { colorScheme: "dark" }],
  ["phone", phone],
  ["phone-dark", { ...phone, colorScheme: "dark" }],
]) {
  test(`the rooms are well made: ${how}`, async () => {
    const grace = await here.agent("grace", options);
    await grace.signIn();
    await at(grace, "/console/rooms");
    await looks(grace, `list-${how}`);
    await open(grace, "Lobby");
    await looks(grace, `lobby-${how}`);
    await grace.page.setViewportSize({ width: 320, height: 640 });
    await looks(grace, `lobby-320-${how}`);
  });
}

nothingWentWrong(here);
