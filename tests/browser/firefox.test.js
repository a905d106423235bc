// The core path again in Firefox: open, talk both ways, reload, lose the network and get it back.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FirefoxShopper, openFirefox } from "./house/firefox.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

let firefox;
let shopper;
let desk;
const here = scene({
  async prepare({ demo }) {
    firefox = await openFirefox();
    shopper = await FirefoxShopper.enter(firefox, demo.known.shop_url);
    desk = await here.agent("ana");
    await (await desk.signIn()).beAvailable();
  },
});
after(() => firefox?.close());

test("Firefox: a chat begins and both sides talk", async () => {
  await shopper.open();
  await shopper.begin("Fay Firefox", "Hello from Gecko");
  await desk.openChat("Fay Firefox");
  await desk.entry("Hello from Gecko").waitFor();
  await desk.say("Welcome to you too");
  await shopper.hears("Welcome to you too");
  await shopper.write("It works");
  await desk.entry("It works").waitFor();
  await until("Firefox says that it was sent", async () =>
    /^(Sent|Delivered|Seen)$/.test((await shopper.states()).at(-1)),
  );
});

test("Firefox: a file goes with a message", async () => {
  const place = mkdtempSync(join(tmpdir(), "deskbell-firefox-"));
  const path = join(place, "receipt.txt");
  writeFileSync(path, "One lamp, 40 euros\n");
  try {
    await shopper.attach(path);
    await shopper.write("My receipt");
    const link = desk.page.locator(".log .file", { hasText: "receipt.txt" });
    await link.waitFor();
    const address = await link.evaluate((node) => node.closest("a").href);
    assert.equal(await (await fetch(address)).text(), "One lamp, 40 euros\n");
    await until("Firefox shows it", async () =>
      (await shopper.frame()).$$eval("#list .file", (files) => files.some((one) => /receipt/.test(one.textContent))),
    );
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("Firefox: after a reload each message is there once, and the panel is open", async () => {
  await shopper.page.reload();
  await shopper.hears("It works");
  await shopper.panel("#composer");
  assert.deepEqual(await shopper.texts(), ["Hello from Gecko", "Welcome to you too", "It works", "My receipt"]);
  await desk.say("Still here?");
  await shopper.hears("Still here?");
});

test("Firefox: what is written without a network arrives once, in order, when it is back", async () => {
  await shopper.page.setOfflineMode(true);
  await shopper.panel("#strip");
  const two = ["From the first tunnel", "From the second tunnel"];
  for (const text of two) await shopper.write(text);
  assert.equal((await shopper.states()).at(-1), "Sending");
  assert.equal(await desk.entry("tunnel").count(), 0);
  await shopper.page.setOfflineMode(false);
  await desk.entry(two[1]).waitFor();
  const heard = (await desk.entries.allTextContents()).filter((text) => text.includes("tunnel"));
  assert.deepEqual(heard, two);
  await until("Firefox says that they were sent", async () => !(await shopper.states()).includes("Sending"));
});

test("Firefox: the page and the panel reported nothing", async () => {
  await desk.close();
  await until("the chat has ended", async () => (await shopper.frame()).$("#ended h2"));
  const own = shopper.faults.filter((text) => !/NetworkError|can’t establish a connection|NS_ERROR/.test(text));
  assert.deepEqual(own, []);
});

nothingWentWrong(here);
