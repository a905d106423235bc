// The widget in storefronts as they are: real themes under everything that shops do to their pages. On each the launcher
// stands painted in its corner, opens, a shopper and an agent talk, and the page reports nothing that it does not report
// without the widget.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { startBot } from "./house/bot.js";
import { openContext, picture } from "./house/browser.js";
import { Mall } from "./house/mall.js";
import { pixels } from "./house/pixels.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register } from "./house/shop.js";
import { Shopper } from "./house/shopper.js";
import { troubles } from "./house/troubles.js";
import { PATIENCE, until } from "./house/until.js";

// In the launcher's circle and outside its icon.
const SPOTS = [
  [28, 6],
  [28, 50],
  [7, 28],
  [49, 28],
];
const WINDOW = { width: 1280, height: 860 };
const rows = [];
let mall;
let color;

const here = scene({
  async prepare({ demo }) {
    mall = await Mall.open(demo.origin, demo.known.site_key, troubles);
    await register(here, mall.origin);
    for (const name of ["ana", "ben", "chen", "dalia"]) await startBot(here, name);
    const script = await (await fetch(`${demo.origin}/w/${demo.known.site_key}.js`)).text();
    color = script
      .match(/"color":"#(..)(..)(..)"/)
      .slice(1)
      .map((part) => Number.parseInt(part, 16));
  },
  tidy: () => mall?.close(),
});

/** A page of its own browser context, and everything that it complains about. */
async function visit(kind, { name, prepare }, how) {
  const context = await openContext(here.shops, { viewport: WINDOW, ...how });
  const page = await context.newPage();
  const complaints = [];
  const hear = (what) => complaints.push(what.replaceAll(/\/(with|bare)\//g, "/"));
  page.on("pageerror", (problem) => hear(`uncaught: ${problem.message}`));
  page.on("console", (message) => message.type() === "error" && hear(`console: ${message.text()}`));
  await prepare?.({ page });
  await page.goto(`${mall.origin}/${kind}/${name}/`);
  return { page, complaints, close: () => context.close() };
}

/** What the same page says without the widget. */
async function complaintsWithout(trouble) {
  const bare = await visit("bare", trouble);
  await bare.page.waitForLoadState("networkidle");
  await bare.close();
  return bare.complaints;
}

function added(complaints, before) {
  const rest = [...before];
  return complaints.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** 56 by 56, 20 from the corner, and of the configured colour in what is really on the screen. */
async function stands({ page }, launcher, edge) {
  const box = await until("the launcher stands still in its corner", async () => {
    const found = await launcher.boundingBox();
    return found?.width > 0 && found;
  });
  const wanted = { x: edge.x + edge.width - 76, y: edge.y + edge.height - 76, width: 56, height: 56 };
  assert.deepEqual(Object.fromEntries(Object.entries(box).map(([side, at]) => [side, Math.round(at)])), wanted);
  await until(`the launcher is painted in ${color}`, async () => {
    const shot = pixels(await page.screenshot());
    return SPOTS.every(([x, y]) =>
      shot.at(wanted.x + x, wanted.y + y).every((part, at) => Math.abs(part - color[at]) < 24),
    );
  });
}

async function edgeOf({ page }, frame) {
  if (!frame) return { x: 0, y: 0, ...WINDOW };
  return page.locator("body > iframe").boundingBox();
}

const shopperIn = ({ page }, frame) => new Shopper(page, frame ? page.frameLocator("body > iframe") : page);

async function talks(shopper, { name, lang = "en", patience = PATIENCE, isXml }) {
  await shopper.launcher.click();
  // Playwright knows an IFRAME, and no iframe.
  if (isXml) Object.assign(shopper, new Shopper(shopper.page, shopper.page, await shopper.frame()));
  await shopper.panel.locator("#panel").waitFor();
  await shopper.panel.locator(`html[lang=${lang}]`).waitFor({ state: "attached" });
  await shopper.start.waitFor();
  await shopper.start.locator("textarea").fill(`Is ${name} open?`);
  await shopper.start.locator("button.primary").click();
  const answered = `Answer to: Is ${name} open?`;
  await shopper.bubble(answered).waitFor({ timeout: patience });
  return answered;
}

async function offline(shopper) {
  await shopper.launcher.click();
  await shopper.page.locator("deskbell-chat [role=alert]").waitFor({ timeout: 15_000 });
}

async function survives(trouble) {
  const { name, expects = "launcher", frame } = trouble;
  const before = await complaintsWithout(trouble);
  const visited = await visit("with", trouble);
  const shopper = shopperIn(visited, frame);
  let note = "";
  try {
    if (expects === "nothing") {
      await visited.page.waitForLoadState("networkidle");
      assert.equal(await visited.page.locator("deskbell-chat").count(), 0);
      note = "forbidden by the page";
    } else {
      await shopper.launcher.waitFor();
      await stands(visited, shopper.launcher, await edgeOf(visited, frame));
      if (expects === "card") {
        await offline(shopper);
        note = "says that it is offline";
      } else {
        const answered = await talks(shopper, trouble);
        await visited.page.mouse.move(200, 300);
        await visited.page.mouse.wheel(0, 500);
        if (!frame) await stands(visited, shopper.launcher, await edgeOf(visited));
        note = (await trouble.act?.({ shopper, answered })) ?? "";
        await shopper.write("Goodbye");
        await shopper.ended.locator("h2").waitFor();
      }
    }
  } catch (problem) {
    await picture(visited.page, `storefront-${name}`).catch(() => {});
    rows.push([name, "LOST", String(problem.message).split("\n")[0]]);
    throw problem;
  }
  const ours = added(visited.complaints, before).filter(
    (text) => expects === "launcher" || !/Content Security Policy/.test(text),
  );
  await visited.close();
  rows.push([name, expects === "launcher" ? "talks" : note, `${ours.length} errors of ours`, note]);
  assert.deepEqual(ours, []);
}

after(() => {
  for (const row of rows)
    console.log(
      `storefront ${row
        .map((cell) => cell.padEnd(32))
        .join(" ")
        .trim()}`,
    );
  console.log(`storefronts pages=${rows.length} lost=${rows.filter(([, how]) => how === "LOST").length}`);
});

describe("storefronts", { concurrency: 3 }, () => {
  for (const trouble of troubles) test(trouble.name, () => survives(trouble));
});

nothingWentWrong(here);
