// The chat below a path of the shop's own address, through the nginx that widget/README.md shows.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Nginx } from "./house/nginx.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { register } from "./house/shop.js";

let shop;
let nginx;
const here = scene({
  async prepare({ demo }) {
    shop = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html; charset=utf-8");
      answer.setHeader(
        "content-security-policy",
        "default-src 'none'; script-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
      answer.end(`<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>
<script async src="/_chat/w/${demo.known.site_key}.js"></script></html>`);
    });
    await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
    nginx = await Nginx.before(new URL(demo.origin).host, `127.0.0.1:${shop.address().port}`);
    await register(here, nginx.origin);
  },
  async tidy() {
    await nginx?.stop();
    shop?.close();
  },
});

const chatIn = (page) => page.frames().find((one) => one.url().includes("/w/panel"));

test("a chat through the shop's own address asks nobody else, and a cookie brings it back when storage is gone", async () => {
  const desk = await here.agent("ana");
  await (await desk.signIn()).beAvailable();
  const shopper = await here.shopper();
  const { page } = shopper;
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("websocket", (socket) => asked.push(socket.url()));
  await shopper.visit(nginx.origin);
  await shopper.open();
  await shopper.begin("Through the shop", { name: "Fanny First" });
  await desk.openChat("Fanny First");
  await desk.say("Hello, shop");
  await shopper.bubble("Hello, shop").waitFor();
  const host = new URL(nginx.origin).host;
  assert.deepEqual(
    asked.filter((url) => new URL(url).host !== host),
    [],
  );
  assert.ok(asked.includes(`ws://${host}/_chat/v1/shopper/socket`), asked.join());
  assert.equal(new URL(chatIn(page).url()).pathname, "/_chat/w/panel");

  const cookies = await page.context().cookies(`${nginx.origin}/_chat/v1/shopper/session`);
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path })),
    [{ httpOnly: true, sameSite: "Lax", path: "/_chat/v1/shopper" }],
  );
  assert.deepEqual(await page.context().cookies(nginx.origin), [], "the shop itself is sent nothing");

  // As a browser does after a week without a visit.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await shopper.open();
  await shopper.bubble("Hello, shop").waitFor();
  assert.deepEqual(await shopper.texts(), ["Through the shop", "Hello, shop"]);

  await page.evaluate(() => window.deskbell("logout"));
  await shopper.start.waitFor();
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await shopper.open();
  await shopper.start.waitFor();
  assert.equal(await shopper.bubbles.count(), 0, "who signed out is not brought back");
  await desk.close();
});

test("of Deskbell the shop's address shows the widget's parts alone", async () => {
  for (const path of ["/_chat/", "/_chat/console", "/_chat/admin/sites", "/_chat/metrics", "/_chat/v1/agent/session"]) {
    assert.equal((await fetch(nginx.origin + path)).status, 404, path);
  }
  const answer = await fetch(`${nginx.origin}/_chat/w/${here.demo.known.site_key}.js`);
  assert.equal(answer.status, 200);
});

nothingWentWrong(here);
