// Notifications and cards of goods, in a real browser. There is no push service here that a browser would use by itself, so
// what it would give is given in its place; everything else is real: permission, worker, the message that wakes it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene({ isWhole: true });
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" };
let service = null;
let pushed = [];

before(() => {
  service = createServer((request, answer) => {
    pushed.push(request.url);
    request.resume();
    request.on("end", () => answer.writeHead(201).end());
  });
  return new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
});

after(() => service.close());

async function post(path, body, token) {
  const headers = { "content-type": "application/json", origin: here.demo.origin };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(here.demo.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}

/** The page for a shopper who asked for it. */
async function page(options, { grant = true, locale = "en", prepare } = {}) {
  const begin = { site: here.demo.known.site_key, token: null, identity: null, locale };
  const session = await post("/v1/shopper/session", begin);
  assert.equal(session.site.push, true);
  const { url } = await post("/v1/shopper/notify", {}, session.token);
  const context = await here.context(here.shops, options);
  if (grant) await context.grantPermissions(["notifications"], { origin: here.demo.origin });
  const opened = await context.newPage();
  if (prepare) await opened.addInitScript(prepare, service.address().port);
  await opened.goto(here.demo.origin + url);
  return opened;
}

/** What a push service would have given. */
async function given(port) {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_");
  const p256dh = text(await crypto.subtle.exportKey("raw", pair.publicKey)).replaceAll("=", "");
  const auth = text(crypto.getRandomValues(new Uint8Array(16))).replaceAll("=", "");
  const endpoint = `http://127.0.0.1:${port}/to/${crypto.randomUUID()}`;
  let is = false;
  const it = {
    endpoint,
    toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
    unsubscribe: async () => {
      is = false;
      return true;
    },
  };
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("not what a browser takes");
    is = true;
    return it;
  };
  PushManager.prototype.getSubscription = async () => (is ? it : null);
}

/** What browsers say that have no push service. */
function nobody() {
  PushManager.prototype.subscribe = async () => {
    throw new DOMException("push service not available", "AbortError");
  };
}

async function sound(opened, name) {
  await picture(opened, `notify-${name}`);
  assert.deepEqual(await axe(opened), [], name);
}

const shown = (opened) => opened.locator("[data-on]:visible");

test("a shopper agrees on a click, is on, and takes it back", async () => {
  for (const [name, options, locale] of [
    ["wide", { viewport: { width: 1440, height: 900 } }, "en"],
    ["phone-german", phone, "de"],
    ["phone-arabic", phone, "ar"],
    ["phone-chinese", phone, "zh-CN"],
  ]) {
    const opened = await page(options, { locale, prepare: given });
    await opened.locator("[data-on=ask]").waitFor();
    await sound(opened, `ask-${name}`);
    await opened.locator("[data-on=ask] button").click();
    await opened.locator("[data-on=on]").waitFor();
    await sound(opened, `on-${name}`);
    await opened.locator("[data-on=on] button").click();
    await opened.locator("[data-on=off]").waitFor();
    assert.equal(await shown(opened).count(), 1);
  }
});

test("what stands in the way is said", async () => {
  const refused = await page({}, { grant: false });
  await refused.locator("[data-on=refused], [data-on=ask]").filter({ visible: true }).waitFor();
  if (await refused.locator("[data-on=ask]").isVisible()) await refused.locator("[data-on=ask] button").click();
  await refused.locator("[data-on=refused]").waitFor();
  await sound(refused, "refused");
  const none = await page({}, { prepare: () => delete window.PushManager });
  await none.locator("[data-on=unsupported]").waitFor();
  await sound(none, "unsupported");
  const failed = await page({}, { prepare: nobody });
  await failed.locator("[data-on=ask] button").click();
  await failed.locator("[data-on=failed]").waitFor();
  await sound(failed, "failed");
  const context = await here.context(here.shops, {});
  const gone = await context.newPage();
  const answer = await gone.goto(`${here.demo.origin}/w/${here.demo.known.site_key}/notify/made-up`);
  assert.equal(answer.status(), 404);
  await gone.locator("[data-on=gone], [data-on=refused]").filter({ visible: true }).waitFor();
});

test("the worker shows what it is sent, however broken, and nothing of the page is its own", async () => {
  const opened = await page({}, { prepare: given });
  await opened.locator("[data-on=ask] button").click();
  await opened.locator("[data-on=on]").waitFor();
  const client = await opened.context().newCDPSession(opened);
  const found = new Promise((resolve) => {
    client.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.includes("/notify/"));
      if (ours) resolve(ours);
    });
  });
  await client.send("ServiceWorker.enable");
  const { registrationId, scopeURL } = await found;
  assert.equal(scopeURL, `${here.demo.origin}/w/${here.demo.known.site_key}/notify/`, "a scope of its own");
  const deliver = (data) =>
    client.send("ServiceWorker.deliverPushMessage", { origin: here.demo.origin, registrationId, data });
  const notices = () =>
    opened.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const all = await registration.getNotifications();
      return all.map(({ title, body, tag, dir, data }) => ({ title, body, tag, dir, url: data.url }));
    });
  const url = here.demo.known.shop_url;
  await deliver(JSON.stringify({ title: "Answer <b>1</b>", body: "", url, tag: "a", lang: "ar", dir: "rtl" }));
  await until("the first is shown", async () => (await notices()).length === 1);
  assert.deepEqual(await notices(), [{ title: "Answer <b>1</b>", body: "", tag: "a", dir: "rtl", url }]);
  await deliver(JSON.stringify({ title: "Answer 2", url: "javascript:alert(1)", tag: "a" }));
  await until("it takes the first one's place", async () => (await notices())[0]?.title === "Answer 2");
  const [second, ...others] = await notices();
  assert.deepEqual([second.url, others.length], ["", 0]);
  await deliver("not json");
  await until("something is shown all the same", async () => (await notices()).length === 2);
});

test("an answer after the shopper left goes to the browser that agreed", async () => {
  const { shopper, desk } = await here.chat("Li Wei", { body: "How tall is the dome lamp?" });
  const key = `deskbell.${here.demo.known.site_key}.token`;
  const frame = shopper.page.frames().find((one) => one.url().includes("/w/panel"));
  const token = await frame.evaluate((name) => localStorage.getItem(name), key);
  const { url } = await post("/v1/shopper/notify", {}, token);
  const opened = await shopper.page.context().newPage();
  await shopper.page.context().grantPermissions(["notifications"], { origin: here.demo.origin });
  await opened.addInitScript(given, service.address().port);
  await opened.goto(here.demo.origin + url);
  await opened.locator("[data-on=ask] button").click();
  await opened.locator("[data-on=on]").waitFor();
  await shopper.page.close();
  await opened.close();
  pushed = [];
  await desk.say(`This one: ${here.demo.known.shop_url}p/dome-lamp`);
  await until("it is pushed", () => pushed.length === 1, { within: 60_000 });
  // The card beside it, in the agent's thread.
  const card = desk.page.locator(".good");
  await card.locator("img").waitFor();
  assert.match(await card.textContent(), /Dome Table Lamp[\s\S]*EUR[\s\S]*In stock/);
  await until("the picture is there", () => card.locator("img").evaluate((img) => img.naturalWidth > 0));
  await picture(desk.page, "goods-console");
  await desk.page.emulateMedia({ colorScheme: "dark" });
  await desk.page.setViewportSize({ width: 390, height: 844 });
  await picture(desk.page, "goods-console-phone-dark");
});

test("an owner checks the demo's own shop", async () => {
  const desk = await here.agent("grace");
  const admin = here.demo.known.agents.find(({ role }) => role === "admin");
  desk.person = admin;
  await desk.signIn();
  await desk.page.goto(`${here.demo.origin}/admin/sites`);
  await desk.page.locator("main a[href^='/admin/sites/']").first().click();
  await desk.page.getByRole("link", { name: "Check", exact: true }).click();
  await desk.page.getByLabel("Page").fill(here.demo.known.shop_url);
  await desk.page.getByRole("button", { name: "Check this page" }).click();
  await desk.page.getByText("nothing forbids it").waitFor();
  await sound(desk.page, "check-works");
  await desk.page.getByLabel("Page").fill(`${here.demo.origin}/demo/mail`);
  await desk.page.getByRole("button", { name: "Check this page" }).click();
  await desk.page.getByText("not on this page").waitFor();
  await sound(desk.page, "check-nothing");
  await desk.page.emulateMedia({ colorScheme: "dark" });
  await desk.page.setViewportSize({ width: 390, height: 844 });
  await sound(desk.page, "check-phone-dark");
});

nothingWentWrong(here);
