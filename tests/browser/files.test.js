// Files in the panel: picked, pasted and dropped; on the way, refused, broken off and tried again; and what is left of
// a photograph when it leaves the browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";
import { Wire } from "./house/wire.js";

let wire;
const here = scene({
  isWhole: true,
  async prepare() {
    wire = await Wire.open();
  },
  tidy: () => wire?.close(),
});

const MB = 1024 * 1024;
const note = (name = "notes.txt", size = 600) => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from("A line of plain text.\n".repeat(Math.ceil(size / 22)).slice(0, size)),
});

/** A chat whose shopper reaches the server over the wire alone. */
async function wired(name, agent) {
  const chat = await here.chat(name, { agent, shopper: { proxy: wire.proxy } });
  const { panel } = chat.shopper;
  const tray = panel.locator("#tray li");
  return { ...chat, panel, tray, pick: (...files) => panel.locator("#files").setInputFiles(files) };
}

const arrived = (tray, name) =>
  until(`${name} has arrived`, async () => {
    const row = tray.filter({ hasText: name });
    return (await row.count()) === 1 && !(await row.locator("progress").isVisible());
  });

const said = (panel) => panel.locator("#status").textContent();

test("a file that is picked goes with the message, and the agent's side has it", async () => {
  const { shopper, desk, tray, pick } = await wired("Fiona File", "ana");
  await pick(note());
  await arrived(tray, "notes.txt");
  await shopper.write("Here are my notes");
  await shopper.isSent("Here are my notes");
  assert.equal(await tray.count(), 0);
  const link = shopper.mine.last().locator("a.file");
  await link.getByText("notes.txt").waitFor();
  await desk.entry("Here are my notes").waitFor();

  await shopper.page.reload();
  await shopper.bubble("Here are my notes").waitFor();
  const address = await link.evaluate((node) => node.href);
  const answer = await fetch(address);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-disposition"), /^attachment/);
  assert.equal(await answer.text(), note().buffer.toString());
  await desk.close();
});

test("a file may go without a word", async () => {
  const { shopper, desk, panel, tray, pick } = await wired("Willa Wordless", "ben");
  assert.ok(await panel.locator("#send").isDisabled());
  await pick(note("silent.txt"));
  await arrived(tray, "silent.txt");
  await panel.locator("#send").click();
  const row = shopper.mine.filter({ hasText: "silent.txt" });
  await row.locator(".state", { hasText: /^(Sent|Delivered|Seen)$/ }).waitFor();
  assert.ok(await row.locator(".bubble").isHidden());
  await desk.close();
});

test("an upload shows how far it is, moves nothing, and can be cancelled", async () => {
  const { desk, panel, tray, pick } = await wired("Paula Progress", "chen");
  // So slowly that the system does not hold the rest of it by the time it is cancelled.
  wire.pieceMs = 200;
  await pick(note("long.txt", 9 * MB));
  const bar = tray.locator("progress");
  const seen = new Set();
  await until("it advances", async () => {
    seen.add(await bar.evaluate((node) => node.value));
    return seen.size > 4;
  });
  const values = [...seen];
  assert.deepEqual(
    values,
    values.toSorted((a, b) => a - b),
  );
  await picture(panel.owner().page(), "widget-upload");
  const before = wire.uploads.length;
  await tray.getByRole("button", { name: "Remove long.txt" }).click();
  assert.equal(await tray.count(), 0);
  wire.pieceMs = 0;
  await pick(note("short.txt"));
  await arrived(tray, "short.txt");
  assert.equal(wire.uploads.length, before + 1, "what was cancelled never arrived");
  await desk.close();
});

test("what is sent while it is still on its way goes when it has arrived", async () => {
  const { shopper, desk, tray, pick } = await wired("Ida Impatient", "dalia");
  wire.pieceMs = 200;
  await pick(note("slow.txt", 2 * MB));
  await shopper.write("Sent before it was there");
  assert.equal(await shopper.bubble("Sent before it was there").count(), 0);
  wire.pieceMs = 0;
  await shopper.isSent("Sent before it was there");
  await shopper.mine.last().locator("a.file", { hasText: "slow.txt" }).waitFor();
  assert.equal(await tray.count(), 0);
  await desk.close();
});

test("11 MB, a picture nobody can read, and a sixth file are refused where one looks, and aloud", async () => {
  const { panel, tray, pick, desk } = await wired("Rita Refused", "emil");
  const told = panel.locator("#length");
  const before = wire.uploads.length;
  await pick(note("big.pdf", 11 * MB));
  await told.getByText(/big\.pdf is too large: at most 10/).waitFor();
  assert.match(await said(panel), /big\.pdf is too large/);
  assert.equal(await tray.count(), 0);

  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(400)]);
  await pick({ name: "IMG_1.HEIC", mimeType: "", buffer: heic });
  await told.getByText(/IMG_1\.HEIC cannot be read here\. Please send it as JPEG or PNG/).waitFor();
  assert.match(await said(panel), /IMG_1\.HEIC cannot be read/);
  assert.equal(wire.uploads.length, before, "nothing of it left the browser");

  await pick(...Array.from({ length: 6 }, (_, n) => note(`n${n}.txt`)));
  await told.getByText("At most 5 files at a time.").waitFor();
  await until("five are in", async () => (await tray.count()) === 5);
  await picture(panel.owner().page(), "widget-files-refused");
  await desk.close();
});

test("a file the server refuses says why, in the server's words", async () => {
  const { shopper, panel, tray, pick, desk } = await wired("Lia Lying", "farah");
  const program = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(200), Buffer.from("This program cannot be run")]);
  await pick({ name: "holiday.txt", mimeType: "text/plain", buffer: program });
  const row = tray.filter({ hasText: "holiday.txt" });
  await row.getByRole("button", { name: "Try again" }).waitFor();
  const why = await row.locator("small").textContent();
  assert.ok(why.length > 10 && why !== "Not sent", why);
  assert.match(await said(panel), /^holiday\.txt: /);
  await row.getByRole("button", { name: "Remove holiday.txt" }).click();
  await shopper.write("Then without it");
  await shopper.isSent("Then without it");
  await desk.close();
});

test("an upload that broke off is tried again, by hand and by the message that needs it", async () => {
  const { shopper, panel, tray, pick, desk } = await wired("Bella Broken", "ana");
  wire.cutsUploads = true;
  await pick(note("broken.txt"));
  const row = tray.filter({ hasText: "broken.txt" });
  await row.getByText("Not sent").waitFor();
  assert.match(await said(panel), /broken\.txt: Not sent/);
  wire.cutsUploads = false;
  await row.getByRole("button", { name: "Try again" }).click();
  await arrived(tray, "broken.txt");
  wire.cutsUploads = true;
  await pick(note("other.txt"));
  await tray.filter({ hasText: "other.txt" }).getByText("Not sent").waitFor();
  wire.cutsUploads = false;
  await shopper.write("Both of them");
  await shopper.isSent("Both of them");
  assert.equal(await shopper.mine.last().locator("a.file").count(), 2);
  await desk.close();
});

test("a message with a file that is written offline goes once the network is back", async () => {
  const { shopper, desk, tray, pick } = await wired("Olaf Offline", "ben");
  await shopper.page.context().setOffline(true);
  await pick(note("later.txt"));
  await tray.getByText("Not sent").waitFor();
  await shopper.write("When the train is out of the tunnel");
  await shopper.page.context().setOffline(false);
  await shopper.isSent("When the train is out of the tunnel");
  await shopper.mine.last().locator("a.file", { hasText: "later.txt" }).waitFor();
  await desk.entry("When the train is out of the tunnel").waitFor();
  assert.equal(await desk.entry("When the train is out of the tunnel").count(), 1);
  await desk.close();
});

test("files that were not sent are missed aloud after a reload", async () => {
  const { shopper, panel, tray, pick, desk } = await wired("Flora Forgotten", "chen");
  await pick(note("lost.txt"));
  await arrived(tray, "lost.txt");
  await shopper.composer.fill("With a text beside it");
  await until("the text is kept", () =>
    shopper.page.evaluate(() => Object.keys(localStorage).some((k) => /draft$/.test(k))),
  );
  await shopper.page.reload();
  await panel.locator("#length", { hasText: "Please attach them again" }).waitFor();
  assert.match(await said(panel), /attach them again/);
  assert.equal(await shopper.composer.inputValue(), "With a text beside it");
  await shopper.page.reload();
  await shopper.composer.waitFor();
  assert.ok(await panel.locator("#length").isHidden(), "it is said once");
  await desk.close();
});

const PLACE = "52.5200N13.4050E";

/** A JPEG of 3,000 by 2,000 pixels that lies on its side, with a place in its EXIF. */
async function photograph(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 3000, height: 2000 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#27607a";
    pen.fillRect(0, 0, 3000, 2000);
    pen.fillStyle = "#e8b04a";
    pen.fillRect(0, 0, 900, 600);
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  const jpeg = Buffer.from(url.split(",")[1], "base64");
  const tiff = Buffer.from("49492a0008000000010012010300010000000600000000000000", "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0"), tiff, Buffer.from(PLACE)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

test("a photograph leaves without its place, upright, and no larger than it is looked at", async () => {
  const { shopper, desk, tray, pick } = await wired("Phil Photo", "dalia");
  const photo = await photograph(shopper.page);
  assert.ok(photo.includes(PLACE));
  await pick({ name: "garden.jpg", mimeType: "image/jpeg", buffer: photo });
  await arrived(tray, "garden.jpg");
  const sent = wire.uploads.at(-1);
  assert.ok(sent.includes("garden.jpg") && !sent.includes(PLACE) && !sent.includes("Exif"));
  await shopper.write("The corner of the garden");
  await shopper.isSent("The corner of the garden");
  const img = shopper.mine.last().locator("a.file img");
  await until("it is drawn", () => img.evaluate((node) => node.naturalWidth > 0));
  const size = await img.evaluate((node) => [node.naturalWidth, node.naturalHeight]);
  assert.deepEqual(size, [1365, 2048]);
  await picture(shopper.page, "widget-photo");

  // From the server it comes by an address of its own, into a place that is kept for it.
  let release;
  const held = new Promise((done) => {
    release = done;
  });
  await shopper.page.route("**/files/**", async (route) => {
    await held;
    await route.continue();
  });
  await shopper.page.reload();
  await shopper.bubble("The corner of the garden").waitFor();
  const before = await img.boundingBox();
  release();
  await until("the picture is there", () => img.evaluate((node) => node.complete && node.naturalWidth > 0));
  const after = await img.boundingBox();
  assert.deepEqual([after.width, after.height], [before.width, before.height]);
  assert.ok(Math.abs(after.height - 240) <= 1 && Math.abs(after.width - 160) <= 1, JSON.stringify(after));
  await desk.close();
});

test("a pasted picture gets a name of its own, a dropped file is taken, and one beside the field as well", async () => {
  const { shopper, desk, panel, tray } = await wired("Pia Paste", "emil");
  const give = (kind, target) =>
    target.evaluate(async (node, kind) => {
      const data = new DataTransfer();
      if (kind === "paste") {
        const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
        const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
        data.items.add(new File([blob], "image.png", { type: "image/png" }));
        node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        return;
      }
      data.items.add(new File(["dropped text"], "dropped.txt", { type: "text/plain" }));
      node.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, kind);
  await give("paste", shopper.composer);
  await until("the pasted picture is named", async () => /^\d{14}\.png/.test(await tray.first().textContent()));
  await give("drop", panel.locator("#log"));
  await arrived(tray, "dropped.txt");
  await shopper.write("Two more");
  await shopper.isSent("Two more");
  await desk.close();
});

nothingWentWrong(here);
