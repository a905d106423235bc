// What a shopper keeps when the page reloads, the network goes, or the shop is open in two tabs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Shopper } from "./house/shopper.js";
import { until } from "./house/until.js";

const here = scene();

const spoken = (texts, wanted) => texts.filter((text) => wanted.includes(text));

test("a reload in the middle of a chat shows every message once, and the draft", async () => {
  const { shopper, desk } = await here.chat("Rhea Reload", { body: "Before the reload" });
  await desk.say("We are here");
  await shopper.bubble("We are here").waitFor();
  await shopper.composer.pressSequentially("Half a sen");
  await until("the draft is kept", () =>
    shopper.page.evaluate(() => Object.values(localStorage).includes("Half a sen")),
  );
  await shopper.page.reload();
  await shopper.bubble("We are here").waitFor();
  assert.deepEqual(await shopper.texts(), ["Before the reload", "We are here"]);
  assert.equal(await shopper.composer.inputValue(), "Half a sen");
  await shopper.write("After the reload");
  await shopper.isSent("After the reload");
  await desk.entry("After the reload").waitFor();
  assert.deepEqual(await desk.entries.allTextContents(), ["Before the reload", "We are here", "After the reload"]);
  await desk.close();
});

test("three messages written offline arrive once and in order", async () => {
  const { shopper, desk } = await here.chat("Olaf Offline", { agent: "ben", body: "I am on a train" });
  const three = ["First in the tunnel", "Second in the tunnel", "Third in the tunnel"];
  await shopper.page.context().setOffline(true);
  await shopper.strip.waitFor();
  for (const text of three) await shopper.write(text);
  await shopper.mine.filter({ hasText: three[2] }).getByText("Sending").waitFor();
  assert.equal(await desk.entry("in the tunnel").count(), 0);
  await shopper.page.context().setOffline(false);
  for (const text of three) await shopper.isSent(text);
  await shopper.strip.waitFor({ state: "hidden" });
  await desk.entry(three[2]).waitFor();
  assert.deepEqual(spoken(await desk.entries.allTextContents(), three), three);
  assert.deepEqual(spoken(await shopper.texts(), three), three);
  await desk.close();
});

test("messages written offline survive a reload", async () => {
  const { shopper, desk } = await here.chat("Rita Restart", { agent: "chen", body: "Still there?" });
  const two = ["Written without a network", "And one more"];
  await shopper.page.context().setOffline(true);
  await shopper.strip.waitFor();
  for (const text of two) await shopper.write(text);
  await until("both are kept", () =>
    shopper.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(".q.")).length === 2),
  );
  await shopper.page.context().setOffline(false);
  await shopper.page.reload();
  await shopper.isSent(two[1]);
  await desk.entry(two[1]).waitFor();
  assert.deepEqual(spoken(await desk.entries.allTextContents(), two), two);
  assert.deepEqual(spoken(await shopper.texts(), two), two);
  await desk.close();
});

test("two tabs of one shopper show the same chat, and reading in one clears the other's badge", async () => {
  const { shopper, desk } = await here.chat("Tara Two", { agent: "dalia", body: "From the first tab" });
  const second = new Shopper(await shopper.page.context().newPage());
  await second.visit(here.demo.known.shop_url);
  await second.bubble("From the first tab").waitFor();
  await second.write("From the second tab");
  await shopper.bubble("From the second tab").waitFor();
  await desk.say("To both tabs");
  await Promise.all([shopper.bubble("To both tabs").waitFor(), second.bubble("To both tabs").waitFor()]);
  const all = ["From the first tab", "From the second tab", "To both tabs"];
  assert.deepEqual(await shopper.texts(), all);
  assert.deepEqual(await second.texts(), all);

  // What is closed in one tab is closed in the other one that is in sight.
  await shopper.launcher.click();
  for (const tab of [shopper, second])
    await tab.page.locator('deskbell-chat button.l[aria-expanded="false"]').waitFor();
  await desk.say("Are you still reading?");
  const badge = (tab) => tab.page.locator("deskbell-chat button.l i").textContent();
  for (const tab of [shopper, second]) await until("the badge counts one", async () => (await badge(tab)) === "1");
  await second.launcher.click();
  await second.bubble("Are you still reading?").waitFor();
  await until("the other badge is gone", async () => (await badge(shopper)) === "");
  await desk.close();
});

test("a chat the shopper ends is ended in the console, and a new one can begin", async () => {
  const { shopper, desk } = await here.chat("Enno Ends", { agent: "emil", body: "Short question" });
  await shopper.end();
  await until("the console says closed", async () => /Closed/.test(await desk.state.textContent()));
  await shopper.ended.getByRole("button", { name: "Start a new chat" }).click();
  await shopper.begin("Another question");
  // Nothing moves under the pointer.
  await desk.page.mouse.move(0, 0);
  await desk.row("Another question").waitFor();
});

nothingWentWrong(here);
