// An agent's files: picked, pasted, dropped, seen on their way, taken away again, sent; with script and without.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

const text = (name, content = "two lamps") => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A picture of many colours. */
function png(width, height) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows.set([(x * 255) / width, (y * 255) / height, 140], y * (width * 3 + 1) + 1 + x * 3);
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

/** What a page is handed by the clipboard or a drag. */
async function hand(page, selector, kind, files) {
  const plain = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
  await page.evaluate(
    ([selector, kind, files]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, bytes } of files)
        data.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
      const target = document.querySelector(selector);
      const init = { bubbles: true, cancelable: true };
      if (kind === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
      else
        for (const type of ["dragenter", "dragover", "drop"])
          target.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
    },
    [selector, kind, plain],
  );
}

test("files are picked, pasted and dropped, one is taken away, and the shopper gets the others", async () => {
  const { desk, shopper } = await here.chat("Paula Papers");
  const { page } = desk;
  const items = page.locator(".write.reply .tray li");
  await desk.reply.click();
  await page.locator(".write.reply .attach input").setInputFiles([text("list.txt"), text("wrong.txt")]);
  await items.getByRole("button", { name: "Remove wrong.txt" }).click();
  await hand(page, ".write.reply textarea", "paste", [
    { name: "image.png", mimeType: "image/png", buffer: png(640, 400) },
  ]);
  await hand(page, ".log", "drop", [text("dropped.csv", "a;b")]);
  await until("three are ready", async () => (await items.getByRole("button", { name: /^Remove/ }).count()) === 3);
  const names = await items.locator("bdi").allTextContents();
  assert.match(names.join(" "), /^list\.txt pasted-[\d-]+\.png dropped\.csv$/);
  await desk.reply.press("Enter");
  const bubble = page.locator(".log .entry.from-staff").last();
  await bubble.locator(".picture img").waitFor();
  assert.deepEqual(await bubble.locator(".file bdi").allTextContents(), ["list.txt", "dropped.csv"]);
  assert.equal(await items.count(), 0);
  assert.ok(await bubble.locator("img").evaluate((img) => img.decode().then(() => img.naturalWidth > 0)));
  assert.equal(await bubble.locator("img").evaluate((img) => img.width), 240, "its room was there before it came");
  await until("the shopper has them", async () =>
    (await shopper.page.frames().at(-1).content()).includes("dropped.csv"),
  );
  const href = await bubble.locator(".file").first().getAttribute("href");
  const saved = await page.request.get(new URL(href, page.url()).href);
  assert.match(saved.headers()["content-disposition"], /^attachment/);
  assert.equal(await saved.text(), "two lamps");
});

test("what is refused says why and can be taken away; what is on its way is waited for", async () => {
  const { desk } = await here.chat("Rita Refused");
  const { page } = desk;
  const form = page.locator(".write.reply");
  const items = form.locator(".tray li");
  await desk.reply.click();
  await form.locator(".attach input").setInputFiles([text("page.html", "<script>alert(1)</script>")]);
  await items.filter({ hasText: "not taken" }).waitFor();
  await form
    .locator(".attach input")
    .setInputFiles([{ name: "big.txt", mimeType: "text/plain", buffer: Buffer.alloc(11 * 2 ** 20) }]);
  await items.filter({ hasText: "Larger than 10 MB" }).waitFor();
  for (const item of await items.all()) assert.equal(await item.getByRole("alert").count(), 1);
  await items.first().getByRole("button", { name: "Remove" }).click();
  await items.first().getByRole("button", { name: "Remove" }).click();
  assert.equal(await items.count(), 0);

  let go;
  const held = new Promise((resolve) => {
    go = resolve;
  });
  await page.route("**/files", async (route) => {
    await held;
    await route.continue();
  });
  await form.locator(".attach input").setInputFiles([text("slow.txt"), text("never.txt")]);
  await items.filter({ hasText: "never.txt" }).getByRole("button", { name: "Cancel" }).click();
  await desk.reply.fill("with a slow one");
  await desk.reply.press("Enter");
  assert.equal(await items.getByRole("progressbar").count(), 1);
  assert.equal(await desk.entry("with a slow one").count(), 0);
  go();
  const entry = page.locator(".log .entry.from-staff", { hasText: "with a slow one" });
  await entry.locator(".file", { hasText: "slow.txt" }).waitFor();
  await page.unroute("**/files");

  await page.route("**/files", (route) => route.abort());
  await form.locator(".attach input").setInputFiles([text("again.txt")]);
  await items.getByRole("button", { name: "Try again" }).waitFor();
  await page.unroute("**/files");
  await items.getByRole("button", { name: "Try again" }).click();
  await items.getByRole("button", { name: "Remove again.txt" }).waitFor();
  here.looked = desk;
});

test("without script the form brings them itself", async () => {
  const plain = await here.agent("ana", { javaScriptEnabled: false });
  await plain.signIn();
  await plain.openChat("Paula Papers");
  const input = plain.page.locator(".write.reply .attach input");
  await input.setInputFiles([text("plain.txt")]);
  await plain.say("by form alone");
  const entry = plain.page.locator(".log .entry.from-staff", { hasText: "by form alone" });
  assert.equal(await entry.locator(".file bdi").textContent(), "plain.txt");
  await input.setInputFiles([text("page.txt", "<svg onload=alert(1)>")]);
  await plain.reply.fill("this stays");
  await plain.page.getByRole("button", { name: "Send reply" }).click();
  await plain.page.locator(".write.reply .problem", { hasText: "not taken" }).waitFor();
  assert.equal(await plain.reply.inputValue(), "this stays");
});

test("it looks like a part of the page, and fits a phone", async () => {
  const { page } = here.looked;
  const form = page.locator(".write.reply");
  const lamp = { name: "lamp.png", mimeType: "image/png", buffer: png(900, 600) };
  const show = async (what) => {
    for (const colorScheme of ["light", "dark"])
      for (const [width, height] of [
        [1440, 900],
        [390, 844],
      ]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height });
        await picture(page, `${what}-${colorScheme}-${width}`);
        assert.ok(
          (await page.evaluate(() => document.scrollingElement.scrollWidth)) <= width,
          `${what} at ${width} px`,
        );
      }
    await page.setViewportSize({ width: 1440, height: 900 });
  };
  await form.locator(".attach input").setInputFiles([lamp]);
  await page.locator(".tray li", { hasText: "lamp.png" }).getByRole("button", { name: "Remove lamp.png" }).waitFor();
  await page.locator(".write.reply textarea").fill("Here they are");
  await show("composer-files");
  await page.locator(".write.reply textarea").press("Enter");
  await page.locator(".log .picture img").last().waitFor();
  await show("log-files");
});

nothingWentWrong(here);
