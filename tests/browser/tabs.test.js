// A shop open in several tabs: who is connected, and who takes over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Shopper } from "./house/shopper.js";
import { until } from "./house/until.js";

const here = scene();

/** Shoppers' sockets, as the server counts them. */
async function sockets() {
  const text = await (await fetch(`${here.demo.origin}/metrics`)).text();
  return Number(/^deskbell_sockets\{who="shopper"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

const are = (n, why, how) => until(`${n} sockets: ${why}`, async () => (await sockets()) === n, how);

/** Tabs of one window hide each other; a page without a head believes what it is told. */
async function look(shopper, on) {
  const told = (hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  for (const frame of [shopper.page.mainFrame(), await shopper.frame()]) await frame.evaluate(told, !on);
}

const badge = ({ page }) => page.locator("deskbell-chat button.l i").textContent();

test("of the tabs nobody looks at one is connected, counts what is new for all, and is replaced when it closes", async () => {
  const { shopper: first, desk } = await here.chat("Hedda Hidden", { body: "In two tabs" });
  const second = new Shopper(await first.page.context().newPage());
  await second.visit(here.demo.known.shop_url);
  await second.bubble("In two tabs").waitFor();
  await are(2, "both are looked at");
  await look(first, false);
  await are(1, "the second alone is looked at");
  await look(second, false);
  await desk.say("Is anybody there?");
  for (const tab of [first, second]) await until("the badge counts one", async () => (await badge(tab)) === "1");
  await are(1, "nobody looks, one stays");

  await second.page.close();
  await are(0, "the one that was connected is gone");
  await are(1, "the other one takes over", { within: 40_000 });
  await desk.say("Still here");
  await until("the badge counts two", async () => (await badge(first)) === "2");

  const third = new Shopper(await first.page.context().newPage());
  await third.visit(here.demo.known.shop_url);
  await third.bubble("Still here").waitFor();
  await are(1, "the third is looked at");
  await look(first, true);
  await are(2, "and the first again");
  await desk.say("Welcome back");
  for (const tab of [first, third]) await tab.bubble("Welcome back").waitFor();
  const all = ["In two tabs", "Is anybody there?", "Still here", "Welcome back"];
  for (const tab of [first, third]) assert.deepEqual(await tab.texts(), all);
});

nothingWentWrong(here);
