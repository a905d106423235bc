// Two agents in one conversation: they see each other, and neither answers past the other without having been asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { Crowd } from "./house/crowd.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const strip = (agent, text) => agent.page.locator(".company", { hasText: text });

/** Above the composer, and over nothing. */
async function inFlow({ page }) {
  const [strip, composer, log] = await page.evaluate(() =>
    [".company p", ".composer", ".scroll"].map((one) => document.querySelector(one).getBoundingClientRect().toJSON()),
  );
  assert.ok(log.bottom <= strip.top + 1 && strip.bottom <= composer.top + 1, JSON.stringify([log, strip, composer]));
  assert.ok(strip.left >= 0 && strip.right <= page.viewportSize().width);
}

/** Grace, a supervisor, opens it beside whoever has it. */
async function beside(desk, options) {
  const boss = await here.agent("grace", options);
  await boss.signIn();
  await boss.page.goto(`${here.demo.origin}/console/c/${desk.conversation}?view=all`);
  await strip(boss, "Ana").waitFor();
  return boss;
}

/** Runs in an agent's page: a form's post, as its script sends it. */
async function post([chat, verb]) {
  const body = new URLSearchParams({ cid: `01900000-0000-7${crypto.randomUUID().slice(15)}` });
  const answer = await fetch(`/console/c/${chat}/${verb}`, {
    method: "POST",
    headers: { accept: "application/json" },
    body,
  });
  return { ok: answer.ok, ...(await answer.json()) };
}

// First, while nobody is available whom the line would give them to.
test("C8: of two who take the same chat at once, fifty times, one has it and the other is told who", async () => {
  const crowd = await Crowd.open(here);
  const staff = [await here.agent("emil"), await here.agent("farah")];
  for (const agent of staff) await (await agent.signIn()).be("Busy");
  const names = ["Emil Brandt", "Farah Siddiqui"];
  const won = [0, 0];
  for (let n = 0; n < 50; n += 1) {
    const name = `Guest ${n}`;
    const chat = await crowd.come("Who takes me?", name);
    if (n % 10 > 0) {
      const told = await Promise.all(staff.map(({ page }) => page.evaluate(post, [chat, "claim"])));
      const winner = told.findIndex(({ ok }) => ok);
      assert.deepEqual(told.map(({ ok }) => ok).sort(), [false, true], JSON.stringify(told));
      assert.ok(told[1 - winner].error.message.startsWith(`${names[winner]} has this conversation now.`));
      won[winner] += 1;
      assert.ok((await staff[winner].page.evaluate(post, [chat, "close"])).ok);
      continue;
    }
    const button = ({ page }) => page.getByRole("button", { name: "Take chat" });
    for (const agent of staff) {
      await agent.page.goto(`${here.demo.origin}/console/c/${chat}?view=waiting`);
      await agent.page.locator("html[data-live=on]").waitFor();
    }
    // Whose page says so first has nothing left to press.
    await Promise.all(
      staff.map((agent) =>
        button(agent)
          .click({ timeout: 5000 })
          .catch(() => {}),
      ),
    );
    await Promise.any(staff.map((agent) => agent.page.locator(".composer[data-may=reply]").waitFor()));
    const may = await Promise.all(staff.map(({ page }) => page.locator(".composer[data-may=reply]").count()));
    const winner = may.indexOf(1);
    await staff[1 - winner].page.getByText(`${names[winner]} has this`).first().waitFor();
    assert.equal(await staff[1 - winner].page.locator(".composer[data-may=reply]").count(), 0);
    won[winner] += 1;
    assert.ok((await staff[winner].page.evaluate(post, [chat, "close"])).ok);
  }
  console.log(`taken by hand at once: ${names.map((name, n) => `${name} ${won[n]}`).join(", ")}`);
  assert.equal(won[0] + won[1], 50);
});

test("whoever opens a colleague's chat is seen within a second, also while replying, until they are gone", async () => {
  const { desk } = await here.chat("Cora Collides", { body: "Who is there?" });
  const live = desk.page.locator(".company[aria-live=polite]");
  assert.equal(await live.textContent(), "");
  const boss = await here.agent("grace");
  await boss.signIn();
  await boss.page.goto(`${here.demo.origin}/console/c/${desk.conversation}?view=all`);
  await boss.page.locator("html[data-live=on]").waitFor();
  const began = Date.now();
  await strip(desk, /Grace Moreau.* is viewing/).waitFor({ timeout: 1000 });
  console.log(`strip: shown after ${Date.now() - began} ms`);
  await strip(boss, /Ana Lindqvist.* is viewing/).waitFor({ timeout: 1000 });
  await inFlow(desk);
  await boss.page.getByText("Reply", { exact: true }).first().click();
  await boss.reply.pressSequentially("I would say");
  await strip(desk, "is replying").waitFor({ timeout: 1000 });
  await desk.reply.fill("half a sentence");
  await inFlow(desk);
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-light");
  await desk.page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-dark");
  await desk.page.emulateMedia({ colorScheme: "light" });
  // What is drawn anew keeps the strip.
  await desk.page.evaluate(
    () =>
      new Promise((done) => {
        document.addEventListener("desk:arrive", () => done(), { once: true });
        document.dispatchEvent(new CustomEvent("desk:refresh"));
      }),
  );
  await strip(desk, "Grace").waitFor();
  await boss.page.close();
  await desk.page.waitForFunction(() => document.querySelector(".company").textContent === "");
  await desk.close();
});

test("a reply past a colleague's is not sent: it is shown, the text stays, and once more sends it", async () => {
  const { shopper, desk } = await here.chat("Stan Stale", { body: "Is it in stock?" });
  const boss = await beside(desk);
  // What Ana is told arrives late: her page does not show it yet.
  await desk.page.evaluate(() => {
    document.querySelector(".log").removeAttribute("data-sub");
    document.dispatchEvent(new CustomEvent("desk:arrive", { detail: {} }));
  });
  await until("she is not followed any more", async () => (await strip(boss, "Ana").count()) === 0);
  await boss.page.getByText("Reply", { exact: true }).first().click();
  await boss.say("Yes, twelve of them.");
  assert.equal(await desk.entry("Yes, twelve").count(), 0);
  await desk.reply.fill("No, sorry.");
  await desk.reply.press("Enter");
  await desk.page.locator(".write.reply .problem", { hasText: "A colleague has answered" }).waitFor();
  await desk.entry("Yes, twelve of them.").waitFor();
  assert.equal(await desk.reply.inputValue(), "No, sorry.");
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-stale");
  const bodies = () =>
    here.demo
      .transcript(desk.conversation)
      .events.map(({ body }) => body)
      .filter(Boolean);
  assert.deepEqual(bodies().slice(-2), ["Is it in stock?", "Yes, twelve of them."]);
  await desk.reply.press("Enter");
  await shopper.bubble("No, sorry.").waitFor();
  assert.equal(bodies().filter((body) => body === "No, sorry.").length, 1);
  await boss.page.close();
  await desk.close();
});

test("on a phone and from right to left the strip has its line", async () => {
  const { desk } = await here.chat("Pia Phone", { body: "Hello?", desk: phone });
  const boss = await beside(desk);
  await strip(desk, "is viewing").waitFor();
  await inFlow(desk);
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-phone");
  await desk.page.evaluate(() => (document.documentElement.dir = "rtl"));
  await inFlow(desk);
  await picture(desk.page, "collide-phone-rtl");
  await desk.page.evaluate(() => (document.documentElement.dir = "ltr"));
  await desk.say("Yes, hello.");
  const own = desk.page.locator(".entry.from-staff").last();
  await own.locator(".take-back summary").click();
  await own.locator(".fate", { hasText: "shopper" }).locator("span:visible").waitFor();
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-phone-fate");
  await boss.page.close();
  await desk.close();
});

test("an at sign in a note offers colleagues, and calls the one who is chosen", async () => {
  const { shopper, desk } = await here.chat("Mia Mention", { body: "Can I have it in red?" });
  const boss = await here.agent("grace");
  await boss.signIn();
  await boss.page.locator("html[data-live=on]").waitFor();
  await desk.page.getByText("Internal note", { exact: true }).first().click();
  await desk.note.pressSequentially("Red? @gr");
  const option = desk.page.getByRole("option", { name: "@Grace Moreau" });
  await option.waitFor();
  assert.deepEqual(await axe(desk.page), []);
  await picture(desk.page, "collide-mention");
  await desk.note.press("Enter");
  await option.waitFor({ state: "detached" });
  assert.equal(await desk.note.inputValue(), "Red? @Grace Moreau ");
  await desk.note.press("Enter");
  await desk.notes.filter({ hasText: "Red? @Grace Moreau" }).waitFor();
  const call = boss.page.locator(".toasts .call", { hasText: /Ana Lindqvist.* mentions you in a note/ });
  await call.waitFor();
  await call.getByRole("button", { name: "Open" }).click();
  await boss.page.waitForURL(`**/console/c/${desk.conversation}**`);
  await desk.page.getByText("Reply", { exact: true }).first().click();
  // In a reply it is only a sign.
  await desk.reply.pressSequentially("@gr");
  await desk.reply.press("Enter");
  await shopper.bubble("@gr").waitFor();
  assert.ok(!(await shopper.panel.locator("body").textContent()).includes("Red?"), "the shopper read the note");
  await boss.page.close();
  await desk.close();
});

nothingWentWrong(here);
