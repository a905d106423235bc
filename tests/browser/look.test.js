// An owner dresses the widget: what is typed is seen before it is saved, with script and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

async function widgetPage(options) {
  const owner = await here.agent("hugo", options);
  await owner.signIn();
  const { page } = owner;
  await page.goto(`${here.demo.origin}/admin/sites`);
  await page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await page.getByRole("link", { name: "Widget", exact: true }).click();
  await page.waitForURL("**/widget");
  return page;
}

const painted = async (page) => {
  const launcher = page.frameLocator("iframe[name=preview]").locator("deskbell-chat button.l");
  return launcher.evaluate((node) => getComputedStyle(node).backgroundColor).catch(() => "");
};

test("the preview follows what is typed, and what is saved is what shoppers get", async () => {
  const page = await widgetPage();
  await page.getByLabel("Colour").fill("#ffd400");
  await page.getByLabel("Side", { exact: true }).selectOption("left");
  await until("the preview is yellow", async () => (await painted(page)) === "rgb(255, 212, 0)");
  const preview = page.frameLocator("iframe[name=preview]");
  await page.locator("#legibility", { hasText: "On #ffd400 black is written: contrast 14.7 to 1" }).waitFor();
  await preview.locator("deskbell-chat button.l").click();
  await preview.frameLocator("deskbell-chat iframe").locator("#panel").waitFor();
  await picture(page, "widget-page");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").filter({ hasText: "Saved." }).waitFor();
  await page.locator("#legibility", { hasText: "On #ffd400 black is written" }).waitFor();
  const shopper = await here.shopper();
  await shopper.visit(here.demo.known.shop_url);
  const [color, icon] = await shopper.launcher.evaluate((node) => [
    getComputedStyle(node).backgroundColor,
    getComputedStyle(node, "::before").backgroundColor,
  ]);
  assert.deepEqual([color, icon], ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]);
  assert.ok((await shopper.launcher.boundingBox()).x < 100);
});

test("without script a button shows it, a mistake keeps what was typed, and the form saves", async () => {
  const page = await widgetPage({ javaScriptEnabled: false });
  await page.getByLabel("Colour").fill("#00aa55");
  await page.getByRole("button", { name: "Preview" }).click();
  await until("the frame was asked for it", () =>
    page.frames().some((frame) => frame.url().includes("/preview?") && frame.url().includes("color=%2300aa55")),
  );
  await page.getByLabel("From below").fill("far");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#y-problem").waitFor();
  assert.equal(await page.getByLabel("Colour").inputValue(), "#00aa55");
  await page.getByLabel("From below").fill("24");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  assert.equal(await page.getByLabel("From below").inputValue(), "24");
});

test("the page can be read by everybody, in light and dark and on a phone", async () => {
  const looks = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 } }],
  ];
  for (const [name, options] of looks) {
    const page = await widgetPage(options);
    await page.frameLocator("iframe[name=preview]").locator("deskbell-chat button.l").waitFor();
    assert.deepEqual(await axe(page, { framed: true }), [], name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
    await picture(page, `widget-page-${name}`);
  }
});

nothingWentWrong(here);
