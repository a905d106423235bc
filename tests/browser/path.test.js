// The whole path in two browsers at once: a shopper in the sample shop, an agent in the console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Agent } from "./house/agent.js";
import { openBrowser, openContext, picture } from "./house/browser.js";
import { Demo } from "./house/demo.js";
import { Shopper } from "./house/shopper.js";
import { percentile, until } from "./house/until.js";

const ROUNDS = 40;
const NOTE = "Gold customer: waive the fee";

let demo;
let browsers;
let contexts;
let shopper;
let agent;

before(async () => {
  demo = await Demo.start();
  demo.hurry();
  browsers = await Promise.all([openBrowser(), openBrowser()]);
  contexts = await Promise.all(browsers.map((browser) => openContext(browser)));
  shopper = new Shopper(await contexts[0].newPage());
  agent = new Agent(await contexts[1].newPage(), demo, "ana");
});

after(async () => {
  await Promise.allSettled(browsers?.map((browser) => browser.close()) ?? []);
  await demo?.stop();
});

// Resolves in the reader's page with the moment of the first frame that can show the text.
function seenAt(page, selector, text) {
  return page.evaluate(
    ([where, wanted]) =>
      new Promise((resolve) => {
        const isThere = () => [...document.querySelectorAll(where)].some((node) => node.textContent.includes(wanted));
        const done = () => {
          if (!isThere()) return;
          watch.disconnect();
          requestAnimationFrame(() => resolve(Date.now()));
        };
        const watch = new MutationObserver(done);
        watch.observe(document.body, { childList: true, subtree: true, characterData: true });
        done();
      }),
    [selector, text],
  );
}

// Sends with the Enter key; the moment of the key press is taken in the writer's page.
async function pressedAt(page, field, text) {
  await field.fill(text);
  const pressed = page.evaluate(
    () =>
      new Promise((resolve) => addEventListener("keydown", () => resolve(Date.now()), { capture: true, once: true })),
  );
  await field.press("Enter");
  return pressed;
}

async function measure(from, to, text) {
  const seen = seenAt(to.page, to.selector, text);
  const pressed = await pressedAt(from.page, from.field, text);
  return (await seen) - pressed;
}

test("a shopper's first message reaches an agent who is available", async () => {
  await agent.signIn();
  await agent.beAvailable();
  await shopper.visit(demo.known.shop_url);
  await picture(shopper.page, "shop");
  await shopper.open();
  await picture(shopper.page, "widget-start");
  await shopper.begin("Hello, where is my order?", { name: "Mia Keller", team: "Orders" });
  await shopper.isSent("Hello, where is my order?");
  await agent.openChat("Mia Keller");
  await agent.entry("Hello, where is my order?").waitFor();
  await agent.say("Good morning Mia, one moment please.");
  await shopper.bubble("Good morning Mia, one moment please.").waitFor();
  assert.match(await shopper.panel.locator("#title").textContent(), /Ana/);
});

test("each sees when the other one types", async () => {
  await agent.reply.pressSequentially("Let me");
  await shopper.typing.waitFor();
  assert.match(await shopper.typing.textContent(), /Ana.* is typing/);
  await agent.reply.fill("");
  await shopper.typing.waitFor({ state: "hidden" });
  await shopper.composer.pressSequentially("Tha");
  await agent.typing.locator(".dots, .preview").waitFor();
  await shopper.composer.fill("");
  await agent.typing.locator(".dots, .preview").waitFor({ state: "detached" });
});

test("a message is on the other screen within half a second", async () => {
  const panel = await shopper.frame();
  const atShop = { page: panel, field: shopper.composer, selector: "#list .bubble" };
  const atDesk = { page: agent.page, field: agent.reply, selector: ".log .entry .text" };
  const times = { shopper: [], agent: [] };
  for (let n = 1; n <= ROUNDS; n += 1) {
    times.shopper.push(await measure(atShop, atDesk, `Question number ${n}.`));
    times.agent.push(await measure(atDesk, atShop, `Answer number ${n}.`));
  }
  const all = [...times.shopper, ...times.agent];
  const show = (list) => `p50=${percentile(list, 0.5)} p95=${percentile(list, 0.95)} max=${Math.max(...list)}`;
  console.log(`message_to_screen_ms ${show(all)} n=${all.length}`);
  console.log(`  shopper to agent ${show(times.shopper)}; agent to shopper ${show(times.agent)}`);
  assert.ok(percentile(all, 0.95) < 500, show(all));
  for (let n = 1; n <= ROUNDS; n += 1) {
    assert.equal(await shopper.bubbles.getByText(`Answer number ${n}.`, { exact: true }).count(), 1);
    assert.equal(await agent.entries.getByText(`Question number ${n}.`, { exact: true }).count(), 1);
  }
});

test("an internal note is shown to staff alone", async () => {
  await agent.writeNote(NOTE);
  await agent.say("The fee is waived.");
  await shopper.bubble("The fee is waived.").waitFor();
  assert.ok(!(await shopper.panel.locator("body").textContent()).includes(NOTE));
  await picture(agent.page, "console-conversation");
  await picture(shopper.page, "widget-chat");
});

test("the closed chat is rated, and its transcript arrives by mail without the note", async () => {
  const { conversation } = agent;
  await agent.close();
  await shopper.ended.locator("h2").waitFor();
  await shopper.ended.locator(".rate").nth(4).click();
  await shopper.ended.getByLabel("Comment (optional)").fill("Quick and kind");
  await shopper.ended.getByRole("button", { name: "Send rating" }).click();
  await shopper.ended.locator("p.thanks").waitFor();
  await shopper.ended.getByLabel("E-mail").fill("mia@customer.example");
  await shopper.ended.getByRole("button", { name: "E-mail me the transcript" }).click();
  await shopper.ended.getByText("The transcript is on its way to").waitFor();
  await picture(shopper.page, "widget-ended");

  await agent.page.goto(`${demo.origin}/console/c/${conversation}?view=closed`);
  await agent.page.locator(".log .k-rated").waitFor();
  assert.match(await agent.page.locator(".log .k-rated").textContent(), /5.*Quick and kind/s);
  const stored = JSON.stringify(demo.transcript(conversation));
  assert.ok(stored.includes("The fee is waived.") && !stored.includes(NOTE));

  const mail = await contexts[1].newPage();
  const letter = mail.locator(".letter", { hasText: "mia@customer.example" });
  await until("the letter is captured", async () => {
    await mail.goto(demo.known.mail_url);
    return (await letter.count()) === 1;
  });
  await picture(mail, "mail");
  await letter.getByRole("link").click();
  await mail.waitForLoadState();
  const text = await mail.locator("pre.text").textContent();
  const html = await mail.frameLocator("iframe").locator("body").textContent();
  for (const [form, body] of Object.entries({ text, html })) {
    assert.ok(body.includes("Hello, where is my order?") && body.includes("The fee is waived."), form);
    assert.ok(body.includes(`Question number ${ROUNDS}.`), form);
    assert.ok(!body.includes(NOTE), `${form} holds the note`);
  }
  await picture(mail, "mail-transcript");
});

test("nothing went wrong unseen in either browser", () => {
  assert.deepEqual(
    contexts.flatMap(({ faults }) => faults),
    [],
  );
  assert.ok(!/panicked/.test(demo.log), demo.log);
});
