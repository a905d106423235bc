// The proactive invitation: when a site's rules hold and somebody is there, once, and never in the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "./house/agent.js";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register, Shop } from "./house/shop.js";
import { until } from "./house/until.js";

const text = "Questions about your cart? We are here.";
let shop;
const here = scene({
  async prepare({ demo }) {
    shop = await Shop.open(demo.origin, demo.known.site_key);
    await register(here, shop.origin);
    const owner = new Agent(await (await here.context(here.desks)).newPage(), demo, "hugo");
    await owner.signIn();
    const { page } = owner;
    await page.goto(`${demo.origin}/admin/sites`);
    await page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
    await page.getByRole("link", { name: "Widget", exact: true }).click();
    await page.locator("[name=words_language_0]").selectOption("en");
    await page.locator("[name=words_invitation_0]").fill(text);
    await page.locator("[name=invite_on_0]").check();
    await page.locator("[name=invite_worth_0]").fill("50");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.goto(`${demo.origin}/console/inbox/mine`);
    await owner.be("Offline");
  },
  tidy: () => shop?.close(),
});

const bubble = ({ page }) => page.locator("deskbell-chat [role=status]");
const asked = ({ page }) => {
  const urls = [];
  page.on("request", (request) => request.url().includes("/invite.js") && urls.push(request.url()));
  return urls;
};
const fill = ({ page }, total) => page.evaluate((sum) => window.deskbell.setCart({ items: [], total: sum }), total);

/** A visitor with the clock of their own, so that nobody waits. */
async function visitor(options) {
  const shopper = await here.shopper(options);
  await shopper.page.clock.install();
  shopper.urls = asked(shopper);
  await shopper.visit(shop.origin);
  return shopper;
}

/** What was asked for is here, and has looked once. */
const hasCome = ({ page, urls }) => page.evaluate((url) => import(url).then(() => {}), urls[0]);

const past = (shopper, seconds) => shopper.page.clock.runFor(seconds * 1000);

test("nobody is invited to an empty desk", async () => {
  const shopper = await visitor();
  await fill(shopper, 80);
  await past(shopper, 7);
  assert.deepEqual(shopper.urls, [], "nothing is asked before a rule may hold");
  await past(shopper, 5);
  await until("it was asked", () => shopper.urls.length === 1);
  await hasCome(shopper);
  await past(shopper, 60);
  assert.equal(await bubble(shopper).count(), 0);
});

test("whoever has so much in the cart is invited once, without losing the focus, and the agent sees where it began", async () => {
  const desk = await here.agent("ana");
  await (await desk.signIn()).beAvailable();
  const shopper = await visitor();
  await past(shopper, 12);
  await until("it was asked", () => shopper.urls.length === 1);
  await hasCome(shopper);
  assert.equal(await bubble(shopper).count(), 0, "the cart is empty");
  await shopper.page.locator("a").focus();
  await fill(shopper, 80);
  await bubble(shopper).waitFor();
  assert.equal(await shopper.page.evaluate(() => document.activeElement.tagName), "A");
  assert.equal(
    await shopper.page.locator("deskbell-chat dialog").isVisible(),
    false,
    "the chat does not open by itself",
  );
  assert.deepEqual(await axe(shopper.page, { within: "deskbell-chat", framed: true }), []);
  const [box, launcher] = [await bubble(shopper).boundingBox(), await shopper.launcher.boundingBox()];
  assert.ok(box.y + box.height <= launcher.y && box.width <= 300, JSON.stringify([box, launcher]));
  await picture(shopper.page, "invitation");
  assert.deepEqual(await shopper.page.evaluate(() => window.violations), []);

  // Another tab of the same browser is left alone.
  const other = await shopper.page.context().newPage();
  await other.clock.install();
  await other.goto(shop.origin);
  await other.locator("deskbell-chat button.l").waitFor();
  await other.evaluate(() => window.deskbell.setCart({ items: [], total: 80 }));
  await other.clock.runFor(20_000);
  await other.waitForLoadState("networkidle");
  assert.equal(await other.locator("deskbell-chat [role=status]").count(), 0);
  await other.close();

  await bubble(shopper).getByText(text).click();
  await shopper.start.waitFor();
  assert.equal(await bubble(shopper).count(), 0);
  await shopper.begin("Yes please", { name: "Ines Invited" });
  await desk.openChat("Ines Invited");
  const pages = desk.page.locator(".context .pages");
  await until("the agent sees it", async () => {
    await past(shopper, 5);
    await desk.page.reload();
    return /invitation.*Questions about your cart/.test(await pages.textContent().catch(() => ""));
  });
  await desk.close();
});

test("it goes with the launcher that is hidden, and time on a page begins where its address does", async () => {
  const desk = await here.agent("chen");
  await (await desk.signIn()).beAvailable();
  const shopper = await visitor();
  const { page } = shopper;
  await past(shopper, 12);
  await until("it was asked", () => shopper.urls.length === 1);
  await hasCome(shopper);
  await page.evaluate(() => history.pushState({}, "", "/another-page"));
  await fill(shopper, 80);
  await past(shopper, 6);
  assert.equal(await bubble(shopper).count(), 0, "twelve seconds were spent on the page before");
  await past(shopper, 6);
  await bubble(shopper).waitFor();
  await page.evaluate(() => window.deskbell.hide());
  await bubble(shopper).waitFor({ state: "hidden" });
  await page.evaluate(() => window.deskbell.show());
  await bubble(shopper).waitFor();
  await desk.page.close();
});

test("whoever closes it is left alone, by Escape as well, and on a phone it is small", async () => {
  const desk = await here.agent("ben");
  await (await desk.signIn()).beAvailable();
  for (const close of ["Close", "Escape"]) {
    const shopper = await visitor({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" });
    await fill(shopper, 80);
    await past(shopper, 12);
    await bubble(shopper).waitFor();
    assert.ok((await bubble(shopper).boundingBox()).width <= 195);
    await picture(shopper.page, `invitation-phone-${close}`);
    if (close === "Close") await bubble(shopper).getByRole("button", { name: "Close" }).click();
    else await bubble(shopper).getByText(text).press("Escape");
    await until("it is gone", async () => (await bubble(shopper).count()) === 0);
    await shopper.page.reload();
    await shopper.launcher.waitFor();
    await fill(shopper, 80);
    await past(shopper, 3600);
    await shopper.page.waitForLoadState("networkidle");
    assert.equal(await bubble(shopper).count(), 0);
  }
});

nothingWentWrong(here);
