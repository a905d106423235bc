// Twelve languages: nothing is missing in any, each counts as its speakers do, runs in its direction, and fits.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startBot } from "./house/bot.js";
import { picture } from "./house/browser.js";
import { unreadable } from "./house/fits.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";
import { holes, languages, pseudoPage } from "./house/words.js";

const english = languages.get("en");
const [base, plural] = [(key) => key.split("_")[0], (key) => key.split("_")[1]];
const TAGS = ["en", "zh-CN", "zh-TW", "es", "pt-BR", "de", "fr", "it", "ja", "ko", "ru", "ar"];
const WINDOWS = [
  ["400", ":not(:modal)", { width: 1280, height: 860 }],
  ["320", ":modal", { width: 320, height: 568 }],
];

const here = scene();

test("the languages are the promised twelve", () => {
  assert.deepEqual([...languages.keys()].sort(), [...TAGS].sort());
});

describe("each language", () => {
  for (const [tag, strings] of languages) {
    test(`${tag} has every string, every plural form and every hole`, () => {
      const rules = new Intl.PluralRules(tag);
      const { pluralCategories } = rules.resolvedOptions();
      const wanted = Object.keys(english).flatMap((key) =>
        plural(key) ? pluralCategories.map((form) => `${base(key)}_${form}`) : [key],
      );
      assert.deepEqual(Object.keys(strings).sort(), [...new Set(wanted)].sort());
      for (const [key, text] of Object.entries(strings)) {
        assert.ok(text.trim() === text && text, key);
        if (!plural(key)) assert.equal(holes(text), holes(english[key]), key);
        else if (standsForMany(rules, plural(key))) assert.equal(holes(text), "{n}", key);
      }
    });
  }
});

/** A form that several numbers share must name the number. */
const standsForMany = (rules, form) =>
  Array.from({ length: 200 }, (_, n) => rules.select(n)).filter((one) => one === form).length !== 1;

/** A shopper in line; `stand(position, minutes)` is told to the widget in place of the truth. */
async function inLine(tag, name) {
  const shopper = await here.shopper();
  let tell;
  await shopper.page.routeWebSocket("**/v1/shopper/socket", (widget) => {
    const server = widget.connectToServer();
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.type === "queue") tell ??= (told) => widget.send(JSON.stringify({ ...frame, ...told }));
      else widget.send(text);
    });
  });
  await shopper.visit(here.demo.known.shop_url);
  await shopper.page.evaluate((to) => window.deskbell("setLocale", to), tag);
  await shopper.open();
  await shopper.panel.locator(`html[lang=${tag}]`).waitFor({ state: "attached" });
  await shopper.start.waitFor();
  const tooWide = await unreadable(shopper);
  await shopper.start.locator("input").first().fill(name);
  await shopper.start.locator("textarea").fill("Hello?");
  await shopper.start.locator("button.primary").click();
  await shopper.bubble("Hello?").waitFor();
  await until("the line is told", () => tell);
  const stand = (position, minutes) => tell({ position, wait: { low_s: minutes * 60, high_s: minutes * 60 } });
  return { shopper, stand, tooWide };
}

/** What the panel should say, by the browser's own rules and the strings of the project. */
const sentence = (strings, [form, n, position]) => {
  const wait = (strings[`wait_${form}`] ?? strings.wait_other).replace("{n}", n);
  return strings.both.replace("{a}", strings.number.replace("{n}", position)).replace("{b}", wait);
};

const bare = (text) => text.replaceAll(/[\u2066-\u2069]/g, "");

describe("spoken in the panel", { concurrency: 3 }, () => {
  for (const tag of TAGS) {
    test(tag, async () => {
      const { shopper, stand, tooWide } = await inLine(tag, `Pia ${tag}`);
      const frame = await shopper.frame();
      const line = shopper.panel.locator("#subtitle");
      for (const n of [1, 2, 3, 11, 100]) {
        const how = await frame.evaluate(
          ([lang, count]) => {
            const numbers = new Intl.NumberFormat(
              navigator.languages.find((one) => one.split("-")[0] === lang.split("-")[0]) ?? lang,
            );
            return [new Intl.PluralRules(lang).select(count), numbers.format(count), numbers.format(7)];
          },
          [tag, n],
        );
        stand(7, n);
        const wanted = sentence(languages.get(tag), how);
        await until(`“${wanted}” is said`, async () => bare(await line.textContent()) === wanted);
      }
      tooWide.push(...(await unreadable(shopper)));
      await picture(shopper.page, `language-${tag}`);
      assert.equal(await frame.evaluate(() => getComputedStyle(document.body).direction), tag === "ar" ? "rtl" : "ltr");
      await shopper.write("مرحبا, is this right?");
      await shopper.write("Is this right, مرحبا?");
      for (const [body, direction] of [
        ["مرحبا, is this right?", "rtl"],
        ["Is this right, مرحبا?", "ltr"],
      ]) {
        const bubble = shopper.bubble(body);
        await bubble.waitFor();
        assert.equal(await bubble.evaluate((node) => getComputedStyle(node).direction), direction, body);
      }
      await shopper.page.evaluate(() => window.deskbell("open", { view: "ticket" }));
      await shopper.panel.locator("#sheet form").waitFor();
      tooWide.push(...(await unreadable(shopper)));
      assert.deepEqual(tooWide, []);
      assert.ok(!/undefined|[{}]/.test(await shopper.panel.locator("#panel").textContent()));
      await shopper.page.close();
    });
  }
});

test("the page's own language comes first, then the browser's, then the site's", async () => {
  const shop = here.demo.known.shop_url;
  const spoken = async (lang, locale, call) => {
    const shopper = await here.shopper({ locale });
    await shopper.page.addInitScript((to) => {
      const speak = () => document.documentElement.setAttribute("lang", to);
      if (window === top) document.addEventListener("readystatechange", speak);
    }, lang);
    await shopper.visit(shop);
    if (call) await shopper.page.evaluate((to) => window.deskbell("setLocale", to), call);
    await shopper.open();
    const found = await shopper.panel.locator("html").getAttribute("lang");
    await shopper.page.close();
    return found;
  };
  assert.equal(await spoken("fr-CA", "ja-JP"), "fr");
  assert.equal(await spoken("nl", "ja-JP"), "ja");
  assert.equal(await spoken("", "zh-HK"), "zh-TW");
  assert.equal(await spoken("nl", "fi-FI"), "en");
  assert.equal(await spoken("fr", "ja-JP", "pt-PT"), "pt-BR");
});

/** The panel in a language that nobody speaks: what the server sends, with other strings in it. */
async function speakPseudo(page) {
  let replaced = 1;
  await page.route("**/w/panel?**", async (route) => {
    const response = await route.fetch();
    const english = await response.text();
    const body = pseudoPage(english);
    replaced = body.length / english.length;
    await route.fulfill({ response, body });
  });
  return () => replaced;
}

test("words that are far too long fit in every state, 400 and 320 pixels wide", async () => {
  const shopper = await here.shopper();
  const { page, panel: frame } = shopper;
  const spoken = await speakPseudo(page);
  const faults = [];
  const look = async (state) => {
    for (const [how, kind, viewport] of WINDOWS) {
      await page.setViewportSize(viewport);
      await page.locator(`deskbell-chat dialog${kind}`).waitFor();
      faults.push(...(await unreadable(shopper)).map((fault) => `${state}, ${how}: ${fault}`));
      await picture(page, `pseudo-${how}-${state}`);
    }
  };
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.start.waitFor();
  assert.ok(spoken() > 1.01, "the words are longer");
  await look("start");
  await shopper.start.locator("input[type=email]").fill("no address");
  await shopper.start.locator("button.primary").click();
  await shopper.start.locator("[aria-invalid]").first().waitFor();
  await look("mistakes");
  await shopper.start.locator("input[type=email]").fill("");
  await shopper.start.locator("textarea").fill("Hello?");
  await shopper.start.locator("button.primary").click();
  const bar = frame.locator("#hold");
  await bar.locator("button").first().waitFor();
  await look("queued");
  await bar.locator("button").first().click();
  await bar.locator("input").fill("pseudo@home.example");
  await look("keep");
  await bar.locator("button.primary").click();
  await bar.getByText("pseudo@home.example").waitFor();
  await look("kept");
  // All of them: whoever was in line before goes first.
  for (const name of ["ana", "ben", "chen", "dalia", "emil", "farah"]) await startBot(here, name);
  await shopper.bubble("Answer to: Hello?").waitFor();
  await look("chat");
  await page.context().setOffline(true);
  await shopper.strip.waitFor();
  await shopper.write("From a tunnel");
  await look("offline");
  await page.context().setOffline(false);
  await shopper.bubble("Answer to: From a tunnel").waitFor();
  await frame.locator("#end").click();
  await look("asks");
  await frame.locator("#confirm button").first().click();
  await shopper.ended.locator(".rate").nth(3).click();
  await look("ended");
  await shopper.ended.locator("#rating button").click();
  await shopper.ended.locator("p.thanks").waitFor();
  await look("rated");
  await page.evaluate(() => window.deskbell("open", { view: "ticket" }));
  const letter = frame.locator("#sheet form");
  await letter.waitFor();
  await letter.locator("button.primary").click();
  await letter.locator("[aria-invalid]").first().waitFor();
  await look("letter");
  await letter.locator("input[type=email]").fill("pseudo@home.example");
  await letter.locator("textarea").fill("Please write");
  await letter.locator("button.primary").click();
  await frame.locator("#sheet .center h2").waitFor();
  await look("thanks");
  assert.deepEqual(faults, []);
});

test("words that are far too long fit when nothing works", async () => {
  const faults = [];
  for (const [state, prepare] of [
    ["blocked", (page) => page.routeWebSocket("**/v1/shopper/socket", (socket) => socket.close({ code: 4003 }))],
    ["error", (page) => page.route("**/v1/shopper/session", (route) => route.fulfill({ status: 404, json: {} }))],
  ]) {
    const shopper = await here.shopper({ viewport: { width: 320, height: 568 } });
    await speakPseudo(shopper.page);
    await prepare(shopper.page);
    await (await shopper.visit(here.demo.known.shop_url)).open();
    await shopper.panel.locator("#desk [role=alert]:visible").waitFor();
    await picture(shopper.page, `pseudo-${state}`);
    faults.push(...(await unreadable(shopper)).map((fault) => `${state}: ${fault}`));
  }
  assert.deepEqual(faults, []);
});

nothingWentWrong(here);
