// The widget in every state, looked at by axe with the best-practice rules as well: light and dark, left to right and
// right to left, enlarged to 200 %, at 320 pixels, and in forced colours.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { axeLightAndDark, RULES } from "./house/axe.js";
import { startBot } from "./house/bot.js";
import { picture } from "./house/browser.js";
import { unreadable } from "./house/fits.js";
import { pixels } from "./house/pixels.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const LOOKS = [
  ["ltr", {}, "en"],
  ["rtl", {}, "ar"],
  ["zoomed 200", { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 }, "de"],
  ["narrow 320", { viewport: { width: 320, height: 568 } }, "ru"],
  ["forced colours", { forcedColors: "active" }, "en"],
];
let looked = 0;

const here = scene({
  async prepare() {
    for (const name of ["ana", "ben"]) await startBot(here, name);
  },
});

/** Looks at the frame and at what the loader adds to the page; the shop's page around them has a test of its own. */
function looker(shopper, how, faults) {
  const { page } = shopper;
  return async (state) => {
    const seen = (scheme) => {
      looked += 1;
      return picture(page, `axe-${how.replaceAll(" ", "-")}-${state}-${scheme}`);
    };
    const found = await axeLightAndDark(page, { within: "deskbell-chat", framed: true }, seen);
    faults.push(...found.map((fault) => `${state}: ${fault}`));
    if (await page.locator("deskbell-chat iframe").count())
      faults.push(...(await unreadable(shopper)).map((fault) => `${state}: ${fault}`));
  };
}

async function walk(shopper, look) {
  const { page, panel } = shopper;
  await shopper.start.waitFor();
  await look("start");
  await shopper.start.locator("input[type=email]").fill("no address");
  await shopper.start.locator("button.primary").click();
  await shopper.start.locator("[aria-invalid]").first().waitFor();
  await look("mistakes");
  await shopper.start.locator("input[type=email]").fill("");
  await shopper.start.locator("textarea").fill("Can everybody use this?");
  await shopper.start.locator("button.primary").click();
  await shopper.bubble("Answer to: Can everybody use this?").waitFor();
  await look("chat");
  await page.context().setOffline(true);
  await shopper.strip.waitFor();
  await look("offline");
  await page.context().setOffline(false);
  await shopper.strip.waitFor({ state: "hidden" });
  await panel.locator("#end").click();
  await look("asks");
  await panel.locator("#confirm button").first().click();
  await shopper.ended.locator(".rate").nth(3).click();
  await look("ended");
  await page.evaluate(() => window.deskbell("open", { view: "ticket" }));
  await panel.locator("#sheet form").waitFor();
  await look("letter");
  await panel.locator("#sheet input[type=email]").fill("axe@home.example");
  await panel.locator("#sheet textarea").fill("Please write");
  await panel.locator("#sheet button.primary").click();
  await panel.locator("#sheet .center h2").waitFor();
  await look("thanks");
}

describe("axe finds nothing in the widget", { concurrency: 2 }, () => {
  for (const [how, options, language] of LOOKS) {
    test(how, async () => {
      const shopper = await here.shopper(options);
      const faults = [];
      const look = looker(shopper, how, faults);
      await shopper.visit(here.demo.known.shop_url);
      await shopper.page.evaluate((to) => window.deskbell("setLocale", to), language);
      await look("closed");
      await shopper.open();
      await walk(shopper, look);
      assert.deepEqual(faults, []);
      await shopper.page.close();
    });
  }
});

for (const [state, prepare] of [
  ["loading", (page) => page.route("**/v1/shopper/session", () => {})],
  ["blocked", (page) => page.routeWebSocket("**/v1/shopper/socket", (socket) => socket.close({ code: 4003 }))],
  ["error", (page) => page.route("**/v1/shopper/session", (route) => route.fulfill({ status: 404, json: {} }))],
]) {
  test(`axe finds nothing in the widget: ${state}`, async () => {
    const shopper = await here.shopper();
    const faults = [];
    await prepare(shopper.page);
    await (await shopper.visit(here.demo.known.shop_url)).open();
    await shopper.panel
      .locator(state === "loading" ? "#desk [aria-busy]:visible" : "#desk [role=alert]:visible")
      .waitFor();
    await looker(shopper, "ltr", faults)(state);
    assert.deepEqual(faults, []);
    await shopper.page.close();
  });
}

const light = ([red, green, blue]) => {
  const [r, g, b] = [red, green, blue].map((part) =>
    part / 255 <= 0.04 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
};
const ratio = (one, other) => Math.max(one, other) / Math.min(one, other);

/** All of a picture's points, as their light. */
function lights(png) {
  const { width, height, at } = pixels(png);
  return Array.from({ length: width * height }, (_, n) => light(at(n % width, Math.floor(n / width))));
}

const contrast = (png) => {
  const all = lights(png);
  return ratio(
    all.reduce((a, b) => Math.max(a, b)),
    all.reduce((a, b) => Math.min(a, b)),
  );
};

/** How many points of two pictures of one size differ so that one sees it. */
function differing(before, after) {
  const other = lights(after);
  return lights(before).filter((one, n) => ratio(one, other[n]) >= 3).length;
}

/** What cannot be told from its ground, and what does not show that it has the focus. */
async function unseen({ page, panel }, where) {
  const faults = [];
  const around = async (node) => {
    const { x, y, width, height } = await node.boundingBox();
    return page.screenshot({ clip: { x: x - 8, y: y - 8, width: width + 16, height: height + 16 }, caret: "hide" });
  };
  for (const node of await panel.locator(where).filter({ visible: true }).all()) {
    const name = (await node.evaluate((one) => one.outerHTML)).slice(0, 90);
    await node.evaluate((one) => one.scrollIntoView({ block: "nearest" }));
    if (contrast(await node.screenshot()) < 3) faults.push(`not seen: ${name}`);
    if (await node.evaluate((one) => one.disabled || !one.matches("button,input,select,textarea,a"))) continue;
    await page.keyboard.press("Shift");
    await node.evaluate((one) => one.blur());
    const before = await around(node);
    await node.focus();
    const changed = differing(before, await around(node));
    if (changed < 40) faults.push(`no focus to be seen, ${changed} points: ${name}`);
    await node.evaluate((one) => one.blur());
  }
  return faults;
}

test("in forced colours the launcher keeps its colour, and each control, bubble and star can be seen, the focus as well", async () => {
  const shopper = await here.shopper({ forcedColors: "active" });
  const { page, panel } = shopper;
  await shopper.visit(here.demo.known.shop_url);
  const painted = await shopper.launcher.evaluate((node) => getComputedStyle(node).backgroundColor);
  assert.ok(!/^rgb\((255, 255, 255|0, 0, 0)\)$/.test(painted), painted);
  assert.ok(contrast(await shopper.launcher.screenshot()) >= 3);
  await shopper.open();
  await shopper.start.waitFor();
  const controls = "button,input:not([type=file]),select,textarea";
  const faults = await unseen(shopper, controls);
  await shopper.begin("Hello in few colours", { name: "Cole Contrast" });
  // Once the answer is there, and what it says of the question, nothing moves any more.
  await shopper.bubble("Answer to: Hello in few colours").waitFor();
  await until("the panel is at rest", async () => {
    const was = await panel.locator("#list").innerHTML();
    await new Promise((done) => setTimeout(done, 500));
    return was === (await panel.locator("#list").innerHTML());
  });
  faults.push(...(await unseen(shopper, `${controls},.bubble,.avatar,#composer`)));
  await picture(page, "forced-chat");
  await shopper.end();
  faults.push(...(await unseen(shopper, controls)));
  const stars = panel.locator(".rate");
  if (await stars.first().isVisible()) {
    await stars.nth(2).click();
    await stars.nth(2).evaluate((one) => one.blur());
    const [third, fourth] = [await stars.nth(2).screenshot(), await stars.nth(3).screenshot()];
    if (differing(third, fourth) < 40) faults.push("a star that is given looks like one that is not");
  } else faults.push("no stars were there to look at");
  await picture(page, "forced-ended");
  assert.deepEqual(faults, []);
});

test("axe has really looked", () => {
  console.log(`axe widget looks=${looked} rules=${RULES.join()}`);
  assert.ok(looked >= (LOOKS.length * 9 + 3) * 2, `${looked}`);
});

nothingWentWrong(here);
