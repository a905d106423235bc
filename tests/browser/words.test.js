// The console in its other languages: no English word is left, the page runs as the language does, nothing stands out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { leftOver } from "./house/console-words.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };
const languages = [
  ["ar", "rtl"],
  ["de", "ltr"],
  ["zh-CN", "ltr"],
];
let page;
let conversation;

const go = (path) => page.goto(`${here.demo.origin}${path}`);

/** Looks at a page wide and narrow. */
async function judge(tag, dir, what, { judged } = {}) {
  const { lang, dir: runs } = await page.evaluate(() => {
    const { lang, dir } = document.documentElement;
    return { lang, dir };
  });
  assert.deepEqual([lang, runs], [tag, dir], what);
  assert.deepEqual(await leftOver(page, tag), [], `${what} in ${tag}`);
  for (const [name, viewport] of [
    ["wide", wide],
    ["narrow", narrow],
  ]) {
    await page.setViewportSize(viewport);
    const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
    assert.ok(beyond <= 0, `${what} in ${tag} is ${beyond} px too wide in ${viewport.width}`);
    if (judged) assert.deepEqual(await axe(page), [], `${what} in ${tag}, ${name}`);
    await picture(page, `words-${tag}-${what.replaceAll(/\W+/g, "-")}-${name}`);
  }
  await page.setViewportSize(wide);
}

async function signIn(password) {
  await page.locator("#email").fill(here.demo.person("hugo").email);
  await page.locator("#password").fill(password);
  await page.locator("form button").click();
}

for (const [tag, dir] of languages) {
  test(`the sign-in page speaks the browser's language: ${tag}`, async () => {
    const context = await here.context(here.desks, { locale: tag, viewport: wide });
    page = await context.newPage();
    await go("/console/login");
    await judge(tag, dir, "sign in", { judged: true });
    await signIn("wrong");
    await page.locator("#problem").waitFor();
    await judge(tag, dir, "signed in wrongly");
    await signIn(here.demo.person("hugo").password);
    await page.waitForURL("**/console/inbox/**");
    if (tag === "ar") return;
    // What they chose goes before what their browser says.
    assert.equal(
      await page.locator("html").getAttribute("lang"),
      languages[languages.findIndex(([one]) => one === tag) - 1][0],
    );
    await go("/console/me");
    await page.locator("#locale").selectOption(tag);
    await page.locator(".below button").click();
    await page.waitForURL("**/console/me?saved=1");
    await judge(tag, dir, "settings of one's own");
  });

  test(`lists and a conversation have no English left: ${tag}`, async () => {
    await go("/console/inbox/closed");
    await judge(tag, dir, "empty inbox", { judged: true });
    if (!conversation) {
      const shopper = await here.shopper();
      await (await shopper.visit(here.demo.known.shop_url)).open();
      await shopper.begin("Zwölf Lampen?", { name: "Jörg Möller" });
      await go("/console/inbox/waiting");
      await page.locator("#rows a.row", { hasText: "Jörg" }).click();
      await page.waitForURL("**/console/c/**");
      conversation = new URL(page.url()).pathname;
      await judge(tag, dir, "waiting conversation");
      await page.locator("form[action$='/claim'] button").first().click();
      await page.locator(".write.reply textarea").waitFor();
    }
    await go(conversation);
    await page.locator(".log .text", { hasText: "Lampen" }).waitFor();
    await judge(tag, dir, "conversation", { judged: true });
    await go(`${conversation}?panel=context`);
    await judge(tag, dir, "what is known of the shopper");
  });

  test(`a refusal is said in the agent's language, on the page and to its script: ${tag}`, async () => {
    const sent = async (accept) => {
      const answer = await page.request.post(`${here.demo.origin}${conversation}/transfer`, {
        form: { to: "nowhere" },
        headers: { accept, origin: here.demo.origin },
      });
      return [answer.status(), await answer.text()];
    };
    const [status, json] = await sent("application/json");
    assert.equal(status, 422);
    const { code, message } = JSON.parse(json).error;
    assert.equal(code, "bad_request");
    assert.notEqual(message, "Choose a team or a colleague.");
    const [, html] = await sent("text/html");
    assert.ok(html.includes(message), message);
    const nowhere = await page.request.get(`${here.demo.origin}/console/nowhere`, {
      headers: { accept: "application/json" },
    });
    const lost = (await nowhere.json()).error;
    assert.equal(lost.code, "not_found");
    assert.notEqual(lost.message, "There is nothing here, or it is not yours.");
    await go("/console/nowhere");
    assert.ok((await page.locator("main").textContent()).includes(lost.message));
    await judge(tag, dir, "nothing here");
  });

  test(`the other pages of agents have no English left: ${tag}`, async () => {
    for (const path of ["wall", "tickets", "team", "keys", "customers"]) {
      await go(`/console/${path}`);
      await judge(tag, dir, path, { judged: path === "wall" || path === "customers" });
    }
    for (const path of ["rooms", "rooms/mentions", "visitors"]) {
      await go(`/console/${path}`);
      await judge(tag, dir, path, { judged: true });
    }
    await go("/console/rooms");
    await page.locator("#rooms a.row").nth(1).click();
    await page.locator(".write.room").waitFor();
    await judge(tag, dir, "room", { judged: true });
    await go("/console/customers");
    await page.locator(".hits a").first().click();
    await page.waitForURL("**/console/customers/*");
    await judge(tag, dir, "customer", { judged: true });
  });

  test(`owners' pages have no English left, with a mistake in a form too: ${tag}`, async () => {
    await go("/admin/sites");
    await judge(tag, dir, "sites");
    const site = new URL(
      await page
        .locator(".tickets a")
        .first()
        .evaluate(({ href }) => href),
    ).pathname;
    for (const part of ["", "/routing", "/teams", "/files", "/orders", "/check"]) {
      await go(`${site}${part}`);
      await judge(tag, dir, `site${part}`);
    }
    await go(`${site}/widget`);
    await judge(tag, dir, "widget", { judged: true });
    await page.locator("#color").fill("#ffd400");
    const said = page.locator("#legibility");
    await until("the preview judges the colour", async () => (await said.textContent()).includes("#ffd400"));
    await page.locator("#y").fill("999");
    await page.locator(".below button").click();
    await page.locator("#y-problem").waitFor();
    await judge(tag, dir, "widget with a mistake", { judged: true });
    await go(`${site}/teams`);
    await page.locator(".tickets a", { hasText: "Products" }).click();
    await page.locator("#chats_max").fill("many");
    await page.locator("#overflow_after").fill("5 s");
    await page.locator(".below button").click();
    await page.locator("#chats_max-problem").waitFor();
    await judge(tag, dir, "team with mistakes");
    await go("/admin/roles");
    await judge(tag, dir, "roles", { judged: true });
    await go("/admin/audit");
    await page.locator(".audit summary").first().click();
    await judge(tag, dir, "audit", { judged: true });
    await go("/admin/privacy?by=nobody@post.example");
    await judge(tag, dir, "privacy");
    await go("/console/customers");
    await page.locator(".hits a, .customers a").first().click();
    await page.locator('a[href^="/admin/privacy/"]').click();
    await page.locator("main button.danger").waitFor();
    await judge(tag, dir, "privacy of a person");
    await go(`${site}/privacy`);
    await page.locator("#days").fill("never");
    await page.locator(".below button").click();
    await page.locator("#days-problem").waitFor();
    await judge(tag, dir, "keeping with a mistake");
    await go("/admin/webhooks");
    await judge(tag, dir, "webhooks");
    await page.locator("#url").fill("http://10.0.0.1");
    await page.locator(".below button").click();
    await page.locator("#url-problem").waitFor();
    await judge(tag, dir, "webhooks with a mistake");
    // Nobody listens there.
    await page.locator("#url").fill(`http://127.0.0.1:9/${"hook".repeat(40)}`);
    await page.locator(".below button").click();
    await page.locator("#secret").waitFor();
    await judge(tag, dir, "webhook with its secret", { judged: true });
    await page.locator("form[action$='/test'] button").click();
    await page.locator(".page > .problem[role=alert]").waitFor();
    await judge(tag, dir, "webhook that cannot be reached", { judged: true });
    await page.locator("main .ends summary").click();
    await page.locator("form[action$='/remove'] button").click();
    await page.waitForURL("**/admin/webhooks");
    await go("/admin/people");
    await judge(tag, dir, "people");
    await page.locator(".tickets a").first().click();
    await page.locator("#capacity").waitFor();
    await judge(tag, dir, "person");
    await go("/admin/tags");
    await judge(tag, dir, "tags", { judged: true });
    await go("/admin/tags");
    await judge(tag, dir, "tags");
    await go("/admin/blocklist");
    await judge(tag, dir, "blocklist");
    await go("/admin/letters");
    await judge(tag, dir, "letters");
    await go(`${site}/check`);
    await page.locator("#url").fill(`${here.demo.known.shop_url}/`);
    await page.locator("form.block button.primary").click();
    await page.locator("#findings-title, #url-problem").waitFor();
    await judge(tag, dir, "checked");
  });
}

test("what points somewhere points the other way in Arabic", async () => {
  await go("/console/me");
  await page.locator("#locale").selectOption("ar");
  await page.locator(".below button").click();
  await page.waitForURL("**/console/me?saved=1");
  await go(conversation);
  const rail = await page.locator("nav.rail").boundingBox();
  assert.ok(rail.x > wide.width / 2, "the rail stands where reading begins");
  await page.setViewportSize(narrow);
  const back = page.locator(".thread .back svg");
  await back.waitFor();
  assert.match(
    await back.evaluate((node) => `${getComputedStyle(node).scale} ${getComputedStyle(node).transform}`),
    /-1/,
  );
});

nothingWentWrong(here);
