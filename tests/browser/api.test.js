// What a shop's page may ask of the widget: before it has loaded and after, with sense and without.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Agent } from "./house/agent.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register } from "./house/shop.js";
import { until } from "./house/until.js";

const queue = "window.deskbell||(deskbell=function(){(deskbell.q=deskbell.q||[]).push(arguments)});";
let pages;
let origin;

/** A shop whose pages are what the test says: `head` before the widget, `tag` in its place. */
function serve() {
  const server = createServer(({ url }, answer) => {
    const { pathname, searchParams } = new URL(url, "http://shop");
    const { head = "", tag } = pages[pathname] ?? {};
    answer.setHeader("content-type", "text/html; charset=utf-8");
    const script = tag ?? `<script async src="${here.demo.origin}/w/${here.demo.known.site_key}.js"></script>`;
    answer.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page ${pathname}</title>
<script>window.seen = [];${head}</script></head><body><h1>${searchParams.get("q") ?? "Shop"}</h1>
<button data-chat-open id="talk">Talk to us</button>${script}</body></html>`);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

let server;
const here = scene({
  async prepare() {
    pages = {};
    server = await serve();
    origin = `http://localhost:${server.address().port}`;
    await register(here, origin);
  },
  tidy: () => server?.close(),
});

const ask = ({ page }, fn, value) => page.evaluate(fn, value);

test("calls before the script has come run in order, and open is told once", async () => {
  pages["/queued"] = {
    head: `${queue}
for (const name of ["ready", "open", "close", "state"]) deskbell("on", name, (detail) => seen.push([name, detail]));
deskbell("setLocale", "de");
deskbell("setTheme", { scheme: "dark", "--c-primary": "#7a3fb5", position: "static", "--c-primary-evil": "red" });
deskbell("open", { text: "Wo ist meine Lampe?" });
deskbell("nonsense", 1); deskbell("constructor", "seen.push('code')"); deskbell("__proto__"); deskbell();`,
  };
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/queued`);
  await shopper.start.waitFor();
  const frame = await shopper.frame();
  assert.equal(await frame.evaluate(() => document.documentElement.lang), "de");
  assert.equal(await shopper.start.locator("textarea").inputValue(), "Wo ist meine Lampe?");
  const color = await shopper.launcher.evaluate((node) => getComputedStyle(node).backgroundColor);
  assert.equal(color, "rgb(122, 63, 181)");
  const seen = await ask(shopper, () => window.seen);
  assert.deepEqual(
    seen.map(([name]) => name).filter((name) => name !== "state"),
    ["ready", "open"],
  );
  assert.ok(seen.some(([name, state]) => name === "state" && state === "start"));
  assert.ok(!seen.includes("code"));
});

test("what makes no sense harms neither the page nor the chat", async () => {
  pages["/odd"] = {};
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/odd`);
  const polluted = await ask(shopper, () => {
    const { deskbell } = window;
    const evil = JSON.parse('{"__proto__":{"p":1},"constructor":{"prototype":{"p":1}}}');
    for (const name of ["setTheme", "setFields", "setCart", "identify", "page", "open", "track"]) deskbell(name, evil);
    deskbell("close");
    deskbell("on", "__proto__", () => {});
    deskbell("on", "constructor", () => {});
    deskbell("on", "open", () => {
      throw new Error("the shop's own mistake");
    });
    deskbell("on", "open", "no function");
    for (const name of Object.keys(deskbell))
      if (!["destroy", "logout", "consent"].includes(name)) deskbell[name](null);
    deskbell.setCart({ items: [() => {}] });
    deskbell.setFields({ node: document.body });
    deskbell.setTheme({ scheme: () => {} });
    deskbell.identify({});
    deskbell.close();
    return [{}.p, [].p, deskbell.p];
  });
  assert.deepEqual(
    polluted,
    [null, null, null].map(() => undefined),
  );
  await shopper.page.locator("#talk").click();
  await shopper.start.waitFor();
});

test("an event handed over as an argument opens the chat, and a bad statement is told", async () => {
  pages["/handler"] = {
    head: `${queue}deskbell("on", "error", (detail) => seen.push(detail));deskbell("identify", { token: "a.b.c" });`,
  };
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/handler`);
  await ask(shopper, () => document.querySelector("h1").addEventListener("click", window.deskbell.open));
  await shopper.page.locator("h1").click();
  await shopper.start.waitFor();
  await until("the page hears of it", async () =>
    (await ask(shopper, () => window.seen)).some(({ code }) => code === "identity"),
  );
  assert.equal(await shopper.start.getByLabel("Message").evaluate((node) => node.ownerDocument.hasFocus()), true);
});

test("pages, cart, fields and what is tracked come to the agent when there is a chat, without queries", async () => {
  pages["/spa"] = {};
  const desk = await here.agent("ana");
  await (await desk.signIn()).beAvailable();
  const shopper = await here.shopper();
  const told = [];
  shopper.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => told.push(String(payload))));
  await shopper.visit(`${origin}/spa?secret=1`);
  await ask(shopper, async () => {
    for (let n = 1; n <= 5; n++) history.pushState({}, "", `/spa/${n}?token=geheim#x`);
    window.deskbell.track("added to cart", { sku: "L-1" });
    window.deskbell.setCart({
      items: [{ title: "Arc lamp", qty: 2, price: 40, currency: "EUR" }],
      total: 80,
      currency: "EUR",
    });
    window.deskbell.setFields({ plan: "Gold" });
  });
  await shopper.open();
  await shopper.start.waitFor();
  assert.ok(!told.some((frame) => frame.includes('"context"')), "nothing is told before there is a chat");
  await shopper.begin("Tell me more", { name: "Paula Pages" });
  await desk.openChat("Paula Pages");
  const card = desk.page.locator(".context .cards");
  await until("all of it is there", async () => {
    await desk.page.reload();
    return /Gold/.test(await card.textContent().catch(() => "")) && (await card.locator(".pages li").count()) >= 8;
  });
  const list = await card.locator(".pages li").allTextContents();
  const links = await card.locator(".pages a").evaluateAll((all) => all.map(({ href }) => href));
  assert.equal(list[0], 'added to cart {"sku":"L-1"}');
  const expected = [5, 4, 3, 2, 1].map((n) => `${origin}/spa/${n}`);
  assert.deepEqual(links.slice(0, 6), [...expected, `${origin}/spa`]);
  assert.match(await card.textContent(), /Arc lamp.*2 × 40 EUR.*80 EUR/s);
  assert.ok(!told.some((frame) => /geheim|secret/.test(frame)), "no query left the browser");
  assert.equal(await ask(shopper, () => Object.hasOwn(history, "pushState")), false);
  await desk.close();
});

test("of a query only what the site names stays in the trail", async () => {
  const owner = new Agent(await (await here.context(here.desks)).newPage(), here.demo, "hugo");
  await owner.signIn();
  await owner.page.goto(`${here.demo.origin}/admin/sites`);
  await owner.page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await owner.page.getByRole("link", { name: "Widget", exact: true }).click();
  await owner.page.getByLabel("Query kept").fill("q, a.b");
  await owner.page.getByRole("button", { name: "Save" }).click();
  await owner.page.getByText("Saved.").waitFor();
  pages["/kept"] = {};
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/kept?q=lamp`);
  const lines = await ask(shopper, () => {
    const all = ["?x=1", "?token=s&q=2&y=3", "?a.b=1&acb=s", "?q=1&q=2", "?xq=s", "?q", ""];
    for (const query of all) history.pushState({}, "", `/kept/${all.indexOf(query)}${query}`);
    return Object.entries(sessionStorage)
      .find(([key]) => key.endsWith(".trail"))[1]
      .split("\n");
  });
  const paths = lines.map((line) => line.split(" ")[0].slice(origin.length));
  const expected = [
    "/kept?q=lamp",
    "/kept/0",
    "/kept/1?q=2&",
    "/kept/2?a.b=1&",
    "/kept/3?q=1&q=2",
    "/kept/4",
    "/kept/5",
    "/kept/6",
  ];
  assert.deepEqual(paths, expected);
});

test("a browser without the Navigation API is followed too, and gets its history back", async () => {
  pages["/old"] = { head: "window.push = history.pushState; delete window.navigation; window.navigation = undefined;" };
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/old`);
  const [wrapped, lines, back] = await ask(shopper, () => {
    const isWrapped = history.pushState !== window.push;
    history.pushState({}, "", "/old/1");
    history.pushState({}, "", "/old/2");
    const kept = Object.entries(sessionStorage).find(([key]) => key.endsWith(".trail"))[1];
    window.deskbell.destroy();
    history.pushState({}, "", "/old/3");
    return [isWrapped, kept, history.pushState === window.push];
  });
  assert.deepEqual([wrapped, back], [true, true]);
  const paths = lines.split("\n").map((line) => new URL(line.split(" ")[0]).pathname);
  assert.deepEqual(paths, ["/old", "/old/1", "/old/2"]);
});

test("twenty times embedded and taken out again leaves nothing behind, and the next one chats", async () => {
  pages["/cycle"] = { tag: "" };
  const desk = await here.agent("farah");
  await (await desk.signIn()).beAvailable();
  const shopper = await here.shopper();
  await shopper.page.goto(`${origin}/cycle`);
  const devtools = await shopper.page.context().newCDPSession(shopper.page);
  await devtools.send("Performance.enable");
  const count = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name).value;
    return { nodes: of("Nodes"), listeners: of("JSEventListeners"), documents: of("Documents"), frames: of("Frames") };
  };
  const embed = (src) =>
    new Promise((done) => {
      const tag = document.createElement("script");
      tag.src = src;
      tag.onload = () => {
        window.deskbell.on("ready", done);
        tag.remove();
      };
      document.body.append(tag);
    });
  const src = `${here.demo.origin}/w/${here.demo.known.site_key}.js`;
  const cycle = async () => {
    await shopper.page.evaluate(embed, src);
    await shopper.page.evaluate(() => window.deskbell.open());
    await shopper.panel.locator("#panel").waitFor();
    await shopper.page.evaluate(() => window.deskbell.destroy());
  };
  await cycle();
  const before = await count();
  for (let n = 0; n < 20; n++) await cycle();
  const after = await until("what was used is given back", async () => {
    const now = await count();
    return now.nodes <= before.nodes + 20 && now.listeners <= before.listeners + 5 && now.frames <= before.frames
      ? now
      : null;
  });
  console.log(`cycles=20 before=${JSON.stringify(before)} after=${JSON.stringify(after)}`);
  assert.equal(await ask(shopper, () => typeof window.deskbell), "undefined");
  // It was open when it was taken out, so it opens again.
  await shopper.page.evaluate(embed, src);
  await shopper.begin("Still alive?", { name: "Cyril Cycle" });
  await desk.openChat("Cyril Cycle");
  await desk.say("Quite.");
  await shopper.bubble("Quite.").waitFor();
  await desk.close();
});

test("after logout nothing of the shopper is left, in any tab", async () => {
  pages["/plain"] = {};
  const { shopper, desk } = await here.chat("Lola Logout", { agent: "ben", body: "My secret" });
  const { page } = shopper;
  const other = await page.context().newPage();
  await other.goto(here.demo.known.shop_url);
  await until("the other tab shows the chat", async () => (await other.frames()).length > 1);
  const kept = () => Object.entries(localStorage).find(([key]) => key.endsWith(".token"))[1];
  const token = await page.evaluate(kept);
  await page.evaluate(() => window.deskbell("logout"));
  await until("both tabs forget", async () => {
    const left = await other.evaluate(() =>
      Object.entries(localStorage).filter(([key, value]) => key.startsWith("deskbell.") && value),
    );
    return left.every(([key, value]) => key.endsWith(".open") || (key.endsWith(".token") && value !== token));
  });
  await other.close();
  await desk.close();
});

test("before consent nothing is stored and no frame is loaded, and what was given can be taken back", async () => {
  const src = `${here.demo.origin}/w/${here.demo.known.site_key}.js`;
  pages["/consent"] = { head: queue, tag: `<script async src="${src}" data-consent="wait"></script>` };
  const shopper = await here.shopper();
  const { page } = await shopper.visit(`${origin}/consent`);
  const kept = () => page.evaluate(() => Object.keys(localStorage).length + Object.keys(sessionStorage).length);
  const frames = () => page.locator("deskbell-chat iframe").count();
  await shopper.launcher.hover();
  await shopper.launcher.click();
  await page.waitForLoadState("networkidle");
  assert.deepEqual([await kept(), await frames()], [0, 0]);
  await page.evaluate(() => window.deskbell("consent", true));
  await shopper.start.waitFor();
  assert.ok((await kept()) > 0, "the open flag and the token");
  await page.evaluate(() => window.deskbell("consent", false));
  await until("all of it is gone", async () => (await frames()) === 0);
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("deskbell.")));
  assert.deepEqual(left, []);
});

test("a page cannot speak for the shopper without a click of theirs", async () => {
  // From the page's own script: what a test evaluates counts as the shopper's gesture.
  pages["/send"] = { head: `${queue}deskbell("on", "ready", () => seen.push(deskbell("send", "Buy my house")));` };
  const shopper = await here.shopper();
  await shopper.visit(`${origin}/send`);
  await shopper.page.waitForLoadState("networkidle");
  assert.equal(await shopper.page.locator("deskbell-chat iframe").count(), 0);
  await ask(shopper, () =>
    document.querySelector("h1").addEventListener("click", () => window.deskbell("send", "Where is it?")),
  );
  await shopper.page.locator("h1").click();
  await until(
    "it waits in the form",
    async () => (await shopper.start.locator("textarea").inputValue()) === "Where is it?",
  );
});

test("the pinned loader needs no more than its attributes, and a changed one is refused", async () => {
  const owner = new Agent(await (await here.context(here.desks)).newPage(), here.demo, "hugo");
  await owner.signIn();
  await owner.page.goto(`${here.demo.origin}/admin/sites`);
  await owner.page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await owner.page.getByRole("link", { name: "Widget", exact: true }).click();
  const tag = await owner.page.getByLabel(/^Pinned/).inputValue();
  assert.match(tag, /integrity="sha384-[A-Za-z0-9+/]{64}"/);
  pages["/pinned"] = { tag: tag.replace("data-site", 'data-locale="fr" data-side="left" data-site') };
  const shopper = await here.shopper();
  const { page } = await shopper.visit(`${origin}/pinned`);
  assert.ok((await shopper.launcher.boundingBox()).x < 100);
  await shopper.open();
  await shopper.start.waitFor();
  assert.equal(await (await shopper.frame()).evaluate(() => document.documentElement.lang), "fr");
  const src = /src="([^"]+)"/.exec(tag)[1];
  const answer = await fetch(src);
  assert.match(answer.headers.get("cache-control"), /immutable/);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.equal(answer.headers.get("cross-origin-resource-policy"), "cross-origin");
  assert.equal((await fetch(src.replace(/loader\.\w{4}/, "loader.0000"))).status, 404);
  pages["/changed"] = { tag: tag.replace(/sha384-.{8}/, "sha384-AAAAAAAA") };
  await page.goto(`${origin}/changed`);
  await page.waitForLoadState("networkidle");
  assert.equal(await page.evaluate(() => typeof window.deskbell), "undefined");
});

nothingWentWrong(here);
