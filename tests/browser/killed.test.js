// A server that dies without a word, under a shop that does not: what was typed meanwhile outlives the page.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register, Shop } from "./house/shop.js";
import { until } from "./house/until.js";

let shop;
const here = scene({
  async prepare({ demo }) {
    shop = await Shop.open(demo.origin, demo.known.site_key);
    await register(here, shop.origin);
  },
});
after(() => shop?.close());

/** The demo begins with its own shop as the only one. */
async function lightsOn() {
  await here.demo.again();
  await register(here, shop.origin);
}

/** What the loader keeps under a name. */
const kept = ({ page }) =>
  page.evaluate(() =>
    Object.fromEntries(Object.entries(localStorage).map(([key, text]) => [key.split(".").slice(2).join("."), text])),
  );

const waiting = async (shopper) =>
  Object.entries(await kept(shopper))
    .filter(([key]) => key.startsWith("q."))
    .map(([key, text]) => ({ cid: key.slice(2), body: JSON.parse(text).frame.body }))
    .sort((a, b) => (a.cid < b.cid ? -1 : 1));

const areWaiting = (shopper, n) =>
  until(`${n} are kept`, async () => ((await waiting(shopper)).length === n ? waiting(shopper) : null));

/** The shopper's messages as the server has them. */
async function stored(shopper) {
  const { token, live } = await kept(shopper);
  const answer = await fetch(`${here.demo.origin}/v1/shopper/conversations/${live}/events?limit=100`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { events } = await answer.json();
  return events.filter(({ kind }) => kind === "message").map(({ cid, body }) => ({ cid, body }));
}

test("three messages written to a dead server survive a reload, and arrive once, in order, as what they were", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(shop.origin)).open();
  await shopper.begin("Before the power cut", { name: "Petra Power" });
  await shopper.isSent("Before the power cut");
  const before = await stored(shopper);
  await here.demo.kill();
  const three = ["First in the dark", "Second in the dark", "Third in the dark"];
  for (const text of three) await shopper.write(text);
  const written = await areWaiting(shopper, 3);
  assert.deepEqual(
    written.map(({ body }) => body),
    three,
  );
  await shopper.page.reload();
  assert.deepEqual(await waiting(shopper), written);
  await lightsOn();
  await shopper.page.reload();
  for (const text of three) await shopper.isSent(text);
  assert.deepEqual(await stored(shopper), [...before, ...written]);
  assert.deepEqual(await shopper.texts(), ["Before the power cut", ...three]);
  assert.deepEqual(await waiting(shopper), []);
});

test("the first message of a chat, with its answers and its team, outlives server and page", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(shop.origin)).open();
  await shopper.start.waitFor();
  const { start } = shopper;
  await start.getByLabel("Message").fill("First words in the dark");
  await start.getByLabel("Your name").fill("Frida First");
  await start.getByLabel("What is it about?").selectOption({ label: "Orders" });
  await here.demo.kill();
  await start.getByRole("button", { name: "Start chat" }).click();
  await shopper.bubble("First words in the dark").waitFor();
  const written = await areWaiting(shopper, 1);
  const { frame } = JSON.parse((await kept(shopper))[`q.${written[0].cid}`]);
  assert.deepEqual(frame.intake, { name: "Frida First" });
  assert.ok(frame.team);
  await shopper.page.reload();
  await lightsOn();
  await shopper.page.reload();
  await shopper.isSent("First words in the dark");
  assert.deepEqual(await stored(shopper), written);
  const { live } = await kept(shopper);
  assert.equal(here.demo.transcript(live).shopper, "Frida First");
});

test("beyond what is kept the composer says so and leaves the text where it is", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(shop.origin)).open();
  await shopper.begin("Before a long night", { name: "Nora Night" });
  await shopper.isSent("Before a long night");
  const before = await stored(shopper);
  await here.demo.kill();
  const texts = Array.from({ length: 50 }, (_, n) => `Line ${n} of the night`);
  for (const text of texts) await shopper.write(text);
  await areWaiting(shopper, 50);
  await shopper.write("One too many");
  await shopper.panel.locator("#length", { hasText: "Too many messages are waiting" }).waitFor();
  assert.equal(await shopper.composer.inputValue(), "One too many");
  await picture(shopper.page, "widget-queue-full");
  const written = await areWaiting(shopper, 50);
  await shopper.page.reload();
  await lightsOn();
  await shopper.page.reload();
  await shopper.isSent(texts.at(-1));
  assert.deepEqual(await stored(shopper), [...before, ...written]);
  assert.deepEqual(
    written.map(({ body }) => body),
    texts,
  );
  assert.equal(await shopper.composer.inputValue(), "One too many");
});

nothingWentWrong(here);
