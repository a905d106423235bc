// The page that finds (C19): by text, address and order number; marked; an address to share; Back stands where it stood.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const BODIES = [
  "Is the arc lamp with order #A-10423 on its way? <b>Please</b> tell me",
  "这件冲锋衣应该买M还是L？",
  "متى يصل الطلب رقم 10423؟ شكرا",
];

let ana;

const box = (page) => page.getByLabel("Search for", { exact: true });
const marks = (page) => page.locator(".hits mark").allTextContents();

async function search(page, q) {
  await page.goto(`${here.demo.origin}/console/search?${new URLSearchParams({ q })}`);
}

/** Until what was written can be found. */
async function found(page, q) {
  await until(`${q} is found`, async () => {
    await search(page, q);
    return page.locator(".hit").count();
  });
}

test("text, an address and an order number are found in any script, and marked", async () => {
  const made = await here.chat("Sina Suche", { body: BODIES[0] });
  ana = made.desk;
  for (const body of BODIES.slice(1)) {
    await made.shopper.write(body);
    await ana.entry(body).waitFor();
  }
  for (let n = 0; n < 30; n += 1) await ana.say(`We keep a lamp for you, number ${n}`);
  const { page } = ana;
  await found(page, "number 29");

  // From wherever somebody is, with the keyboard alone.
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  const field = page.getByLabel("Search chats, people and tickets");
  await field.fill("冲锋");
  await field.press("Enter");
  await page.waitForURL("**/console/search?q=*");
  assert.deepEqual(await marks(page), ["冲锋"]);
  await search(page, "A-10423");
  assert.deepEqual(await marks(page), ["A-10423"]);
  assert.ok((await page.locator(".hits").textContent()).includes("<b>Please</b>"), "what was written is text");
  await search(page, "الطلب");
  assert.deepEqual(await marks(page), ["الطلب"]);
  const text = page.locator(".hit .text").first();
  assert.equal(await text.evaluate((node) => getComputedStyle(node).direction), "rtl");
  // What is known of people, and not what they wrote: an address, and an order that the shop's page names.
  const other = await here.shopper();
  await (await other.visit(here.demo.known.shop_url)).open();
  await other.begin("Good morning", { name: "Mara Maier", email: "mara.maier@customer.example" });
  await other.page.evaluate(() => window.deskbell("setFields", { order_number: "B-20555" }));
  for (const known of ["mara.maier@customer.example", "B-20555"]) {
    await until(`${known} is found`, async () => {
      await search(page, known);
      return (await marks(page)).includes(known);
    });
    assert.match(await page.getByRole("region", { name: "Customers" }).textContent(), /Mara Maier/);
  }
  await search(page, "sina");
  await page.getByRole("heading", { name: "Customers" }).waitFor();
  await picture(page, "search-customers");
});

test("an address says what was asked, filters are in it, and a colleague sees the same", async () => {
  const { page } = ana;
  await search(page, "lamp");
  await page.locator("summary", { hasText: "Filters" }).click();
  await page.getByLabel("State").selectOption("active");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL("**state=active**");
  const address = page.url();
  assert.equal(new URL(address).search, "?q=lamp&state=active");
  const colleague = await here.agent("ben");
  await colleague.signIn();
  await colleague.page.goto(address);
  const shown = await page.locator(".hit").evaluateAll((hits) => hits.map((hit) => hit.id));
  assert.ok(shown.length >= 25);
  assert.deepEqual(await colleague.page.locator(".hit").evaluateAll((hits) => hits.map((hit) => hit.id)), shown);
  await colleague.page.getByRole("link", { name: "Remove: State Active" }).click();
  await colleague.page.waitForURL((url) => !url.search.includes("state"));
  assert.equal(await colleague.page.getByLabel("State").inputValue(), "");
});

test("Back restores the place in the list and the focus, and a hit opens at its entry", async () => {
  const { page } = ana;
  await page.setViewportSize({ width: 1000, height: 600 });
  await search(page, "lamp");
  const hits = page.locator(".hit");
  const last = hits.nth((await hits.count()) - 3);
  const id = await last.getAttribute("id");
  await last.scrollIntoViewIfNeeded();
  const top = await page.locator("main").evaluate((main) => main.scrollTop);
  assert.ok(top > 200, `${top}`);
  await last.click();
  await page.waitForURL("**/console/c/**");
  const entry = page.locator(`#e-${id.slice(2)}`);
  await entry.waitFor();
  await until("the entry is in sight", () =>
    entry.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }),
  );
  await page.goBack();
  await page.waitForURL("**/console/search**");
  await until("the focus is back", async () => (await page.evaluate(() => document.activeElement.id)) === id);
  const again = await page.locator("main").evaluate((main) => main.scrollTop);
  assert.ok(Math.abs(again - top) <= 2, `${again}, and it was ${top}`);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("without script it is a form like any other", async () => {
  const plain = await here.agent("ben", { javaScriptEnabled: false });
  await plain.signIn();
  const field = plain.page.getByLabel("Search chats, people and tickets");
  await field.fill("arc lamp");
  await field.press("Enter");
  await plain.page.waitForURL("**/console/search?q=arc+lamp");
  assert.deepEqual(await marks(plain.page), ["arc", "lamp"]);
  await plain.page.locator("main").getByRole("link", { name: "Customers", exact: true }).click();
  await plain.page.getByText("Nothing found for").waitFor();
  assert.equal(await box(plain.page).inputValue(), "arc lamp");
});

for (const [how, options] of [
  ["light", { colorScheme: "light", viewport: { width: 1440, height: 900 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1440, height: 900 } }],
  ["phone light", { colorScheme: "light", ...phone }],
  ["phone dark", { colorScheme: "dark", ...phone }],
]) {
  test(`axe finds nothing and everything can be touched: ${how}`, async () => {
    const desk = await here.agent("ana", options);
    await desk.signIn();
    const { page } = desk;
    const questions = ["", "lamp", "sina", "الطلب", "wordnobodywrote", "%", "lamp&state=active"];
    for (const q of questions) {
      await page.goto(`${here.demo.origin}/console/search?q=${q === "%" ? "%25" : q}`);
      assert.deepEqual(await axe(page), [], `${q} ${how}`);
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${q}: the page is ${wide} px too wide`);
      await picture(page, `search-${how}-${q || "empty"}`.replaceAll(/\W+/g, "-"));
      if (!how.startsWith("phone")) continue;
      const small = await page.locator("a, button, summary, input, select").evaluateAll((nodes) =>
        nodes
          .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(".vh, .skip"))
          .map((node) => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
          .filter(([, { width, height }]) => height > 0 && Math.min(width, height) < 44)
          .map(([what, { width, height }]) => `${Math.round(width)}x${Math.round(height)} ${what}`),
      );
      assert.deepEqual(small, [], q);
    }
  });
}

nothingWentWrong(here);
