// The side panel in a browser: orders from the shop's system, what the shopper's browser reports as it happens, one card
// failing alone, cards folded for good, with script and without, and texts that would like to run.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Till } from "./house/till.js";
import { until } from "./house/until.js";

const SECRET = "a-secret-of-both-sides";
const HOSTILE = `"'><img src=x onerror=alert(1)><svg onload=alert(2)><script>alert(3)</script>{{7*7}}javascript:alert(4)`;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

const lamp = {
  number: "#1042",
  placed_at: "2026-11-20T09:15:00Z",
  payment: "paid",
  delivery: "fulfilled",
  total: "1299.90",
  currency: "EUR",
  url: "https://erp.example/orders/1042",
  items: [
    { title: "Dome lamp, brass", sku: "L-1-B", quantity: 2 },
    { title: "Bulb", sku: "B-7", quantity: 4 },
  ],
  tracking: [{ carrier: "Parcel Post", number: "PP123456789", url: "https://post.example/track/PP123456789" }],
};
const old = { number: "#0007", payment: "refunded", cancelled: true, total: "20", currency: "EUR", items: [] };

let till;
/** Conversations that later tests look at again. */
const chats = {};
const here = scene({
  async prepare() {
    till = await Till.open(SECRET);
    till.orders = [lamp, old];
  },
  tidy: () => till?.close(),
});

const card = (page, name) => page.locator(`#card-${name}`);

/** A shopper whom the shop vouches for. */
async function vouched(sub, body) {
  const { site_key: aud, site_secret: secret, shop_url: url } = here.demo.known;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = {
    sub,
    aud,
    exp,
    name: `Vera ${sub}`,
    email: `${sub}@shop.example`,
    attributes: { timezone: "Asia/Tokyo" },
  };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const token = `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  const shopper = await here.shopper();
  await shopper.visit(url);
  await shopper.page.evaluate((token) => window.deskbell("identify", { token }), token);
  await shopper.open();
  return shopper.begin(body);
}

async function at(name, options) {
  const desk = await here.agent(name, options);
  await desk.signIn();
  return desk;
}

test("an owner connects the shop's orders and is told in words whether that works", async () => {
  const { page } = await at("hugo");
  await page.goto(`${here.demo.origin}/admin/sites`);
  await page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await page.getByRole("radio", { name: /Another system/ }).check();
  await page.getByRole("textbox", { name: /^Address/ }).fill(`${till.origin}/orders`);
  await page.getByLabel(/^Secret/).fill("too short");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#secret-problem").waitFor();
  assert.equal(await page.getByLabel(/^Secret/).inputValue(), "", "not shown again");
  await page.getByLabel(/^Secret/).fill(SECRET);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  till.secret = "another one";
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("Both sides need the same secret").waitFor();
  till.secret = SECRET;
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("It works").waitFor();
  await picture(page, "admin-orders");
  assert.ok(!(await page.content()).includes(SECRET));
});

test("orders of a customer come by themselves; those of a typed address when they are asked for", async () => {
  await vouched("v1", "Where is my lamp?");
  const desk = await at("ana");
  await desk.beAvailable();
  await desk.openChat("Vera v1");
  const orders = card(desk.page, "orders");
  await orders.getByText("1,299.90").waitFor();
  assert.match(await card(desk.page, "who").textContent(), /Verified by the shop.*Local time\s*\d\d:\d\d Asia\/Tokyo/s);
  const shown = await orders.textContent();
  for (const words of ["#1042", "Fulfilled", "Paid", "2 ×", "Dome lamp, brass", "Parcel Post PP123456789"])
    assert.ok(shown.includes(words), `${words} in ${shown}`);
  for (const [name, href] of [
    ["Track the parcel", lamp.tracking[0].url],
    ["Open in the shop", lamp.url],
  ]) {
    const link = orders.getByRole("link", { name });
    assert.deepEqual(
      [await link.getAttribute("href"), await link.getAttribute("rel")],
      [href, "noopener noreferrer nofollow"],
    );
  }
  await picture(desk.page, "panel-orders");
  chats.vera = desk.conversation;
  await desk.close();
  const { asked } = till;
  const { desk: other } = await here.chat("Tom Typed", { body: "And mine?", agent: "ana", desk: {} });
  const typed = card(other.page, "orders");
  await typed.getByText("No e-mail is known").waitFor();
  const mail = await here.shopper();
  await (await mail.visit(here.demo.known.shop_url)).open();
  await mail.begin("I typed my address", { name: "Mia Mail", email: "mia@customer.example" });
  await other.openChat("Mia Mail");
  await typed.getByText("nobody has confirmed").waitFor();
  assert.equal(till.asked, asked, "nothing was asked by itself");
  await other.page.evaluate(() => (window.stays = true));
  await typed.getByRole("button", { name: "Look up its orders all the same" }).click();
  await typed.getByText("#1042").waitFor();
  assert.match(await typed.textContent(), /By an e-mail that nobody has confirmed/);
  assert.ok(await other.page.evaluate(() => window.stays), "in place");
  await other.close();
});

test("a card fails alone, says so, and comes back when it is asked again", async () => {
  till.status = 500;
  await vouched("v2", "Anything broken?");
  const desk = await at("ana");
  const { page } = await desk.openChat("Vera v2");
  const orders = card(page, "orders");
  await orders.locator(".problem", { hasText: "an error (500)" }).waitFor();
  assert.equal(await page.locator(".context .problem").count(), 1, "alone");
  await card(page, "past").getByText("This is the first one.").waitFor();
  till.status = 200;
  await orders.getByRole("button", { name: "Try again" }).click();
  await orders.getByText("1,299.90").waitFor();
  assert.equal(await page.locator(".context .problem").count(), 0);
  await page.route("**/orders", (route) => route.abort());
  await orders.getByRole("button", { name: "Refresh" }).click();
  await orders.locator(".problem", { hasText: "This could not be loaded." }).waitFor();
  await orders.getByText("1,299.90").waitFor();
  await page.unroute("**/orders");
  await orders.getByRole("button", { name: "Refresh" }).click();
  await until("it is well again", async () => (await orders.locator(".problem").count()) === 0);
  await desk.close();
});

test("the trail, the cart and the fields arrive while the page is open", async () => {
  const { shopper, desk } = await here.chat("Lara Live", { body: "Look what I do" });
  const { page } = desk;
  await page.evaluate(() => (window.stays = true));
  await desk.reply.fill("half a sentence");
  const told = (method, value) =>
    shopper.page.evaluate(([method, value]) => window.deskbell(method, value), [method, value]);
  await told("setCart", { items: [{ sku: "L", title: "Dome lamp", qty: 2, price: 40, currency: "EUR" }], total: 80 });
  await card(page, "cart").getByText("Dome lamp").waitFor();
  await card(page, "cart").getByText("Reported by the browser").waitFor();
  await told("setFields", { size: "XL", timezone: "Europe/Berlin" });
  await card(page, "fields").getByText("XL").waitFor();
  await told("page", { url: `${here.demo.known.shop_url}/returns`, title: "How to return" });
  await card(page, "trail").getByRole("link", { name: "How to return" }).waitFor();
  assert.equal(await desk.reply.inputValue(), "half a sentence");
  assert.ok(await page.evaluate(() => window.stays), "without a reload");
  chats.lara = desk.conversation;
  await desk.close();
});

test("what an agent folds stays folded: here, elsewhere, and after a new sign-in", async () => {
  const { desk } = await here.chat("Fia Folds", { body: "Fold me" });
  const { page } = desk;
  const cart = card(page, "cart");
  const isOpen = (one) => one.evaluate((node) => node.open);
  assert.equal(await isOpen(cart), true);
  const saved = page.waitForResponse((answer) => answer.url().endsWith("/fold"));
  await cart.locator("summary").press("Enter");
  assert.equal((await saved).status(), 200);
  await page.reload();
  assert.equal(await isOpen(cart), false);
  const elsewhere = await at("ana");
  await elsewhere.page.goto(`${here.demo.origin}/console/c/${chats.lara}`);
  assert.equal(await isOpen(card(elsewhere.page, "cart")), false);
  const again = elsewhere.page.waitForResponse((answer) => answer.url().endsWith("/fold"));
  await card(elsewhere.page, "cart").locator("summary").click();
  await again;
  await page.reload();
  assert.equal(await isOpen(cart), true);
});

test("hostile texts in orders, cart, fields, trail and names are shown and never run", async () => {
  till.orders = [
    {
      ...lamp,
      number: HOSTILE,
      url: "javascript:alert(5)",
      items: [{ title: HOSTILE, sku: HOSTILE, quantity: 1 }],
      tracking: [{ carrier: HOSTILE, number: HOSTILE, url: "data:text/html,<script>alert(6)</script>" }],
      payment: HOSTILE,
      total: HOSTILE,
    },
  ];
  const shopper = await vouched("v3", "Nothing to see");
  const desk = await at("ana");
  await desk.openChat("Vera v3");
  await card(desk.page, "orders").getByText("onerror=alert(1)").first().waitFor();
  await shopper.page.evaluate((hostile) => {
    window.deskbell("setCart", {
      items: [{ sku: hostile, title: hostile, qty: 1, price: hostile, currency: hostile }],
    });
    window.deskbell("setFields", { [hostile]: hostile, timezone: hostile });
    window.deskbell("page", { url: location.href, title: hostile });
  }, HOSTILE);
  for (const name of ["cart", "fields", "trail"])
    await card(desk.page, name).getByText("onerror=alert(1)").first().waitFor();
  const found = await desk.page.evaluate(
    () => document.querySelectorAll(".context :is(img, script, svg[onload], iframe)").length,
  );
  assert.equal(found, 0);
  const links = await desk.page.locator(".context a").evaluateAll((all) => all.map((one) => one.protocol));
  assert.ok(
    links.every((protocol) => ["http:", "https:"].includes(protocol)),
    links.join(),
  );
  await desk.page.reload();
  await card(desk.page, "orders").getByText("onerror=alert(1)").first().waitFor();
  await picture(desk.page, "panel-hostile");
  till.orders = [lamp, old];
  await desk.close();
});

test("without script the panel loads, refreshes and folds by links and forms", async () => {
  await vouched("v4", "No script here");
  const { page } = await at("ana", { javaScriptEnabled: false });
  const row = page.locator("#rows a.row", { hasText: "Vera v4" }).first();
  await until("it is hers", async () => {
    await page.reload();
    return row.count();
  });
  await row.click();
  await card(page, "orders").getByRole("link", { name: "Load the orders" }).click();
  await card(page, "orders").getByText("1,299.90").waitFor();
  await card(page, "orders").getByRole("button", { name: "Refresh" }).click();
  await card(page, "orders").getByText("1,299.90").waitFor();
  await card(page, "fields").getByRole("button", { name: "Keep it closed" }).click();
  assert.equal(await card(page, "fields").getAttribute("open"), null);
  await card(page, "fields").locator("summary").click();
  await card(page, "fields").getByRole("button", { name: "Keep it open" }).click();
  assert.equal(await card(page, "fields").getAttribute("open"), "");
});

const ways = [
  ["light", "ana", { colorScheme: "light", viewport: { width: 1440, height: 900 } }],
  ["dark", "ana", { colorScheme: "dark", viewport: { width: 1440, height: 900 } }],
  ["phone", "ana", { colorScheme: "light", ...phone }],
  ["phone-dark", "ana", { colorScheme: "dark", ...phone }],
  ["rtl", "hugo", { colorScheme: "light", viewport: { width: 1440, height: 900 }, dir: "rtl" }],
];

for (const [how, who, { dir, ...options }] of ways) {
  test(`axe finds nothing in the panel, and fingers find everything: ${how}`, async () => {
    const { page } = await at(who, options);
    await page.goto(`${here.demo.origin}/console/c/${chats.vera}?view=all&panel=context`);
    if (dir) await page.evaluate((dir) => document.documentElement.setAttribute("dir", dir), dir);
    for (const name of ["orders", "cart", "trail", "past"]) await card(page, name).scrollIntoViewIfNeeded();
    assert.deepEqual(await axe(page, { within: ".context" }), []);
    if (options.isMobile) {
      const small = await page.locator(".context :is(a, button, summary)").evaluateAll((all) =>
        all
          .filter((one) => one.checkVisibility())
          .map((one) => [one.textContent.trim().slice(0, 40), Math.round(one.getBoundingClientRect().height)])
          .filter(([, height]) => height < 44),
      );
      assert.deepEqual(small, []);
      const { scrollWidth, innerWidth } = await page.evaluate(() => ({
        scrollWidth: document.documentElement.scrollWidth,
        innerWidth,
      }));
      assert.ok(scrollWidth <= innerWidth, `${scrollWidth} in ${innerWidth}`);
    }
    await picture(page, `panel-${how}`);
  });
}

nothingWentWrong(here);
