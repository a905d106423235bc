// What the widget costs and does to a shop's page: its weight, its globals, a strict content policy.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register, Shop } from "./house/shop.js";

let shop;
const here = scene({
  async prepare({ demo }) {
    shop = await Shop.open(demo.origin, demo.known.site_key);
    await register(here, shop.origin);
  },
  tidy: () => shop?.close(),
});

// The colour baked into the loader, as the browser would name it.
async function configuredColor() {
  const script = await (await fetch(`${here.demo.origin}/w/${here.demo.known.site_key}.js`)).text();
  const [, ...parts] = script.match(/"color":"#(..)(..)(..)"/);
  return `rgb(${parts.map((part) => Number.parseInt(part, 16)).join(", ")})`;
}

const gzip = (input) => spawnSync("gzip", ["-9", "-c"], { input }).stdout.length;

// Every request to the chat's origin with what it weighs after gzip -9, whatever the server chose to send.
function weigh(page) {
  const loaded = [];
  page.on("requestfinished", (request) => {
    if (!request.url().startsWith(here.demo.origin)) return;
    const bytes = request.response().then((answer) => answer.body());
    loaded.push({ url: request.url(), bytes: bytes.then(gzip) });
  });
  return loaded;
}

const isQuiet = (page) => page.waitForLoadState("networkidle");

test("before anybody touches it the widget costs one small request that blocks nothing", async () => {
  const { page } = await here.shopper();
  const loaded = weigh(page);
  await page.goto(shop.origin);
  await page.locator("deskbell-chat button.l").waitFor();
  await isQuiet(page);
  assert.equal(loaded.length, 1, loaded.map(({ url }) => url).join());
  const bytes = await loaded[0].bytes;
  const [timing, shifts] = await page.evaluate(() => [
    performance.getEntriesByType("resource").find(({ name }) => name.includes("/w/")).renderBlockingStatus,
    performance.getEntriesByType("layout-shift").length,
  ]);
  console.log(`before_interaction requests=1 gzip_bytes=${bytes}`);
  assert.ok(bytes <= 4096, `${bytes} B`);
  assert.equal(timing, "non-blocking");
  assert.equal(shifts, 0);
});

test("the first open costs at most three files and 20 KB, all from one origin", async () => {
  const shopper = await here.shopper();
  await shopper.visit(shop.origin);
  await isQuiet(shopper.page);
  const strangers = [];
  shopper.page.on("request", (request) => {
    if (!request.url().startsWith(here.demo.origin)) strangers.push(request.url());
  });
  const loaded = weigh(shopper.page);
  await shopper.open();
  await shopper.start.waitFor();
  await isQuiet(shopper.page);
  const files = loaded.filter(({ url }) => url.includes("/w/"));
  const bytes = (await Promise.all(files.map((file) => file.bytes))).reduce((sum, one) => sum + one, 0);
  console.log(`first_open requests=${files.length} gzip_bytes=${bytes}`);
  assert.ok(files.length <= 3, files.map(({ url }) => url).join());
  assert.ok(bytes <= 20 * 1024, `${bytes} B`);
  assert.deepEqual(strangers, []);
});

test("the widget adds one name to the page and changes no built-in", async () => {
  const look = () => {
    const builtIn = [
      Array,
      Object,
      String,
      Function,
      Promise,
      Element,
      HTMLElement,
      Node,
      EventTarget,
      Event,
      Document,
    ];
    const shape = (object) =>
      JSON.stringify(
        Reflect.ownKeys(object).map((key) => [String(key), typeof Object.getOwnPropertyDescriptor(object, key).value]),
      );
    return {
      names: Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name)),
      built: builtIn.map((one) => shape(one) + shape(one.prototype)),
      own: [fetch, history.pushState, JSON.parse, addEventListener, WebSocket].map(String),
    };
  };
  const { page: bare } = await here.shopper();
  await bare.goto(`${shop.origin}/bare`);
  const without = await bare.evaluate(look);
  const shopper = await here.shopper();
  await (await shopper.visit(shop.origin)).open();
  await shopper.start.waitFor();
  const having = await shopper.page.evaluate(look);
  const added = having.names.filter((name) => !without.names.includes(name));
  console.log(`globals diff={${added.join(", ")}}`);
  assert.deepEqual(added, ["deskbell"]);
  assert.deepEqual(having.built, without.built);
  assert.deepEqual(having.own, without.own);
  await shopper.page.evaluate(() => window.deskbell("destroy"));
  const gone = await shopper.page.evaluate(look);
  assert.deepEqual(
    gone.names.filter((name) => !without.names.includes(name)),
    [],
  );
  assert.equal(await shopper.page.locator("deskbell-chat").count(), 0);
});

test("a whole chat works under a nonce, Trusted Types and two lines for the chat: no violation", async () => {
  const desk = await here.agent("farah");
  await (await desk.signIn()).beAvailable();
  const shopper = await here.shopper();
  await shopper.visit(shop.origin);
  const painted = await shopper.launcher.evaluate((node) => getComputedStyle(node).backgroundColor);
  assert.equal(painted, await configuredColor());
  await shopper.open();
  const panel = await shopper.frame();
  await panel.evaluate(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
  });
  await shopper.begin("Does it work under a strict policy?", { name: "Stina Strict" });
  await desk.openChat("Stina Strict");
  await desk.say("It does.");
  await shopper.bubble("It does.").waitFor();
  const seen = [];
  for (const place of [shopper.page, panel]) seen.push(...(await place.evaluate(() => window.violations)));
  await shopper.page.reload();
  await shopper.bubble("It does.").waitFor();
  await picture(shopper.page, "strict-shop");
  seen.push(...(await shopper.page.evaluate(() => window.violations)));
  console.log(`strict_policy violations=${seen.length}`);
  assert.deepEqual(seen, []);
  await desk.close();
});

test("a page that is not on the site's list cannot show the chat's frame", async () => {
  const other = await Shop.open(here.demo.origin, here.demo.known.site_key);
  const shopper = await here.shopper();
  await shopper.visit(other.origin);
  await shopper.launcher.click();
  const card = shopper.page.locator("deskbell-chat [role=alert]");
  await card.waitFor({ timeout: 15_000 });
  assert.match(await card.textContent(), /Chat is offline|Chat is not available/);
  shopper.page.context().faults.length = 0;
  await other.close();
});

nothingWentWrong(here);
