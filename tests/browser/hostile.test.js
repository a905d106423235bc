// People and pages that mean harm: windows that pretend to be the shop, other origins with a stolen token, and texts
// that would like to run.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register } from "./house/shop.js";
import { until } from "./house/until.js";

/** An origin with nothing but what its pages are given. `localhost` and `127.0.0.1` are two sites to a browser. */
async function serve(pages, host = "localhost") {
  const server = createServer(({ url }, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(pages[url.split("?")[0]] ?? "<!doctype html><title>Empty</title>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://${host}:${server.address().port}`, close };
}

let shop;
let stranger;
const here = scene({
  async prepare({ demo }) {
    stranger = await serve({}, "127.0.0.1");
    const { site_key: key } = demo.known;
    shop = await serve({
      "/": `<!doctype html><title>Shop</title>
        <iframe id="panel" src="${demo.origin}/w/panel?site=${key}"></iframe>
        <iframe id="nested" src="/nested"></iframe><iframe id="stranger" src="${stranger.origin}/"></iframe>`,
      "/styles": `<!doctype html><html lang="en"><title>Shop</title>
        <style>html{font-size:62.5%} *{all:unset!important;font-size:7px!important} div,dialog,iframe{display:none!important}
          button,dialog,iframe,textarea{width:10px!important;height:10px!important;position:static!important}</style>
        <p>Nothing looks as it should.</p><script async src="${demo.origin}/w/${key}.js"></script>`,
    });
    await register(here, shop.origin);
  },
});
after(() => Promise.all([shop?.close(), stranger?.close()]));

/** Runs in a frame: greets the panel the way the loader does, or nearly. */
function greet([where, change]) {
  const { port1, port2 } = new MessageChannel();
  const answers = [];
  window.answers = answers;
  port1.onmessage = ({ data }) => answers.push(data.t);
  const hello = {
    deskbell: 1,
    referrer: "",
    kept: {},
    theme: { scheme: "light" },
    open: true,
    trail: [],
    context: {},
    ...change,
  };
  const panel = where === "own" ? document.querySelector("#panel").contentWindow : parent.frames[0];
  panel.postMessage(change === "junk" ? "junk" : hello, "*", change === "no port" ? [] : [port2]);
}

test("the panel obeys the shop's own window alone, in its own words alone", async () => {
  const page = await (await here.context(here.shops)).newPage();
  await page.goto(shop.origin);
  const named = (part) => page.frames().find((frame) => frame.url().startsWith(part));
  const panel = await until("the panel", () => named(`${here.demo.origin}/w/panel`));
  const isAwake = () => panel.locator("#panel").isVisible();
  const heard = () => panel.evaluate(() => new Promise((done) => setTimeout(done, 0)));
  await panel.evaluate(() => {
    window.heard = [];
    addEventListener("message", ({ origin }) => window.heard.push(origin));
  });
  await named(stranger.origin).evaluate(greet, ["parent", {}]);
  await named(`${shop.origin}/nested`).evaluate(greet, ["parent", {}]);
  await page.evaluate(greet, ["own", "junk"]);
  await page.evaluate(greet, ["own", "no port"]);
  await page.evaluate(greet, ["own", { deskbell: 2 }]);
  await page.evaluate(greet, ["own", { deskbell: "1" }]);
  await until("all six have arrived", async () => (await panel.evaluate(() => window.heard.length)) === 6);
  await heard();
  assert.deepEqual(await panel.evaluate(() => window.heard), [
    stranger.origin,
    ...Array.from({ length: 5 }, () => shop.origin),
  ]);
  assert.equal(await isAwake(), false);
  assert.deepEqual(await page.evaluate(() => window.answers), []);
  // It was listening all the time, and hears one greeting only.
  await page.evaluate(greet, ["own", {}]);
  await until("the panel is awake", isAwake);
  await page.evaluate(greet, ["own", {}]);
  await heard();
  assert.deepEqual(await page.evaluate(() => window.answers), []);
  await page.close();
});

test("a token that was stolen serves no page of another origin", async () => {
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Keep this between us", { name: "Vera Victim" });
  await shopper.isSent("Keep this between us");
  const [token, live] = await shopper.page.evaluate(() =>
    ["token", "live"].map((name) => Object.entries(localStorage).find(([key]) => key.endsWith(`.${name}`))[1]),
  );
  const mine = await fetch(`${here.demo.origin}/v1/shopper/conversations/${live}/events?limit=10`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.ok((await mine.text()).includes("Keep this between us"), "the token is good");
  const thief = await (await here.context(here.shops)).newPage();
  await thief.goto(stranger.origin);
  const tries = await thief.evaluate(
    async ([chat, key, stolen, conversation]) => {
      const headers = { authorization: `Bearer ${stolen}` };
      const read = (path, how) =>
        fetch(chat + path, { headers, signal: AbortSignal.timeout(5000), ...how }).then(
          async (answer) => `${answer.status} ${await answer.text()}`,
          ({ name }) => (name === "TimeoutError" ? "silent" : "refused"),
        );
      const body = JSON.stringify({ site: key, token: stolen, identity: null, locale: "en", page: {} });
      const socket = new Promise((done) => {
        const opening = new WebSocket(`${chat.replace("http", "ws")}/v1/shopper/socket`, "deskbell.v1");
        opening.onopen = () => done("opened");
        opening.onerror = () => done("refused");
      });
      return {
        history: await read(`/v1/shopper/conversations/${conversation}/events?limit=10`),
        session: await read("/v1/shopper/session", { method: "POST", body }),
        plain: await read("/v1/shopper/session", { method: "POST", body, headers: { "content-type": "text/plain" } }),
        stream: await read("/v1/shopper/events"),
        socket: await socket,
      };
    },
    [here.demo.origin, here.demo.known.site_key, token, live],
  );
  assert.deepEqual(Object.values(tries), Array(5).fill("refused"), JSON.stringify(tries));
  await thief.close();
});

test("an origin that is not on the list gets neither the panel nor a word of it", async () => {
  const page = await (await here.context(here.shops)).newPage();
  await page.goto(stranger.origin);
  await page.evaluate((src) => {
    window.words = [];
    addEventListener("message", ({ data }) => window.words.push(data));
    document.body.append(Object.assign(document.createElement("iframe"), { src }));
  }, `${here.demo.origin}/w/panel?site=${here.demo.known.site_key}`);
  const frame = await until("the frame has gone somewhere", () =>
    page.frames().find((one) => one !== page.mainFrame() && one.url()),
  );
  await until(
    "the browser has refused it",
    async () => !(await frame.locator("#panel").count()) && frame.url().startsWith("chrome-error"),
  );
  assert.deepEqual(await page.evaluate(() => window.words), []);
  page.context().faults.length = 0;
  await page.close();
});

const RUN = "top.__ran=1";
const TEXTS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<iframe src="javascript:${RUN}"></iframe>`,
  `<body onload="${RUN}">`,
  `<details open ontoggle="${RUN}">`,
  `<video><source onerror="${RUN}"></video>`,
  `<input autofocus onfocus="${RUN}">`,
  `<a href="javascript:${RUN}">tap</a>`,
  `javascript:${RUN}`,
  `https://shop.example/"onmouseover="${RUN}`,
  `https://shop.example/'><img src=x onerror=${RUN}>`,
  `mailto:a@b.example"onclick="${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `<!--><script>${RUN}</script>-->`,
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`,
  `<template><script>${RUN}</script></template>`,
  `<object data="javascript:${RUN}"></object>`,
  `<meta http-equiv="refresh" content="0;url=javascript:${RUN}">`,
  `<base href="https://evil.example/">`,
  `<style>*{display:none}</style>`,
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `\u202e<script>${RUN}</script>`,
  `<scr\u0000ipt>${RUN}</script>`.replace("\u0000", "\ufffd"),
];

const ran = async (places) => {
  const found = [];
  for (const place of places) found.push(await place.evaluate(() => window.__ran ?? null));
  return found.filter(Boolean);
};

test("nothing that a shopper writes runs, in the panel or in the console, and all of it is shown as written", async () => {
  const name = `<img src=x onerror="${RUN}">`;
  const { shopper, desk } = await here.chat("Xaver Xss", { agent: "emil", body: TEXTS[0] });
  for (const text of TEXTS.slice(1)) await shopper.write(text);
  await shopper.isSent(TEXTS.at(-1));
  await desk.entry(TEXTS.at(-1)).waitFor();
  const panel = await shopper.frame();
  const [said, read] = [await shopper.texts(), await desk.entries.allTextContents()];
  assert.deepEqual(said, TEXTS);
  assert.deepEqual(
    read.map((text) => text.trim()),
    TEXTS,
  );
  for (const page of [shopper.page, desk.page]) await page.mouse.move(640, 400);
  const strange = (roots) =>
    [...document.querySelectorAll(roots)].flatMap((root) =>
      [...root.querySelectorAll("*")]
        .filter(
          (node) =>
            !["A", "BR", "BDI", "MARK"].includes(node.tagName) ||
            /^(javascript|data):/i.test(node.getAttribute("href") ?? ""),
        )
        .map((node) => node.outerHTML),
    );
  assert.deepEqual(await panel.evaluate(strange, "#list .bubble"), []);
  assert.deepEqual(await desk.page.evaluate(strange, ".log .entry .text"), []);
  // Again from the server's pages: after a reload, in the list, and with such a name and such a draft.
  await shopper.composer.fill(TEXTS[1]);
  await shopper.page.reload();
  await shopper.bubble(TEXTS.at(-1)).waitFor();
  await desk.page.reload();
  await desk.entry(TEXTS.at(-1)).waitFor();
  const other = await here.shopper();
  await (await other.visit(here.demo.known.shop_url)).open();
  await other.begin(TEXTS[2], { name });
  await desk.page.goto(here.demo.known.console_url);
  await desk.row(name).waitFor();
  await picture(desk.page, "hostile-console");
  await picture(shopper.page, "hostile-panel");
  assert.deepEqual(await ran([shopper.page, await shopper.frame(), other.page, await other.frame(), desk.page]), []);
});

test("nothing that an agent writes runs at the shopper's", async () => {
  const { shopper, desk } = await here.chat("Nadja Nice", { agent: "farah" });
  const some = TEXTS.filter((text) => TEXTS.every((other) => other === text || !other.includes(text))).slice(0, 10);
  for (const text of some) await desk.say(text);
  await shopper.bubble(some.at(-1)).waitFor();
  assert.deepEqual((await shopper.texts()).slice(1), some);
  assert.deepEqual(await ran([shopper.page, await shopper.frame(), desk.page]), []);
  await desk.close();
});

test("a shop's style sheet changes nothing: 56 px in the corner, 400 px wide, 16 px to write in", async () => {
  const shopper = await here.shopper({ viewport: { width: 1280, height: 800 } });
  const { page } = shopper;
  await shopper.visit(`${shop.origin}/styles`);
  assert.deepEqual(await shopper.launcher.boundingBox(), { x: 1204, y: 724, width: 56, height: 56 });
  assert.equal(await shopper.launcher.evaluate((node) => getComputedStyle(node).position), "fixed");
  await shopper.open();
  await shopper.begin("Hello out of the ruins", { name: "Sty Sheet" });
  const box = await page.locator("deskbell-chat dialog").boundingBox();
  assert.deepEqual([box.width, box.height], [400, 680]);
  const panel = await shopper.frame();
  assert.equal(await panel.evaluate(() => innerWidth), 400);
  assert.equal(await shopper.composer.evaluate((node) => getComputedStyle(node).fontSize), "16px");
  assert.ok((await shopper.composer.boundingBox()).width > 200);
  await picture(page, "hostile-styles");
});

nothingWentWrong(here);
