// Chats that ring: the card on every page, accepted, declined, not answered, and a colleague who is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { ears } from "./house/ears.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const RINGS_S = 12;
const here = scene({
  prepare: ({ demo }) => {
    demo.run("site", "set", demo.known.site_key, "--routing", "mode=offer", "--routing", `offer_s=${RINGS_S}`);
    // As long as a node keeps a site's settings.
    return new Promise((done) => setTimeout(done, 4_500));
  },
});
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const card = (agent, name) => agent.page.locator(".offer").filter({ hasText: name });
const tones = (agent) => agent.page.evaluate(() => window.heard.tones);
const button = (offer, name) => offer.getByRole("button", { name });

async function atWork(name, options) {
  const agent = await here.agent(name, options);
  await agent.page.context().addInitScript(ears);
  return (await agent.signIn()).beAvailable();
}

async function waits(name, body) {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin(body, { name });
  return shopper;
}

test("what one declines and the next leaves ringing goes to a third, on whatever page they are", async () => {
  const [ana, ben] = [await atWork("ana"), await atWork("ben", { ...phone, colorScheme: "dark" })];
  const shopper = await waits("Olga Offers", "Does it come in green?");
  const first = await Promise.race([
    card(ana, "Olga")
      .waitFor()
      .then(() => [ana, ben]),
    card(ben, "Olga")
      .waitFor()
      .then(() => [ben, ana]),
  ]);
  for (const agent of [first[0]]) {
    assert.match(await card(agent, "Olga").locator(".left").textContent(), /^\d+ s$/);
    assert.match(await card(agent, "Olga").textContent(), /Does it come in green\?/);
    assert.deepEqual(await axe(agent.page), []);
    await picture(agent.page, `offer-${agent === ben ? "phone" : "desk"}`);
  }
  // It rings at whoever looks at it too, two strokes each time, and again until they answer.
  await until("it rang twice", async () => (await tones(first[0])) >= 4);
  await button(card(first[0], "Olga"), "Decline").click();
  await card(first[0], "Olga").waitFor({ state: "detached" });
  const rang = await tones(first[0]);
  await card(first[1], "Olga").waitFor();
  await picture(first[1].page, `offer-${first[1] === ben ? "phone" : "desk"}`);
  await card(first[1], "Olga").waitFor({ state: "detached", timeout: (RINGS_S + 4) * 1_000 });
  assert.equal(await tones(first[0]), rang, "nothing rings at whoever declined");

  const cleo = await here.agent("chen");
  await (await cleo.signIn()).beAvailable();
  await cleo.page.goto(`${here.demo.origin}/console/tickets`);
  await card(cleo, "Olga").waitFor();
  await button(card(cleo, "Olga"), "Accept").focus();
  await cleo.page.keyboard.press("Enter");
  await cleo.page.waitForURL("**/console/c/**");
  await cleo.say("In two greens, even.");
  await shopper.bubble("In two greens").waitFor();
  await cleo.close();
});

test("a colleague is asked to take a chat over: declined it stays, accepted it goes", async () => {
  const ana = await atWork("dalia");
  const shopper = await waits("Tara Transfers", "My lamp hums.");
  const all = here.contexts.flatMap((context) => context.pages()).filter((page) => page.url().includes("/console"));
  // Whoever it rings at before her declines.
  await until(
    "it rings at Dalia",
    async () => {
      for (const page of all.filter((page) => page !== ana.page)) {
        const decline = page.locator(".offer").filter({ hasText: "Tara" }).getByRole("button", { name: "Decline" });
        // Not for long: it may be at her while a button that went away is waited for.
        if (await decline.count()) await decline.click({ timeout: 1000 }).catch(() => {});
      }
      return card(ana, "Tara").count();
    },
    { within: 100_000 },
  );
  await button(card(ana, "Tara"), "Accept").click();
  await ana.page.waitForURL("**/console/c/**");

  // Who is not here is not given anything, and what was written for them is still there.
  await ana.page.locator("summary", { hasText: "Transfer" }).click();
  await ana.page.getByLabel("Transfer to").selectOption({ label: "Grace Moreau (Offline)" });
  await ana.page.getByLabel("Note for them").fill("You know lamps");
  await ana.page.locator(".actions form[action$=transfer]").getByRole("button", { name: "Transfer" }).click();
  await ana.page.locator(".actions [role=alert]", { hasText: "no place free" }).waitFor();
  assert.equal(await ana.page.getByLabel("Note for them").inputValue(), "You know lamps");
  await ana.page.keyboard.press("Escape");
  const emil = await atWork("emil");
  const ask = async (note) => {
    await ana.page.locator("summary", { hasText: "Transfer" }).click();
    const to = ana.page.getByLabel("Transfer to");
    await to.selectOption(await to.locator("option", { hasText: "Emil" }).getAttribute("value"));
    await ana.page.getByLabel("Note for them").fill(note);
    await ana.page.locator(".actions form[action$=transfer]").getByRole("button", { name: "Transfer" }).click();
    await card(emil, "Tara").waitFor();
  };
  await ask("You know lamps");
  assert.match(await card(emil, "Tara").textContent(), /Dalia Haddad asks you to take over/);
  await button(card(emil, "Tara"), "Decline").click();
  await ana.page.goto(`${here.demo.known.console_url}`);
  await ana.openChat("Tara");
  await ana.entry("Emil Brandt declined").waitFor();
  await ana.say("One moment please.");
  await ask("Please, after all");
  await button(card(emil, "Tara"), "Accept").click();
  await emil.page.waitForURL("**/console/c/**");
  await emil.entry("Please, after all").waitFor();
  await emil.say("I am Emil, about your lamp.");
  await shopper.bubble("I am Emil").waitFor();
  await shopper.panel.getByText("You are being passed on to Emil Brandt.").waitFor();
  await emil.entry("My lamp hums.").waitFor();
  await until("it left her list", async () => (await ana.row("Tara").count()) === 0);
});

nothingWentWrong(here);
