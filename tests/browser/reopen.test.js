// After the end: what is written within half an hour goes on where it was; later, or where the shopper says so, something
// new begins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

async function ended(name, options = {}) {
  const chat = await here.chat(name, { agent: "ana", ...options });
  await chat.desk.say("Anything else?");
  await chat.desk.close();
  await chat.shopper.ended.locator("h2").waitFor();
  return chat;
}

test("who writes after the end goes on in the same chat, and its agent sees it at once", async () => {
  const { shopper, desk } = await ended("Rhea Reopens");
  const before = desk.conversation;
  await shopper.ended.locator(".rate").nth(3).click();
  await shopper.ended.getByRole("button", { name: "Send rating" }).click();
  await shopper.ended.locator("p.thanks").waitFor();
  assert.ok(await shopper.composer.isVisible());
  await picture(shopper.page, "widget-ended-composer");
  await shopper.write("One more thing");
  await shopper.isSent("One more thing");
  assert.ok(await shopper.ended.isHidden());
  assert.deepEqual(await shopper.texts(), ["Hello?", "Anything else?", "One more thing"]);
  await desk.entry("One more thing").waitFor();
  assert.equal(desk.conversation, before);
  await desk.page.locator(".log").getByText("Rhea Reopens wrote again: the conversation goes on").waitFor();
  await until("the console can answer", () => desk.reply.isVisible());
  await picture(desk.page, "console-reopened");
  await desk.say("Here I am again");
  await shopper.bubble("Here I am again").waitFor();
  await shopper.page.reload();
  await shopper.bubble("Here I am again").waitFor();
  await shopper.end();
  await shopper.ended.locator("p.thanks").waitFor();
  assert.ok(await shopper.ended.locator("#rating").isHidden(), "it was rated");
});

test("another tab that shows the end shows what is written in the first", async () => {
  const { shopper } = await ended("Tom Twotabs");
  const other = await shopper.page.context().newPage();
  await other.goto(here.demo.known.shop_url);
  const panel = other.frameLocator("deskbell-chat iframe");
  await panel.locator("#ended h2").waitFor();
  await shopper.write("Back again");
  await panel.locator("#list .bubble", { hasText: "Back again" }).waitFor();
  await panel.locator("#ended").waitFor({ state: "hidden" });
});

test("a new chat is a new one, and after half an hour there is nothing to write in but a new chat", async () => {
  const { shopper } = await ended("Nora New");
  await shopper.composer.fill("a draft");
  await shopper.ended.getByRole("button", { name: "Start a new chat" }).click();
  await shopper.start.waitFor();
  assert.equal(await shopper.start.getByLabel("Message").inputValue(), "a draft");
  await shopper.start.getByRole("button", { name: "Start chat" }).click();
  await shopper.isSent("a draft");
  assert.deepEqual(await shopper.texts(), ["a draft"]);
  await shopper.page.clock.install();
  await shopper.end();
  assert.ok(await shopper.composer.isVisible());
  await shopper.page.clock.fastForward(31 * 60_000);
  await shopper.composer.waitFor({ state: "hidden" });
  assert.ok(await shopper.ended.isVisible(), "who looks at it may go on looking");
});

nothingWentWrong(here);
