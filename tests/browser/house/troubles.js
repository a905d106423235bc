// What shops' pages do to a widget: each trouble is genuine, and each page is a real theme that suffers from it.
//
// `script` runs first in the page, `css` and `libraries` come after the theme's; `expects` is what a shopper finds:
// a launcher (unless told otherwise), a card that says the chat is offline, or nothing. `act` is what else must hold.

import assert from "node:assert/strict";
import { until } from "./until.js";

const ITEM = "shop-item";
const SMALL = "small-business";

const strict = (nonce, chat) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    `frame-src ${chat}`,
    "base-uri 'none'",
  ].join("; ");

const listed = (_, chat) => `script-src 'self' ${chat}; frame-src ${chat}; style-src 'self'; connect-src 'self'`;

const launcherCount = ({ page }) => page.locator("deskbell-chat").count();

const plain = [{ name: "shop-homepage" }, { name: "shop-item", theme: ITEM }, { name: "small-business", theme: SMALL }];

const policies = [
  { name: "csp-nonce-strict-dynamic", policy: strict, hasNonce: true },
  { name: "csp-allow-list", theme: ITEM, policy: listed },
  {
    name: "trusted-types",
    theme: SMALL,
    hasNonce: true,
    policy: (nonce, chat) => `${strict(nonce, chat)}; require-trusted-types-for 'script'; trusted-types 'none'`,
  },
  {
    name: "csp-forbids-the-script",
    policy: (_, chat) => `script-src 'self'; frame-src ${chat}; style-src 'self'`,
    expects: "nothing",
  },
  {
    name: "csp-forbids-the-frame",
    theme: ITEM,
    policy: (_, chat) => `script-src 'self' ${chat}; frame-src 'self'; style-src 'self'`,
    expects: "card",
  },
];

const styles = [
  { name: "css-unset-everything", css: "*{all:unset!important}" },
  {
    name: "css-hides-everything",
    theme: ITEM,
    css: "div{display:none}iframe,dialog,button,body>*:not(nav,section){display:none!important;visibility:hidden!important}",
  },
  { name: "css-root-62.5%", theme: SMALL, css: "html{font-size:62.5%}*{font-size:1rem!important}" },
  { name: "css-body-transform", css: "body{transform:translateZ(0)}" },
  { name: "css-body-contain", theme: ITEM, css: "body{contain:layout paint;overflow:hidden}" },
  { name: "css-body-filter", theme: SMALL, css: "body{filter:saturate(1.1)}" },
  { name: "css-html-transform", css: "html{transform:scale(1)}" },
  { name: "css-html-filter", theme: ITEM, css: "html{will-change:transform;filter:contrast(1)}" },
  {
    name: "css-inherited-nonsense",
    css: "html,body{pointer-events:none;color:transparent;font:0/0 a;cursor:none;direction:rtl;visibility:hidden;user-select:none}",
  },
  {
    name: "css-bar-on-top",
    theme: ITEM,
    css: "#bar{position:fixed;inset:0 0 auto;height:64px;z-index:2147483647;background:#222;color:#fff}",
    foot: '<p id="bar">Free delivery today</p>',
  },
  {
    name: "css-bar-over-the-corner",
    css: "#bar{position:fixed;inset:auto 0 0;height:120px;z-index:2147483647;background:#222;color:#fff}",
    foot: '<p id="bar">We use cookies</p>',
  },
  {
    name: "css-inner-scroller",
    theme: SMALL,
    css: "html,body{height:100%;overflow:hidden}body{overflow-y:scroll;scroll-snap-type:y mandatory}",
  },
];

const libraries = [
  { name: "prototype-1.7", libraries: ["prototype"] },
  { name: "mootools-1.4", theme: ITEM, libraries: ["mootools", "mootools-more"] },
  {
    name: "requirejs",
    theme: SMALL,
    libraries: ["require"],
    // The theme's own Bootstrap is an anonymous module, which RequireJS refuses now and then.
    change: (html) => html.replace(/<script[^>]*bootstrap.js"><\/script>/, ""),
    foot: '<script>define("shop", [], () => 1);require(["shop"])</script>',
  },
  { name: "zone.js", libraries: ["zone"] },
  {
    name: "angularjs",
    theme: ITEM,
    libraries: ["angular"],
    change: (html) => html.replace("<html", '<html ng-app=""').replace("<h1", '<i hidden="hidden">{{1+1}}</i><h1'),
  },
  {
    name: "turbo",
    libraries: ["turbo"],
    foot: '<a id="onward" href="./second">Second page</a>',
    act: movesOn,
  },
  {
    name: "swup",
    theme: ITEM,
    libraries: ["swup"],
    change: (html, rest) =>
      html
        .replace("<section", `<main id="swup" class="transition-main"><p>${rest}</p><section`)
        .replace(/<\/section>(?![\s\S]*<\/section>)/, '<a id="onward" href="./second">Second page</a></section></main>')
        .replace("</body>", "<script>new Swup({ animationSelector: false })</script></body>"),
    act: movesOn,
  },
];

/** Another page without a load: the same chat, once, in the same frame. */
async function movesOn({ shopper, answered }) {
  const { page } = shopper;
  const frame = await shopper.frame();
  await frame.evaluate(() => {
    window.sameDocument = true;
  });
  await page.locator("#onward").evaluate((link) => link.click());
  await page.waitForURL("**/second");
  await shopper.bubble(answered).waitFor();
  assert.equal(await launcherCount(shopper), 1);
  await shopper.write("Still the same chat");
  await shopper.bubble("Answer to: Still the same chat").waitFor();
  return (await frame.evaluate(() => window.sameDocument).catch(() => false)) ? "same frame" : "new frame";
}

const globals = [
  {
    name: "object-prototype-polluted",
    script: () => {
      Object.prototype.extend = (other) => Object.assign({}, other);
      Object.prototype.isEmpty = false;
      Object.prototype["not a name"] = "1";
      Object.prototype.locale = "xx";
      Object.prototype.hidden = true;
    },
  },
  {
    name: "array-tojson",
    theme: ITEM,
    script: () => {
      Array.prototype.toJSON = () => "broken";
      String.prototype.toJSON = () => "broken";
      Object.prototype.toJSON = () => "broken";
    },
  },
  {
    name: "dom-clobbering-frozen-throwing",
    theme: SMALL,
    foot:
      '<a id="deskbell"></a><form id="config"><input name="open"></form><form name="currentScript"><input name="dataset"></form>' +
      '<img name="referrer" alt=""><img name="hidden" alt=""><a id="navigation"></a><a id="visualViewport"></a><i id="top"></i>',
    script: () => {
      for (const one of [Object, Array, Function, String, Promise, Element, Node, EventTarget])
        Object.freeze(one.prototype);
      for (const name of ["localStorage", "sessionStorage", "indexedDB"])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("denied", "SecurityError");
          },
        });
    },
  },
  {
    name: "built-ins-replaced",
    script: () => {
      const { addEventListener } = EventTarget.prototype;
      EventTarget.prototype.addEventListener = function add(type, fn, how) {
        return addEventListener.call(this, type, fn, how);
      };
      window.fetch = () => Promise.reject(new Error("not here"));
      JSON.stringify = () => "{}";
      JSON.parse = () => ({});
      delete window.requestIdleCallback;
      window.Worker = undefined;
    },
  },
  {
    name: "no-websocket",
    theme: ITEM,
    script: () => {
      delete window.WebSocket;
      delete window.BroadcastChannel;
    },
    // And no network that lets one through: the panel goes over to the event stream.
    prepare: ({ page }) => page.routeWebSocket("**/v1/shopper/socket", (socket) => socket.close({ code: 1011 })),
    patience: 30_000,
  },
];

const documents = [
  { name: "rtl", change: (html) => html.replace('lang="en"', 'lang="ar" dir="rtl"'), lang: "ar" },
  { name: "base-href", theme: ITEM, head: '<base href="https://elsewhere.example/deep/">', change: absolute },
  { name: "quirks-mode", theme: SMALL, change: (html) => html.replace(/<!doctype html>/i, "") },
  {
    name: "gbk",
    type: "text/html; charset=gbk",
    change: (html) => html.replace('<meta charset="utf-8" />', "").replace("Shop in style", "@@"),
    // 你好 in GBK.
    encode: (html) => Buffer.from(html.replaceAll("©", "(c)").replace("@@", "\xc4\xe3\xba\xc3"), "latin1"),
  },
  {
    name: "xhtml",
    isXml: true,
    type: "application/xhtml+xml; charset=utf-8",
    page: () =>
      '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>Old but valid</title></head><body><h1>Shop</h1></body></html>',
  },
  {
    name: "snippet-twice",
    theme: ITEM,
    snippet: ({ tag }) => `${tag}></script>${tag}></script>`,
    act: async ({ shopper }) => assert.equal(await launcherCount(shopper), 1),
  },
  {
    name: "late-injection",
    theme: SMALL,
    snippet: ({ chat, key }) =>
      `<script>addEventListener("load",()=>setTimeout(()=>{let s=document.createElement("script");s.src="${chat}/w/${key}.js";document.head.append(s)},700))</script>`,
  },
  {
    name: "body-replaced",
    theme: ITEM,
    foot: '<button id="swap" onclick="let b=document.createElement(`body`);b.innerHTML=`<h1>Another body</h1>`;document.body=b">Swap</button>',
    act: async ({ shopper, answered }) => {
      await shopper.page.locator("#swap").evaluate((button) => button.click());
      await shopper.page.getByText("Another body").waitFor();
      await shopper.bubble(answered).waitFor();
      assert.equal(await launcherCount(shopper), 1);
    },
  },
];

/** Addresses that a `<base>` must not touch. */
function absolute(html) {
  return html.replace(/(href|src)="\/(theme|lib|picture)/g, '$1="//HOST/$2');
}

const frames = [
  {
    name: "in-a-320px-frame",
    frame: { width: 320, height: 560 },
    page: (rest) =>
      rest
        ? undefined
        : '<html lang="en"><head><title>Outside</title></head><body><iframe src="./inside" style="width:320px;height:560px;border:0;margin:30px"></iframe></body></html>',
  },
  {
    name: "modal-traps-focus",
    theme: ITEM,
    foot: '<div id="modal" role="dialog" style="position:fixed;top:80px;left:80px;background:#fff;padding:20px;z-index:9999"><input id="name" aria-label="Newsletter"><button>Join</button></div>',
    script: () => {
      window.keys = 0;
      addEventListener("keydown", () => window.keys++, true);
      document.addEventListener("focusin", ({ target }) => {
        if (!document.querySelector("#modal")?.contains(target)) document.querySelector("#name")?.focus();
      });
    },
    act: async ({ shopper }) => {
      const before = await shopper.page.evaluate(() => window.keys);
      await shopper.composer.click();
      await shopper.page.keyboard.type("/ab typed here");
      await until(
        "the text is in the composer",
        async () => (await shopper.composer.inputValue()) === "/ab typed here",
      );
      assert.equal(await shopper.page.locator("#name").inputValue(), "");
      assert.equal(await shopper.page.evaluate(() => window.keys), before, "the shop saw what was typed in the chat");
    },
  },
  {
    name: "spa",
    theme: SMALL,
    act: async ({ shopper, answered }) => {
      for (const at of ["one", "two", "three"])
        await shopper.page.evaluate((to) => history.pushState({}, "", `./${to}`), at);
      await shopper.page.goBack({ waitUntil: "commit" });
      await shopper.bubble(answered).waitFor();
      assert.equal(await launcherCount(shopper), 1);
      assert.ok(await shopper.page.evaluate(() => /native code/.test(String(history.pushState))));
    },
  },
];

export const troubles = [...plain, ...policies, ...styles, ...libraries, ...globals, ...documents, ...frames];
