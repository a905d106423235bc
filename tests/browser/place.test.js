// Keeping a place in line, as a shopper lives it: the address, the closed tab, the letter, the link, the chat.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Shopper } from "./house/shopper.js";
import { until } from "./house/until.js";

const here = scene();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** Tells the widget this place in line instead of the true one. */
async function stand(page, position, wait) {
  await page.routeWebSocket("**/v1/shopper/socket", (widget) => {
    const server = widget.connectToServer();
    server.onMessage((text) => {
      const frame = JSON.parse(text);
      widget.send(frame.type === "queue" ? JSON.stringify({ ...frame, position, wait }) : text);
    });
  });
}

async function waiting(name, how, prepare, email) {
  const shopper = await here.shopper(how);
  await prepare?.(shopper.page);
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Is the cedar box waterproof?", { name, email });
  await shopper.panel.locator("#instead button").first().waitFor();
  return shopper;
}

const bar = ({ panel }) => panel.locator("#instead");

const button = (shopper) => bar(shopper).getByRole("button", { name: "Keep my place" });

async function fill(shopper, email) {
  await bar(shopper).getByLabel("E-mail").fill(email);
  await button(shopper).click();
}

async function keep(shopper, email) {
  await button(shopper).click();
  await fill(shopper, email);
}

/** The letter to this address in the demo's mailbox: where it is, and the link in it. */
function letterTo(email) {
  const look = async () => {
    const list = await (await fetch(`${here.demo.origin}/demo/mail`)).text();
    for (const [path] of list.matchAll(/\/demo\/mail\/[0-9a-f-]{36}/g)) {
      const text = await (await fetch(here.demo.origin + path)).text();
      const link = text.includes(email) && text.match(/http[^"<\s]+\/place\/[\w-]+/);
      if (link) return { path, link: link[0] };
    }
    return null;
  };
  return until(`the letter to ${email}`, look, { within: 40_000 });
}

/** One tap in the letter, as it looks: the window it opens. */
async function tapped(context, { path }) {
  const mail = await context.newPage();
  await mail.goto(here.demo.origin + path);
  await picture(mail, "place-letter");
  const [page] = await Promise.all([
    context.waitForEvent("page"),
    mail.frameLocator("iframe").getByRole("link", { name: "Back to my chat" }).press("Enter"),
  ]);
  return page;
}

// While nobody is on duty everybody waits.
for (const [how, options, language] of [
  ["wide light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }, "en"],
  ["wide dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }, "en"],
  ["phone dark", { ...phone, colorScheme: "dark" }, "de"],
  ["phone rtl", { ...phone, colorScheme: "light" }, "ar"],
  ["phone chinese", { ...phone, colorScheme: "light" }, "zh-CN"],
]) {
  test(`the line and the form are readable: ${how}`, async () => {
    const stands = (page) => stand(page, 3, { low_s: 240, high_s: 360 });
    const shopper = await waiting(`Lee ${how}`, options, stands, "lee@home.example");
    const subtitle = shopper.panel.locator("#subtitle");
    await until("the range is shown", async () => /4.6/.test(await subtitle.textContent()));
    assert.equal(await subtitle.textContent(), "You are number 3 in line, about 4–6 minutes");
    if (language !== "en") {
      await shopper.page.evaluate((to) => window.deskbell("setLocale", to), language);
      await shopper.panel.locator(`html[lang=${language}] #instead button`).first().waitFor();
      await until("the range is shown", async () => /[4٤].?[6٦]/.test(await subtitle.textContent()));
    }
    await picture(shopper.page, `place-line-${how.replace(" ", "-")}`);
    await bar(shopper).locator("button").first().click();
    assert.equal(await bar(shopper).locator("input").inputValue(), "lee@home.example", "what is known is filled in");
    await picture(shopper.page, `place-form-${how.replace(" ", "-")}`);
    const email = `lee-${how.replace(" ", "-")}@home.example`;
    await bar(shopper).locator("input").fill(email);
    await bar(shopper).locator("button.primary").click();
    await bar(shopper).getByText(email).waitFor();
    await picture(shopper.page, `place-kept-${how.replace(" ", "-")}`);
    assert.deepEqual(await axe(shopper.page, { within: "deskbell-chat", framed: true }), []);
    await shopper.panel.locator("#end").click();
    await shopper.panel.locator("#confirm button").first().click();
    await shopper.ended.locator("h2").waitFor();
  });
}

test("from the closed tab to the chat on a phone", async () => {
  const first = await waiting("Kim Keeps");
  await keep(first, "nobody");
  await bar(first).getByText("Please enter an address like").waitFor();
  const cut = (route) => route.abort();
  await first.page.route("**/v1/shopper/place", cut);
  await fill(first, "kim@home.example");
  await bar(first).getByText("Not sent").waitFor();
  assert.equal(await bar(first).getByLabel("E-mail").inputValue(), "kim@home.example", "what was typed stays");
  await picture(first.page, "place-failed");
  await first.page.unroute("**/v1/shopper/place", cut);
  await button(first).click();
  await bar(first)
    .getByText("You may close this page. We will write to kim@home.example when it is your turn.")
    .waitFor();
  await picture(first.page, "place-kept");
  // It is still so after a reload, can be taken back, and given again.
  await first.page.reload();
  await bar(first).getByText("We will write to kim@home.example").waitFor();
  await bar(first).getByRole("button", { name: "Take back" }).click();
  await keep(first, "kim@home.example");
  await bar(first).getByText("We will write to kim@home.example").waitFor();
  await first.page.close();

  const letter = await letterTo("kim@home.example");
  const desk = await here.agent("ana");
  await (await desk.signIn()).beAvailable();
  const mail = await here.context(here.shops, phone);
  const page = await tapped(mail, letter);
  const back = new Shopper(page);
  await back.bubble("Is the cedar box waterproof?").waitFor();
  await desk.openChat("Kim Keeps");
  await desk.say("It is, since last year.");
  await back.bubble("It is, since last year.").waitFor();
  await back.composer.fill("Lovely, thank you");
  await back.panel.getByRole("button", { name: "Send", exact: true }).click();
  await desk.entry("Lovely, thank you").waitFor();
  await picture(page, "place-back-on-a-phone");
  // Closed, the page offers the chat again; tapped again, the link leads to the same chat.
  await back.panel.getByRole("button", { name: "Close chat" }).click();
  await page.getByRole("button", { name: "Open the chat" }).click();
  await back.bubble("Lovely, thank you").waitFor();
  await page.goto(letter.link);
  await back.bubble("Lovely, thank you").waitFor();
  await desk.close();
  await back.ended.locator("h2").waitFor();
  await page.goto(letter.link);
  await page.getByRole("heading", { name: "This link has expired" }).waitFor();
  await picture(page, "place-expired");
});

test("a link that is nobody's says so in the reader's language", async () => {
  for (const [locale, title, scheme] of [
    ["en-GB", "This link has expired", "light"],
    ["de-DE", "Dieser Link ist abgelaufen", "dark"],
    ["zh-CN", "此链接已失效", "light"],
    ["ar-EG", "انتهت صلاحية هذا الرابط", "dark"],
  ]) {
    const page = await (await here.context(here.shops, { ...phone, locale, colorScheme: scheme })).newPage();
    const answer = await page.goto(`${here.demo.origin}/w/${here.demo.known.site_key}/place/${"x".repeat(43)}`);
    assert.equal(answer.status(), 404);
    await page.getByRole("heading", { name: title }).waitFor();
    assert.ok((await page.getByRole("link").first().getAttribute("href")).startsWith("http"));
    assert.deepEqual(await axe(page), []);
    await picture(page, `place-nobodys-${locale}`);
  }
});

nothingWentWrong(here);
