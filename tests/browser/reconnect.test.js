// The console when its network dies, with a word and without one: it notices, says so, and misses nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";
import { Wire } from "./house/wire.js";

let wire;
const here = scene({
  async prepare() {
    wire = await Wire.open();
  },
  tidy: () => wire?.close(),
});

const isLive = ({ page }) => page.locator('html[data-live="on"]').waitFor({ state: "attached" });
const strip = ({ page }) => page.locator(".top .live");

/** A chat whose console reaches the server over the wire alone. */
async function wired(name, { clock, ...how }) {
  const chat = await here.chat(name, { ...how, desk: { ...how.desk, proxy: wire.proxy } });
  if (clock) {
    await chat.desk.page.clock.install();
    await chat.desk.page.reload();
  }
  await isLive(chat.desk);
  return chat;
}

test("an offline console says so, keeps what is typed, and catches up when it is back", async () => {
  const { shopper, desk } = await here.chat("Otis Offline", { agent: "ana" });
  const context = desk.page.context();
  await context.setOffline(true);
  await until("the line is given up", async () => (await desk.page.locator("html").getAttribute("data-live")) !== "on");
  await strip(desk).getByText("You are offline").waitFor();
  await picture(desk.page, "console-offline");
  await desk.reply.fill("Written in the tunnel");
  await desk.reply.press("Enter");
  await desk.page.getByText("Not sent").waitFor();
  await shopper.write("Are you there?");
  await shopper.isSent("Are you there?");
  assert.equal(await desk.entry("Are you there?").count(), 0);
  await context.setOffline(false);
  await desk.entry("Are you there?").waitFor();
  await until("the strip is gone", async () => (await strip(desk).textContent()) === "");
  await picture(desk.page, "console-not-sent");
  await desk.page.getByRole("button", { name: "Try again" }).click();
  await shopper.bubble("Written in the tunnel").waitFor();
  await desk.close();
});

test("a line that died without a word is found out when the page wakes", async () => {
  const { shopper, desk } = await wired("Wanda Wakes", { agent: "ben" });
  const before = wire.opened;
  wire.goDeaf();
  await shopper.write("Can you hear me?");
  await shopper.isSent("Can you hear me?");
  assert.equal(await desk.entry("Can you hear me?").count(), 0);
  await desk.reply.fill("A reply goes out all the same");
  await desk.reply.press("Enter");
  await shopper.bubble("A reply goes out all the same").waitFor();
  await desk.page.evaluate(() => dispatchEvent(new Event("online")));
  await desk.entry("Can you hear me?").waitFor();
  await isLive(desk);
  assert.ok(wire.opened > before);
  assert.equal(await desk.entry("A reply goes out all the same").count(), 1);
  await desk.close();
});

test("a line that died without a word is found out after half a minute of silence", async () => {
  const { shopper, desk } = await wired("Silas Silent", { agent: "chen", clock: true });
  const asked = [];
  desk.page.on("websocket", (socket) => asked.push(socket.url()));
  // While it answers, silence is no reason to leave it.
  for (let n = 0; n < 3; n += 1) {
    await desk.page.clock.fastForward(31_000);
    await shopper.write(`Still there? ${n}`);
    await desk.entry(`Still there? ${n}`).waitFor();
  }
  await desk.page.clock.fastForward(6_000);
  await shopper.write("I am");
  await desk.entry("I am").waitFor();
  assert.deepEqual(asked, []);

  wire.goDeaf();
  await shopper.write("Nobody hears this");
  await shopper.isSent("Nobody hears this");
  await desk.page.clock.fastForward(31_000);
  assert.deepEqual(asked, []);
  await desk.page.clock.fastForward(6_000);
  await desk.page.clock.fastForward(1_000);
  await desk.entry("Nobody hears this").waitFor();
  assert.equal(asked.length, 1);
  await desk.close();
});

nothingWentWrong(here);
