// What the specification of the widget asks for and no other file tests: forms, closed shops, sound, closed sockets,
// phones and their keyboards, the back button, dark pages, printing.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openBrowser, openContext, picture } from "./house/browser.js";
import { laterDay, openAt } from "./house/hours.js";
import { pixels } from "./house/pixels.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register, Shop } from "./house/shop.js";
import { Shopper } from "./house/shopper.js";
import { until } from "./house/until.js";

let shop;
const here = scene({
  async prepare({ demo }) {
    shop = await Shop.open(demo.origin, demo.known.site_key);
    await register(here, shop.origin);
  },
});
after(() => shop?.close());

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const kept = ({ page }) =>
  page.evaluate(() => Object.keys(localStorage).map((key) => key.split(".").slice(2).join(".")));

test("a wrong answer before the chat is focused, marked and announced, and begins nothing", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.start.waitFor();
  const email = shopper.start.getByLabel("E-mail");
  await email.fill("nobody");
  await shopper.start.getByLabel("Message").fill("Hello?");
  await shopper.start.getByRole("button", { name: "Start chat" }).click();
  await shopper.start.locator("[aria-invalid]").waitFor();
  assert.equal(await email.getAttribute("aria-invalid"), "true");
  assert.ok(await email.evaluate((field) => field === document.activeElement));
  const described = await email.getAttribute("aria-describedby");
  const told = await shopper.panel.locator(`[id="${described}"]`).textContent();
  assert.match(told, /name@example\.com/);
  assert.equal(await shopper.panel.locator("#status").textContent(), `E-mail (for the transcript): ${told}`);
  assert.deepEqual(
    (await kept(shopper)).filter((key) => key === "live" || key.startsWith("q.")),
    [],
  );
  await email.fill("nobody@home.example");
  assert.equal(await email.getAttribute("aria-invalid"), null);
  await shopper.start.getByRole("button", { name: "Start chat" }).click();
  await shopper.bubble("Hello?").waitFor();
  await shopper.end();
});

test("a closed shop says when it opens on the shopper's own clock, and takes a letter that reaches the console", async () => {
  const day = laterDay("Asia/Tokyo");
  await openAt(here, "Asia/Tokyo", { [day]: "09:00-17:00" });
  const shopper = await here.shopper({ timezoneId: "America/New_York", locale: "en-US" });
  await shopper.visit(here.demo.known.shop_url);
  const session = shopper.page.waitForResponse((answer) => answer.url().endsWith("/v1/shopper/session"));
  await shopper.open();
  const { site } = await (await session).json();
  const at = (timeZone) =>
    new Intl.DateTimeFormat("en-US", { weekday: "long", hour: "numeric", minute: "2-digit", timeZone }).format(
      new Date(site.opens_at),
    );
  const words = (text) => text.replaceAll(/\s/g, " ");
  assert.match(words(at("Asia/Tokyo")), new RegExp(`${day}.*9:00 AM`));
  const hours = shopper.panel.locator("#sheet .hours");
  await hours.waitFor();
  assert.equal(words(await hours.textContent()), words(`Back ${at("America/New_York")}`));
  const form = shopper.panel.locator("#sheet form");
  await form.getByLabel("E-mail").fill("nell@home.example");
  await form.getByLabel("Message").fill("Do you ship to the moon?");
  await form.locator("button.primary").click();
  const thanks = shopper.panel.locator("#sheet .center p");
  await thanks.waitFor();
  const [number] = (await thanks.textContent()).match(/\d+/);
  await picture(shopper.page, "widget-closed-shop");
  const desk = await (await here.agent("ana")).signIn();
  await desk.page.goto(`${here.demo.origin}/console/tickets`);
  await desk.page.locator("main").getByText(number).first().waitFor();
  await openAt(here, "UTC", {});
});

test("of two tabs that nobody looks into one rings, once", async () => {
  const { shopper, desk } = await here.chat("Rosa Rings", { agent: "ben" });
  const { page } = shopper;
  const context = page.context();
  await context.addInitScript(() => {
    window.rings = 0;
    const silent = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    const node = () => ({
      gain: silent,
      frequency: silent,
      connect: (to) => to,
      stop() {},
      start: () => window.rings++,
    });
    window.AudioContext = class {
      currentTime = 0;
      createGain = node;
      createOscillator = node;
    };
  });
  await page.reload();
  const second = new Shopper(await context.newPage());
  await second.visit(here.demo.known.shop_url);
  await second.bubble("Hello?").waitFor();
  await second.launcher.click();
  for (const tab of [shopper, second])
    await tab.page.locator('deskbell-chat button.l[aria-expanded="false"]').waitFor();
  await desk.say("Ding dong");
  const badge = (tab) => tab.page.locator("deskbell-chat button.l i").textContent();
  for (const tab of [shopper, second]) await until("the badge counts one", async () => (await badge(tab)) === "1");
  const rings = async () => {
    const frames = [await shopper.frame(), await second.frame()];
    const counts = await Promise.all(frames.map((frame) => frame.evaluate(() => window.rings)));
    return counts[0] + counts[1];
  };
  await until("somebody rings", async () => (await rings()) > 0);
  await desk.say("Ding dong again");
  await until("the second one rings too", async () => (await rings()) > 1);
  assert.equal(await rings(), 2);
  await desk.close();
});

test("a socket that the server closes comes back, but never when the shopper is not wanted", async () => {
  const shopper = await here.shopper();
  const sockets = [];
  await shopper.page.routeWebSocket("**/v1/shopper/socket", (widget) => {
    sockets.push(widget);
    widget.connectToServer();
  });
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Are you there?", { name: "Carl Closed" });
  await shopper.isSent("Are you there?");
  for (const code of [1001, 1006, 1012]) {
    const before = sockets.length;
    await sockets.at(-1).close({ code });
    await until(`a new socket after ${code}`, () => sockets.length > before, { within: 5000 });
    await shopper.write(`After ${code}`);
    await shopper.isSent(`After ${code}`);
  }
  await shopper.page.clock.install();
  const before = sockets.length;
  await sockets.at(-1).close({ code: 4003 });
  await shopper.panel.getByText("Chat is not available.").waitFor();
  await shopper.page.clock.fastForward(600_000);
  await shopper.page.evaluate(() => dispatchEvent(new Event("online")));
  await picture(shopper.page, "widget-blocked");
  assert.equal(sockets.length, before);
  assert.equal(await shopper.panel.locator("#desk button:visible").count(), 0);
});

/** The top window's visible part, as a keyboard leaves it. */
const raiseKeyboard = ({ page }, height) =>
  page.evaluate((to) => {
    window.fake.height = to;
    window.fake.dispatchEvent(new Event("resize"));
  }, height);

test("on a phone the chat is the whole page, which stands still, and the keyboard leaves the composer in sight", async () => {
  const shopper = await here.shopper(phone);
  const { page } = shopper;
  await page.addInitScript(() => {
    if (window !== top) return;
    window.fake = Object.assign(new EventTarget(), { height: 844, width: 390, offsetTop: 0, scale: 1 });
    Object.defineProperty(window, "visualViewport", { value: window.fake });
  });
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("From my phone", { name: "Fiona Phone" });
  const dialog = page.locator("deskbell-chat dialog");
  assert.ok(await dialog.evaluate((node) => node.matches(":modal")));
  assert.deepEqual(await dialog.boundingBox(), { x: 0, y: 0, width: 390, height: 844 });
  const scrolled = await page.evaluate(() => {
    scrollTo(0, 500);
    const beneath = document.elementFromPoint(195, 400);
    document.querySelector("a").focus();
    return [scrollY, beneath.localName, document.activeElement.localName];
  });
  await page.mouse.move(195, 400);
  await page.mouse.wheel(0, 400);
  assert.equal(scrolled[1], "deskbell-chat");
  assert.notEqual(scrolled[2], "a");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY), "hidden");
  await raiseKeyboard(shopper, 480);
  // The composer's field keeps its margin; what it stands in ends with the window.
  const bottom = async () => {
    const [whole, field] = [await shopper.panel.locator("main").boundingBox(), await shopper.composer.boundingBox()];
    const end = whole.y + whole.height;
    assert.ok(field.y + field.height <= end + 1);
    return end;
  };
  await until("the composer ends where the keyboard begins", async () => Math.abs((await bottom()) - 480) <= 1);
  await picture(page, "widget-phone-keyboard");
  await raiseKeyboard(shopper, 844);
  await until("the composer is back below", async () => Math.abs((await bottom()) - 844) <= 1);
  const frame = await shopper.frame();
  await frame.evaluate(() => {
    window.sameDocument = true;
  });
  await page.setViewportSize({ width: 1000, height: 844 });
  await until("the panel is a window again", async () => !(await dialog.evaluate((node) => node.matches(":modal"))));
  assert.equal((await dialog.boundingBox()).width, 400);
  await page.setViewportSize(phone.viewport);
  await until("the panel is the page again", async () => dialog.evaluate((node) => node.matches(":modal")));
  assert.ok(await frame.evaluate(() => window.sameDocument));
  await shopper.panel.getByRole("button", { name: "Close chat" }).click();
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY), "visible");
});

test("the back button brings back the page with its chat, and what was said meanwhile, once", async () => {
  const browser = await openBrowser({ isWhole: true, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  try {
    const shopper = new Shopper(await (await openContext(browser)).newPage());
    const { page } = shopper;
    const desk = await (await here.agent("chen")).signIn();
    await desk.beAvailable();
    await (await shopper.visit(shop.origin)).open();
    await shopper.begin("Before I look elsewhere", { name: "Bea Back" });
    await desk.openChat("Bea Back");
    await desk.say("Take your time");
    await shopper.bubble("Take your time").waitFor();
    // Playwright loses sight of a frame that comes out of the cache; the badge in the page tells what the frame knows.
    await shopper.launcher.click();
    await page.locator('deskbell-chat button.l[aria-expanded="false"]').waitFor();
    await page.evaluate(() => {
      window.restored = [];
      window.heard = [];
      addEventListener("pageshow", ({ persisted }) => window.restored.push(persisted));
      window.deskbell("on", "message", ({ body }) => window.heard.push(body));
    });
    await page.goto(`${shop.origin}/bare`);
    await desk.say("Said while you were away");
    await page.goBack({ waitUntil: "commit" });
    await until("the page is shown again", () => page.evaluate(() => window.restored?.length > 0));
    assert.deepEqual(await page.evaluate(() => window.restored), [true]);
    const badge = () => page.locator("deskbell-chat button.l i").textContent();
    await until("what was said is there, once", async () => (await badge()) === "1");
    await picture(page, "widget-back");
    await page.mouse.click(200, 500);
    await page.evaluate(() => window.deskbell("send", "Back again"));
    await desk.entry("Back again").waitFor();
    await desk.say("Welcome back");
    await until("a new answer is there", () => page.evaluate(() => window.heard.at(-1) === "Welcome back"));
    await desk.close();
  } finally {
    await browser.close();
  }
});

/** How bright the middle of the panel is on the screen, 0 to 255. */
async function brightness(page) {
  const shot = pixels(await page.screenshot());
  return Math.max(
    ...[
      [1100, 300],
      [1000, 500],
      [900, 700],
    ].flatMap(([x, y]) => shot.at(x, y)),
  );
}

test("in the dark the panel is dark from its first frame on", async () => {
  const shopper = await here.shopper({ colorScheme: "dark" });
  const { page } = shopper;
  const holds = ["**/w/panel?**", "**/v1/shopper/session"].map((pattern) => {
    const hold = {};
    hold.asked = new Promise((asked) => {
      const letGo = new Promise((go) => {
        hold.go = go;
      });
      page.route(pattern, async (route) => {
        asked();
        await letGo;
        await route.continue();
      });
    });
    return hold;
  });
  await shopper.visit(here.demo.known.shop_url);
  await shopper.launcher.click();
  for (const hold of holds) {
    await hold.asked;
    // Not before it has faded in.
    await until("the panel is dark", async () => (await brightness(page)) < 60);
    await picture(page, "widget-dark-first-frame");
    hold.go();
  }
  await shopper.start.waitFor();
  assert.ok((await brightness(page)) < 60, "the panel is there");
});

test("whoever wants no motion sees none, and paper shows no chat", async () => {
  const { shopper, desk } = await here.chat("Mona Motion", { agent: "dalia", shopper: { reducedMotion: "reduce" } });
  await desk.reply.pressSequentially("Let me");
  await shopper.typing.waitFor();
  const moving = () =>
    [document, document.querySelector("deskbell-chat")?.shadowRoot].flatMap((root) =>
      (root?.getAnimations() ?? []).map(({ animationName, transitionProperty }) => animationName ?? transitionProperty),
    );
  assert.deepEqual(await shopper.page.evaluate(moving), []);
  assert.deepEqual(await (await shopper.frame()).evaluate(moving), []);
  await shopper.page.emulateMedia({ media: "print" });
  await shopper.launcher.waitFor({ state: "hidden" });
  assert.ok(await shopper.page.locator("deskbell-chat dialog").isHidden());
  await shopper.page.emulateMedia({ media: null });
  await shopper.launcher.waitFor();
  await desk.close();
});

nothingWentWrong(here);
