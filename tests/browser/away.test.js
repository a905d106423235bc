// Files where nobody is in a hurry: with a letter outside hours, and in a panel that stays open for longer than an address of
// a file holds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { laterDay, openAt } from "./house/hours.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

const MB = 1024 * 1024;
const text = (name, content = "two lamps\n") => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

async function photo(page) {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "teal";
    pen.fillRect(0, 0, 300, 200);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  return { name: "lamp.png", mimeType: "image/png", buffer: Buffer.from(bytes) };
}

test("whoever looks later gets fresh addresses of pictures and files", async () => {
  const { shopper, desk } = await here.chat("Lena Later");
  const { page, panel } = shopper;
  await panel.locator("#files").setInputFiles([text("list.txt"), await photo(page)]);
  await shopper.write("Two things");
  await shopper.isSent("Two things");
  await desk.page.locator(".log .file", { hasText: "list.txt" }).waitFor();
  // What an address that ran out is answered with.
  let refused = 0;
  await page.route(/\/files\/[^/]+\?e=/, (route) => {
    refused += 1;
    return refused <= 1 ? route.fulfill({ status: 403 }) : route.continue();
  });
  const renewed = [];
  page.on("request", (request) => request.url().includes("/v1/shopper/files/") && renewed.push(request.url()));
  await page.reload();
  const last = shopper.mine.filter({ hasText: "Two things" });
  await until("the picture is there", () => last.locator(".file img").evaluate((img) => img.naturalWidth > 0));
  assert.deepEqual([refused, renewed.length], [2, 1]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    last.locator("a.file", { hasText: "list.txt" }).click(),
  ]);
  assert.equal(renewed.length, 2);
  assert.equal(readFileSync(await download.path(), "utf8"), "two lamps\n");

  // One that cannot be renewed either is a name to press.
  await page.unroute(/\/files\/[^/]+\?e=/);
  await page.route(/\/files\//, (route) => route.fulfill({ status: 404, body: "{}" }));
  await page.reload();
  await last.locator("a.file", { hasText: "lamp.png" }).waitFor();
  assert.equal(await last.locator(".file img").count(), 0);
  await desk.close();
});

test("outside hours files go with the letter, as they do with a message", async () => {
  const zone = "Asia/Tokyo";
  await openAt(here, zone, { [laterDay(zone)]: "10:00-18:00" });
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  const { panel, start } = shopper;
  await start.waitFor();
  const tray = panel.locator("#tray li");
  await panel.locator("#files").setInputFiles([text("wrong.txt"), text("order.txt", "Order 4711\n")]);
  await tray.getByRole("button", { name: "Remove wrong.txt" }).click();
  await panel.locator("#files").setInputFiles([text("big.txt", "x".repeat(11 * MB))]);
  await panel
    .getByText(/big\.txt is too large/)
    .first()
    .waitFor();
  assert.equal(await tray.count(), 1);
  await start.getByRole("button", { name: "Attach files" }).waitFor();
  await picture(shopper.page, "widget-away-files");
  await start.getByLabel("E-mail").fill("olga@customer.example");
  await start.getByLabel("Message").fill("It came broken");
  // An upload that fails is no lost letter.
  await shopper.page.route(/\/v1\/shopper\/tickets$/, (route) => route.abort(), { times: 1 });
  await start.getByRole("button", { name: "Send" }).click();
  await start.locator("p.error:visible").waitFor();
  assert.equal(await tray.count(), 1);
  await start.getByRole("button", { name: "Send" }).click();
  const thanks = panel.locator("#sheet .center p");
  await thanks.waitFor();
  const [number] = (await thanks.textContent()).match(/\d+/);
  const desk = await (await here.agent("ana")).signIn();
  await desk.page.goto(`${here.demo.origin}/console/tickets`);
  await desk.page.locator("main a").filter({ hasText: number }).first().click();
  const link = desk.page.locator(".file", { hasText: "order.txt" });
  await link.waitFor();
  const address = await link.evaluate((node) => node.closest("a").href);
  assert.equal(await (await fetch(address)).text(), "Order 4711\n");
});

nothingWentWrong(here);
