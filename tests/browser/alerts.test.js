// Agents are called while nobody looks, in a real browser: a browser agrees, is listed and leaves; the worker shows what is
// pushed, leads to it and says when there is no connection; the console can be installed. There is no push service here that
// a browser would use by itself, so what it would give is given in its place.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene({ isWhole: true });
const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
let service = null;
let pushed = [];

before(() => {
  service = createServer((request, answer) => {
    pushed.push({ url: request.url, urgency: request.headers.urgency });
    request.resume();
    request.on("end", () => answer.writeHead(201).end());
  });
  return new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
});

after(() => service.close());

/** What a push service would have given; a browser remembers it from page to page. */
async function given(port) {
  const text = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const p256dh = text(await crypto.subtle.exportKey("raw", pair.publicKey));
  const auth = text(crypto.getRandomValues(new Uint8Array(16)));
  const endpoint = `http://127.0.0.1:${port}/to/${crypto.randomUUID()}`;
  const it = {
    toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
    unsubscribe: async () => !localStorage.removeItem("subscribed"),
  };
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("not what a browser takes");
    localStorage.setItem("subscribed", "yes");
    return it;
  };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("subscribed") ? it : null);
}

/** Somebody's settings, in a browser that may notify. */
async function settings(name, options = {}, { grant = true, prepare = given } = {}) {
  const desk = await here.agent(name, options);
  if (grant) await desk.page.context().grantPermissions(["notifications"], { origin: here.demo.origin });
  if (prepare) await desk.page.addInitScript(prepare, service.address().port);
  await desk.signIn();
  await desk.page.goto(`${here.demo.origin}/console/me`);
  return desk;
}

const state = (desk, name) => desk.page.locator(`[data-on=${name}]:visible`);

async function sound(page, name) {
  await page.locator("#browsers").scrollIntoViewIfNeeded();
  await picture(page, `alerts-${name}`);
  assert.deepEqual(await axe(page), [], name);
}

async function speaks(desk, language) {
  await desk.page.locator("#locale").selectOption(language);
  await desk.page.locator("form[action='/console/me'] .primary").click();
  await desk.page.waitForURL("**/console/me?saved=1");
}

test("a browser agrees on a click, is listed, and is removed", async () => {
  for (const [name, options, language] of [
    ["wide", wide, "en"],
    ["wide-dark", { ...wide, colorScheme: "dark" }, "de"],
    ["phone", phone, "zh-CN"],
    ["phone-dark", { ...phone, colorScheme: "dark" }, "ar"],
  ]) {
    const desk = await settings("ben", options);
    await speaks(desk, language);
    await state(desk, "off").waitFor();
    await sound(desk.page, `off-${name}`);
    await state(desk, "off").click();
    await state(desk, "on").waitFor();
    await sound(desk.page, `on-${name}`);
    const remove = desk.page.locator("#browsers li button");
    assert.equal(await desk.page.locator("#browsers li").count(), 1);
    assert.equal(await desk.page.locator("#browsers li .chip").count(), 1);
    if (options === phone) assert.ok((await remove.boundingBox()).height >= 44);
    await remove.click();
    await state(desk, "off").waitFor();
    assert.equal(await desk.page.locator("#browsers li").count(), 0);
    assert.equal(await desk.page.evaluate(() => localStorage.getItem("subscribed")), null);
    await speaks(desk, "en");
  }
});

test("what stands in the way is said, also without script", async () => {
  const none = await settings("chen", phone, { prepare: () => delete window.PushManager });
  await state(none, "unsupported").waitFor();
  await sound(none.page, "unsupported");
  const denied = await settings("chen", {}, { grant: false });
  await denied.page.locator("[data-on=denied], [data-on=off]").filter({ visible: true }).waitFor();
  if (await state(denied, "off").count()) await state(denied, "off").click();
  await state(denied, "denied").waitFor();
  const failed = await settings("chen", {}, { prepare: nobody });
  await state(failed, "off").click();
  await failed.page.locator("#browsers [role=alert]:visible").waitFor();
  await sound(failed.page, "failed");
  const plain = await settings("chen", { javaScriptEnabled: false }, { prepare: null });
  assert.match(await plain.page.locator("#browsers noscript").innerHTML(), /Setting up a browser needs script\./);
  assert.equal(await plain.page.locator("#browsers button:visible").count(), 0);
});

/** What browsers do that have no push service. */
function nobody() {
  PushManager.prototype.subscribe = async () => {
    throw new DOMException("push service not available", "AbortError");
  };
}

/** In the worker: as if somebody had clicked. Only a real click may open a window. */
async function clicked(tag) {
  self.clients.openWindow = async (address) => {
    self.asked = address;
  };
  const [notification] = await self.registration.getNotifications({ tag });
  const event = new NotificationEvent("notificationclick", { notification });
  event.waitUntil = () => {};
  self.dispatchEvent(event);
}

/** The worker, as the browser's tools reach it. */
async function worker(desk) {
  const client = await desk.page.context().newCDPSession(desk.page);
  const found = new Promise((resolve) => {
    client.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.endsWith("/console"));
      if (ours) resolve(ours);
    });
  });
  await client.send("ServiceWorker.enable");
  const { registrationId } = await found;
  const deliver = (data) =>
    client.send("ServiceWorker.deliverPushMessage", { origin: here.demo.origin, registrationId, data });
  const notices = () =>
    desk.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration("/console");
      const all = await registration.getNotifications();
      return all.map(({ title, body, tag, dir, data }) => ({ title, body, tag, dir, url: data.url }));
    });
  return { deliver, notices };
}

test("the worker shows what is pushed, however broken, and leads to it without losing what is typed", async () => {
  const { desk, shopper } = await here.chat("Li Wei", { body: "How tall is the dome lamp?", agent: "dalia" });
  const chat = desk.conversation;
  await desk.page.context().grantPermissions(["notifications"], { origin: here.demo.origin });
  await desk.page.addInitScript(given, service.address().port);
  await desk.page.goto(`${here.demo.origin}/console/me`);
  await state(desk, "off").click();
  await state(desk, "on").waitFor();
  const { deliver, notices } = await worker(desk);
  const url = `/console/c/${chat}`;
  await deliver(JSON.stringify({ title: "Li <b>Wei</b> writes", body: "one", url, tag: chat, lang: "ar", dir: "rtl" }));
  await until("it is shown", async () => (await notices()).length === 1);
  assert.deepEqual(await notices(), [
    { title: "Li <b>Wei</b> writes", body: "one", tag: chat, dir: "rtl", url: here.demo.origin + url },
  ]);
  await deliver(JSON.stringify({ title: "two", url: "https://evil.example/console/x", tag: chat }));
  await until("it takes the first one's place", async () => (await notices())[0]?.title === "two");
  assert.deepEqual(
    (await notices()).map((notice) => notice.url),
    [""],
  );
  await deliver("not json");
  await until("something is shown all the same", async () => (await notices()).length === 2);

  // A click: the tab with the list goes there, one that is at a form of its own keeps it.
  const [running] = desk.page.context().serviceWorkers();
  const click = async () => {
    await deliver(JSON.stringify({ title: "Li Wei writes", url, tag: "click" }));
    await until("it is shown", async () => (await notices()).some(({ tag }) => tag === "click"));
    await running.evaluate(clicked, "click");
  };
  await desk.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await click();
  await desk.page.waitForURL(`**${url}*`);
  await desk.page.goto(`${here.demo.origin}/console/me`);
  await click();
  await until("a new window is asked for", () => running.evaluate(() => self.asked));
  assert.equal(await running.evaluate(() => self.asked), here.demo.origin + url);
  assert.equal(new URL(desk.page.url()).pathname, "/console/me");
  await shopper.page.close();
});

test("a message that comes when no console is open is pushed at once, and one in a hidden tab after a while", async () => {
  const { desk, shopper } = await here.chat("Mara Stein", { body: "Hello?", agent: "emil" });
  const chat = desk.conversation;
  await desk.page.context().grantPermissions(["notifications"], { origin: here.demo.origin });
  await desk.page.addInitScript(given, service.address().port);
  await desk.page.goto(`${here.demo.origin}/console/me`);
  await desk.page.locator("#push").selectOption("10");
  await desk.page.locator("form[action='/console/me'] .primary").click();
  await desk.page.waitForURL("**/console/me?saved=1");
  await state(desk, "off").click();
  await state(desk, "on").waitFor();
  pushed = [];
  await desk.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await shopper.write("In sight");
  await desk.row("In sight").waitFor();
  await new Promise((done) => setTimeout(done, 13_000));
  assert.equal(pushed.length, 0, "a page is in sight");
  await desk.page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await until("it is pushed", () => pushed.length === 1, { within: 30_000 });
  assert.equal(pushed[0].urgency, "high");
  await desk.page.evaluate(() => delete document.hidden);
  await desk.page.goto(`${here.demo.origin}/console/c/${chat}`);
  await shopper.mine
    .filter({ hasText: "In sight" })
    .locator(".state", { hasText: "Seen" })
    .waitFor({ state: "attached" });
  await desk.page.close();
  await shopper.write("Are you gone?");
  await until("it is pushed", () => pushed.length === 2, { within: 20_000 });
});

test("the console can be installed, and says so when it cannot be reached", async () => {
  const desk = await settings("farah");
  const client = await desk.page.context().newCDPSession(desk.page);
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // Private windows install nothing; nothing else may stand in the way.
  assert.deepEqual(
    installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"),
    [],
  );
  const { errors, url } = await client.send("Page.getAppManifest");
  assert.deepEqual([errors, new URL(url).pathname], [[], "/console/manifest.webmanifest"]);
  await speaks(desk, "de");
  await state(desk, "off").click();
  await state(desk, "on").waitFor();
  await desk.page.goto(`${here.demo.origin}/console/inbox/mine`);
  await here.demo.kill();
  for (const [name, options] of [
    ["wide", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
  ]) {
    await desk.page.emulateMedia(options);
    await desk.page.goto(`${here.demo.origin}/console/team`);
    await desk.page.getByRole("heading", { name: "Keine Verbindung" }).waitFor();
    await picture(desk.page, `alerts-offline-${name}`);
  }
  assert.deepEqual(await axe(desk.page), []);
  await here.demo.again();
  await desk.page.getByRole("link", { name: "Erneut versuchen" }).click();
  await desk.page.locator("main[data-page=team]").waitFor();
});

nothingWentWrong(here);
