// Customers: looked up, put together and told apart; and shoppers who may not come in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const wide = { viewport: { width: 1440, height: 900 } };

let ana;
let boss;
let one;

const go = (desk, path) => desk.page.goto(`${here.demo.origin}${path}`);
const hit = (desk, name) => desk.page.locator(".hits a.hit").filter({ hasText: name });

/** Somebody who says who they are and writes. */
async function writes(name, email, body) {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin(body, { name, email });
  return shopper;
}

test("customers are a key away, found as they are typed, and lead to all they had", async () => {
  ana = await here.agent("ana", wide);
  await (await ana.signIn()).beAvailable();
  one = await writes("Mina Merge", "mina@post.example", "Is the brass pen refillable?");
  await writes("M. Merge", "Mina@Post.example", "It is me again, from my phone");
  await ana.row("brass pen").waitFor();
  await ana.row("from my phone").waitFor();
  const { page } = ana;
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForURL("**/console/customers");
  assert.deepEqual(await page.locator(".hits .who bdi").allTextContents(), ["M. Merge", "Mina Merge"]);
  await until("it is found", async () => {
    await page.getByRole("searchbox", { name: "Find a customer" }).fill("mina merge");
    await page.getByRole("searchbox", { name: "Find a customer" }).press("Enter");
    await page.waitForURL("**/console/customers?q=mina+merge");
    return page.locator(".hits mark").count();
  });
  await hit(ana, "Mina Merge").click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  await page.getByText("mina@post.example").waitFor();
  assert.equal(
    await page.getByRole("heading", { name: "Perhaps the same person" }).count(),
    0,
    "an agent is offered none",
  );
  await page.getByRole("link", { name: /brass pen/ }).click();
  await page.waitForURL("**/console/c/**");
  await page.getByRole("link", { name: "Everything of this customer" }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
});

test("a supervisor compares two contacts, merges them and separates them again, without script", async () => {
  boss = await here.agent("hugo", { ...wide, javaScriptEnabled: false });
  await boss.signIn();
  const { page } = boss;
  await go(boss, "/console/customers");
  await hit(boss, "Mina Merge").click();
  await page.getByRole("link", { name: /^Compare/ }).click();
  await page.getByRole("heading", { name: "What happens" }).waitFor();
  await picture(page, "customers-compare");
  await page.getByRole("link", { name: "Keep the other one instead" }).click();
  await page.locator("section", { hasText: "This one is kept" }).getByText("M. Merge").first().waitFor();
  await page.getByRole("link", { name: "Keep the other one instead" }).click();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByRole("heading", { name: "Also this person" }).waitFor();
  for (const body of ["brass pen", "from my phone"]) await page.getByText(body).waitFor();
  await picture(page, "customers-merged");
  // In the conversation an agent sees what the same person had elsewhere.
  await go(ana, "/console/inbox/all");
  await ana.openChat("brass pen");
  await ana.page.locator("#card-past").getByText("from my phone").waitFor();
  await ana.page.locator("#card-who").getByText("M. Merge, Mina@Post.example").waitFor();
  await page.getByRole("button", { name: /^Separate again/ }).click();
  await page.getByRole("heading", { name: "Perhaps the same person" }).waitFor();
  await page.locator("summary", { hasText: "Merges and separations" }).click();
  assert.equal(await page.locator(".history li").count(), 2);
});

test("b blocks a shopper after a reason and a length, and their chat is not available any more", async () => {
  const { page } = ana;
  await go(ana, "/console/inbox/all");
  await ana.openChat("brass pen");
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  const form = page.locator("form[action$='/block']");
  await form.waitFor();
  assert.match(await page.evaluate(() => document.activeElement.id), /^why-/);
  await form.getByRole("button", { name: "Block" }).click();
  assert.equal(await page.locator(".chip.bad").count(), 0, "not without a reason");
  await page.keyboard.type("insults, again and again");
  await form.getByLabel("For how long").selectOption({ label: "30 days" });
  await picture(page, "customers-block");
  await form.getByRole("button", { name: "Block" }).click();
  await one.panel.getByText("Chat is not available.").waitFor();
  await page.locator(".sorting .chip", { hasText: "Blocked until" }).waitFor();
  await ana.page.locator(".log .line", { hasText: "insults, again and again" }).waitFor();
  assert.equal(await ana.state.textContent(), "Closed");
  await picture(page, "customers-blocked");
  // Coming back does not help.
  await one.page.reload();
  await one.launcher.waitFor();
  if (!(await one.page.locator("deskbell-chat dialog[open]").count())) await one.launcher.click();
  await one.panel.getByText("Chat is not available.").waitFor();
});

test("who is blocked is on a list, and let in again from there", async () => {
  const { page } = boss;
  await go(boss, "/console/customers");
  await page.getByRole("link", { name: "Blocked shoppers" }).click();
  await page.getByText("insults, again and again").waitFor();
  await picture(page, "customers-blocklist");
  await page.getByRole("button", { name: /^Unblock/ }).click();
  await page.getByText("Nobody is blocked").waitFor();
  await page.getByRole("link", { name: "All", exact: true }).click();
  await page.getByText("Ended by").waitFor();
  await one.page.reload();
  await one.launcher.waitFor();
  if (!(await one.page.locator("deskbell-chat dialog[open]").count())) await one.launcher.click();
  await one.composer.or(one.start).or(one.ended).first().waitFor();
});

/** Pages as they are with something on them. */
async function pages() {
  await go(boss, "/console/customers");
  const ids = await boss.page
    .locator(".hits a.hit")
    .filter({ hasText: "Merge" })
    .evaluateAll((hits) => hits.map(({ href }) => new URL(href).pathname));
  const [kept, other] = ids;
  await go(ana, "/console/inbox/all");
  await ana.openChat("from my phone");
  const chat = new URL(ana.page.url()).pathname;
  return {
    list: "/console/customers",
    none: "/console/customers?q=wordnobodywrote",
    odd: "/console/customers?q=%25",
    customer: kept,
    compare: `${kept}/merge/${other.split("/").at(-1)}`,
    block: chat,
    blocklist: "/admin/blocklist",
    "blocklist all": "/admin/blocklist?all=1",
  };
}

for (const [how, options] of [
  ["light", { colorScheme: "light", ...wide }],
  ["dark", { colorScheme: "dark", ...wide }],
  ["phone light", { colorScheme: "light", ...phone }],
  ["phone dark", { colorScheme: "dark", ...phone }],
  ["phone in Arabic", { colorScheme: "light", ...phone }],
]) {
  test(`axe finds nothing and everything can be touched: ${how}`, async () => {
    const desk = await here.agent("hugo", options);
    await desk.signIn();
    const { page } = desk;
    const isArabic = how.endsWith("Arabic");
    const speak = async (tag) => {
      await go(desk, "/console/me");
      await page.locator("#locale").selectOption(tag);
      await page.locator(".below button").click();
      await page.waitForURL("**/console/me?saved=1");
    };
    if (isArabic) await speak("ar");
    for (const [what, path] of Object.entries(await pages())) {
      await go(desk, path);
      if (what === "block") await page.locator("summary[data-key=b]").click();
      if (isArabic) assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
      assert.deepEqual(await axe(page), [], `${what} ${how}`);
      const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${what}: the page is ${over} px too wide`);
      await picture(page, `customers-${how}-${what}`.replaceAll(/\W+/g, "-"));
      if (!how.startsWith("phone")) continue;
      // Of a conversation what stands in its bar; the rest has tests of its own.
      const controls = page
        .locator(what === "block" ? ".sorting" : "body")
        .locator("a, button, summary, input, select");
      const small = await controls.evaluateAll((nodes) =>
        nodes
          .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(".vh, .skip"))
          .map((node) => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
          .filter(([, { width, height }]) => height > 0 && Math.min(width, height) < 44)
          .map(([what, { width, height }]) => `${Math.round(width)}x${Math.round(height)} ${what}`),
      );
      assert.deepEqual(small, [], what);
    }
    if (isArabic) await speak("en");
  });
}

nothingWentWrong(here);
