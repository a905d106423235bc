// From an empty installation to a first chat that was answered, in one go, with its clicks counted; then the widget on a page
// of the shop, a colleague, hours, and nothing is left to do.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Shopper } from "./house/shopper.js";
import { run } from "./house/sql.js";
import { until } from "./house/until.js";

const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** Most clicks from signing in to an answered chat. */
const CLICKS = 9;
let shop = null;
let snippet = "";

const here = scene({
  // As after `deskbell migrate` and `deskbell agent add --role admin`: no shop, no team, nobody else.
  prepare: ({ demo }) =>
    run(
      demo.known.database_url,
      "delete from sites; delete from agents where role <> 'admin'; update agents set available = false, off_as = 'offline'",
    ),
});

before(() => {
  shop = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    answer.end(`<!doctype html><title>A shop</title><h1>A shop</h1>${snippet}`);
  });
  return new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
});

after(() => shop.close());

async function sound(page, name) {
  assert.deepEqual(await axe(page), [], name);
  await picture(page, `start-${name}`);
}

/** The page in both schemes and on a phone; whatever is pressed there is large enough. */
async function looks(desk, path, name) {
  const { page } = desk;
  const was = page.viewportSize();
  for (const [how, colorScheme, viewport] of [
    ["wide", "light", wide.viewport],
    ["wide-dark", "dark", wide.viewport],
    ["phone", "light", phone.viewport],
  ]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.goto(here.demo.origin + path);
    await sound(page, `${name}-${how}`);
    const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(across <= 0, `${name} ${how} is ${across} px too wide`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(was);
}

/** Counts what is clicked, in the page and in the widget. */
function counted(page) {
  let clicks = 0;
  return {
    click: async (target) => {
      clicks += 1;
      await target.click();
    },
    get clicks() {
      return clicks;
    },
    page,
  };
}

const step = (page, id) => page.locator(`#${id}`);
const isDone = (page, id) => step(page, id).locator("h2 .chip", { hasText: "Done" });

test("from nothing to a first chat that was answered", async () => {
  const began = performance.now();
  const desk = await here.agent("hugo", wide);
  const { page } = desk;
  const hand = counted(page);
  await page.goto(here.demo.known.console_url);
  await page.getByLabel("E-mail").fill(desk.person.email);
  await page.getByLabel("Password").fill(desk.person.password);
  await hand.click(page.getByRole("button", { name: "Sign in" }));
  await page.waitForURL("**/console/start");
  await page.locator(".progress", { hasText: "0 of 5 done" }).waitFor();
  await page.getByLabel("Name of the shop").fill("Larkmoor Lamps");
  await page.getByLabel("Web address").fill(`http://127.0.0.1:${shop.address().port}/lamps`);
  await hand.click(page.getByRole("button", { name: "Add the shop" }));
  await isDone(page, "site").waitFor();
  snippet = await page.getByLabel("Embed snippet").inputValue();
  assert.match(snippet, /^<script async src="http.*\/w\/.*\.js"><\/script>$/);
  await hand.click(page.getByRole("link", { name: "Try the chat" }));
  await hand.click(page.getByRole("button", { name: "I am available" }));
  await page.locator("#my-status > summary.st-available").waitFor();
  const shopper = new Shopper(page);
  await hand.click(shopper.launcher);
  await shopper.composer.fill("Is anybody there?");
  await shopper.composer.press("Enter");
  await shopper.bubble("Is anybody there?").waitFor();
  await hand.click(page.locator(".toasts button", { hasText: "Open" }));
  await page.waitForURL("**/console/c/**");
  await desk.reply.fill("I am here");
  await hand.click(page.getByRole("button", { name: "Send reply" }));
  await desk.stored("I am here").waitFor();
  await hand.click(page.locator("nav.rail a[href='/console/start']"));
  await isDone(page, "chat").waitFor();
  const seconds = (performance.now() - began) / 1000;
  console.log(`first chat answered after clicks=${hand.clicks} seconds=${seconds.toFixed(1)}`);
  assert.ok(hand.clicks <= CLICKS, `${hand.clicks} clicks`);
  // What the shopper sees, where they left.
  await page.goto(`${here.demo.origin}/console/start/try`);
  await page.getByText("Somebody wrote, and was answered.").waitFor();
  await new Shopper(page).launcher.waitFor();
});

test("the widget on a page of the shop, a colleague, the hours: all is ticked", async () => {
  const desk = await here.agent("hugo", wide);
  await desk.signIn();
  const { page } = desk;
  const start = () => page.goto(`${here.demo.origin}/console/start`);
  await start();
  assert.equal(await isDone(page, "snippet").count(), 0, "our own page does not count");
  const shopper = await here.shopper();
  await shopper.visit(`http://127.0.0.1:${shop.address().port}/lamps`);
  await until("it was seen", async () => {
    await start();
    return isDone(page, "snippet").count();
  });
  await page.getByRole("link", { name: "Invite somebody" }).click();
  await page.getByLabel("Name").fill("Ana Lindqvist");
  await page.getByLabel("E-mail").fill("ana@larkmoor.example");
  await page.getByRole("button", { name: "Send the invitation" }).click();
  await page.getByText("The invitation is on its way.").waitFor();
  await sound(page, "invited");
  const link = await page.getByLabel("The link of the letter").inputValue();
  const colleague = await (await here.context(here.shops, phone)).newPage();
  await colleague.goto(link);
  await sound(colleague, "welcome-phone");
  const go = colleague.getByRole("button", { name: "Save and sign in" });
  assert.ok((await go.boundingBox()).height >= 40);
  await colleague.getByLabel("Password").fill("a long enough password");
  await go.click();
  await colleague.waitForURL("**/console/inbox/mine");
  assert.equal(await colleague.locator("a[href='/console/start']").count(), 0);
  assert.equal((await colleague.goto(`${here.demo.origin}/console/start`)).status(), 403);
  assert.equal((await colleague.goto(link)).status(), 404);
  await sound(colleague, "welcome-gone");
  await start();
  await isDone(page, "people").waitFor();
  await looks(desk, "/console/start", "four-of-five");
  await looks(desk, "/console/start/try", "try");
  await looks(desk, "/admin/people", "people");
  await start();
  await page.getByRole("link", { name: "Set the hours" }).click();
  await page.getByLabel("Monday").fill("09:00-17:00");
  await page.getByRole("button", { name: "Save" }).click();
  await start();
  await page.getByText("Everything is set up.").waitFor();
  assert.equal(await page.locator("nav.rail a[href='/console/start']").count(), 0);
  await page.goto(`${here.demo.origin}/admin/sites`);
  await page.locator("main").getByRole("link", { name: "Getting started" }).click();
  await page.locator(".progress", { hasText: "5 of 5 done" }).waitFor();
});

test("it works without script, in German and from right to left", async () => {
  await run(here.demo.known.database_url, "delete from sites; delete from start_skips");
  const desk = await here.agent("hugo", { ...phone, javaScriptEnabled: false });
  const { page } = desk;
  await page.goto(here.demo.known.console_url);
  await page.getByLabel("E-mail").fill(desk.person.email);
  await page.getByLabel("Password").fill(desk.person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Name of the shop").fill("Larkmoor");
  await page.getByLabel("Web address").fill("larkmoor lamps");
  await page.getByRole("button", { name: "Add the shop" }).click();
  await page.getByText("Write the address as in").waitFor();
  await page.getByLabel("Web address").fill("larkmoor.example");
  await page.getByRole("button", { name: "Add the shop" }).click();
  await page.getByText("https://larkmoor.example").waitFor();
  await step(page, "hours").getByRole("button", { name: "Leave this out" }).click();
  await step(page, "hours").getByRole("button", { name: "Take this up again" }).click();
  await page.getByRole("link", { name: "Try the chat" }).click();
  assert.match(await page.locator("main noscript").innerHTML(), /The chat needs script, here as on your pages\./);
  const spoken = await here.agent("hugo", wide);
  await spoken.signIn();
  for (const language of ["ar", "de", "zh-CN"]) {
    await spoken.page.goto(`${here.demo.origin}/console/me`);
    await spoken.page.locator("#locale").selectOption(language);
    await spoken.page.locator("form[action='/console/me'] .primary").click();
    await spoken.page.waitForURL("**/console/me?saved=1");
    await looks(spoken, "/console/start", `in-${language}`);
  }
});

nothingWentWrong(here);
